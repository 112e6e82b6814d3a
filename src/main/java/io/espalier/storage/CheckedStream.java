package io.espalier.storage;

import io.espalier.graph.MalformedModelException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;

/** A stream whose failures, whatever a decoder throws, are those of a damaged file. */
final class CheckedStream extends FilterInputStream {
  private final Function<Exception, MalformedModelException> damage;

  CheckedStream(InputStream in, Function<Exception, MalformedModelException> damage) {
    super(in);
    this.damage = damage;
  }

  @Override
  public int read() {
    try {
      return in.read();
    } catch (IOException | RuntimeException e) {
      throw damage.apply(e);
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    try {
      return in.read(bytes, offset, length);
    } catch (IOException | RuntimeException e) {
      throw damage.apply(e);
    }
  }

  @Override
  public long skip(long count) {
    try {
      return in.skip(count);
    } catch (IOException | RuntimeException e) {
      throw damage.apply(e);
    }
  }
}

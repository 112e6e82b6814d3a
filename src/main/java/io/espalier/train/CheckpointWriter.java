package io.espalier.train;

import io.espalier.prune.Mask;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Writes the parts of a {@link Checkpoint} file, hashing on the way. */
final class CheckpointWriter implements Closeable {
  static final long MAGIC = 0x0a74706b43707345L; // "EspCkpt\n"
  static final int VERSION = 2;

  private final FileChannel file;
  private final MessageDigest digest = sha256();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  private CheckpointWriter(FileChannel file) {
    this.file = file;
  }

  static CheckpointWriter create(Path path) throws IOException {
    CheckpointWriter writer =
        new CheckpointWriter(
            FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE));
    writer.number(MAGIC);
    writer.number(VERSION);
    return writer;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  void number(long value) throws IOException {
    room(Long.BYTES).putLong(value);
  }

  void real(double value) throws IOException {
    room(Double.BYTES).putDouble(value);
  }

  void text(String text) throws IOException {
    bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  void floats(float[] values) throws IOException {
    number(values.length);
    int most = buffer.capacity() / Float.BYTES;
    for (int done = 0; done < values.length; ) {
      int next = Math.min(most, values.length - done);
      ByteBuffer into = room(next * Float.BYTES);
      into.asFloatBuffer().put(values, done, next);
      into.position(into.position() + next * Float.BYTES);
      done += next;
    }
  }

  void bytes(byte[] values) throws IOException {
    number(values.length);
    for (int done = 0; done < values.length; ) {
      int next = Math.min(buffer.capacity(), values.length - done);
      room(next).put(values, done, next);
      done += next;
    }
  }

  /** The elements that are kept, a bit each, in words of 64. */
  void mask(Mask mask) throws IOException {
    number(mask.size());
    for (int word = 0; (long) word << 6 < mask.size(); word++) {
      number(mask.word(word));
    }
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    buffer.flip();
    digest.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
    buffer.clear();
  }

  /** Writes the hash and brings all to the disk. */
  void finish() throws IOException {
    flush();
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    while (hash.hasRemaining()) {
      file.write(hash);
    }
    file.force(true);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

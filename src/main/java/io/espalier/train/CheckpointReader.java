package io.espalier.train;

import io.espalier.graph.MalformedModelException;
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
import java.util.Arrays;

/**
 * Reads the parts of a {@link Checkpoint} file. Nothing is allocated that the rest of the file
 * could not fill.
 */
final class CheckpointReader implements Closeable {
  private static final int HASH = 32;
  private static final int LONGEST_TEXT = 1 << 20;

  private final Path path;
  private final FileChannel file;
  private final MessageDigest digest = CheckpointWriter.sha256();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN).flip();
  private long left;

  private CheckpointReader(Path path, FileChannel file) throws IOException {
    this.path = path;
    this.file = file;
    this.left = file.size() - HASH;
  }

  /**
   * Opens a file.
   *
   * @throws MalformedModelException if it is no checkpoint, or one of another version
   */
  static CheckpointReader open(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      CheckpointReader reader = new CheckpointReader(path, file);
      reader.require(reader.number() == CheckpointWriter.MAGIC, "its first bytes");
      long version = reader.number();
      if (version != CheckpointWriter.VERSION) {
        throw new MalformedModelException(
            "%s: expected a checkpoint of version %d, got %d: resume with the Espalier that made it"
                .formatted(path, CheckpointWriter.VERSION, version));
      }
      return reader;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Throws unless {@code holds}, naming what is wrong. */
  void require(boolean holds, String what) {
    if (!holds) {
      throw damaged(what);
    }
  }

  private MalformedModelException damaged(String what) {
    return new MalformedModelException(
        "%s: the checkpoint is damaged (%s): resume from a copy of it, or train anew"
            .formatted(path, what));
  }

  long number() throws IOException {
    return fill(Long.BYTES).getLong();
  }

  double real() throws IOException {
    return fill(Double.BYTES).getDouble();
  }

  int whole() throws IOException {
    long number = number();
    require(number == (int) number, "a number out of range");
    return (int) number;
  }

  boolean flag() throws IOException {
    long number = number();
    require(number == 0 || number == 1, "a flag");
    return number == 1;
  }

  /** A number of parts of at least 8 bytes each. */
  int count() throws IOException {
    return length(Long.BYTES, "a count");
  }

  private int length(int width, String what) throws IOException {
    long length = number();
    require(
        length >= 0 && length <= (left + buffer.remaining()) / width && length == (int) length,
        what);
    return (int) length;
  }

  String text() throws IOException {
    byte[] bytes = bytes();
    require(bytes.length <= LONGEST_TEXT, "the length of a text");
    return new String(bytes, StandardCharsets.UTF_8);
  }

  byte[] bytes() throws IOException {
    byte[] bytes = new byte[length(1, "the length of bytes")];
    for (int done = 0; done < bytes.length; ) {
      int next = Math.min(buffer.capacity(), bytes.length - done);
      fill(next).get(bytes, done, next);
      done += next;
    }
    return bytes;
  }

  float[] floats() throws IOException {
    float[] values = new float[length(Float.BYTES, "the length of an array")];
    int most = buffer.capacity() / Float.BYTES;
    for (int done = 0; done < values.length; ) {
      int next = Math.min(most, values.length - done);
      ByteBuffer from = fill(next * Float.BYTES);
      from.asFloatBuffer().get(values, done, next);
      from.position(from.position() + next * Float.BYTES);
      done += next;
    }
    return values;
  }

  Mask mask() throws IOException {
    long size = number();
    require(size >= 0 && size <= Integer.MAX_VALUE, "the size of a mask");
    int count = (int) ((size + 63) >>> 6);
    require(count <= (left + buffer.remaining()) / Long.BYTES, "the size of a mask");
    long[] words = new long[count];
    for (int i = 0; i < count; i++) {
      words[i] = number();
    }
    try {
      return Mask.of(size, words);
    } catch (IllegalArgumentException e) {
      throw damaged("a mask");
    }
  }

  /** The buffer with at least {@code bytes} bytes in it. */
  private ByteBuffer fill(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      require(bytes - buffer.remaining() <= left, "it ends too early");
      buffer.compact();
      int from = buffer.position();
      buffer.limit((int) Math.min(buffer.capacity(), from + left));
      while (buffer.position() < bytes) {
        require(file.read(buffer) >= 0, "it ends too early");
      }
      left -= buffer.position() - from;
      digest.update(buffer.duplicate().flip().position(from));
      buffer.flip();
    }
    return buffer;
  }

  /**
   * Checks that all was read and that the hash is right.
   *
   * @throws MalformedModelException if not
   */
  void finish() throws IOException {
    require(left == 0 && !buffer.hasRemaining(), "something follows its end");
    ByteBuffer hash = ByteBuffer.allocate(HASH);
    while (hash.hasRemaining() && file.read(hash) >= 0) {}
    require(Arrays.equals(hash.array(), digest.digest()), "its hash differs");
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

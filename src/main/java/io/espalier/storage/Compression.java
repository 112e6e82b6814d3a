package io.espalier.storage;

import io.airlift.compress.zstd.ZstdInputStream;
import io.airlift.compress.zstd.ZstdOutputStream;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.UnsupportedModelException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;

/**
 * How a whole file is compressed: told by its first bytes when read, by its ending when written.
 */
public enum Compression {
  NONE(""),
  /** Level 9. */
  GZIP(".gz", 0x1f, 0x8b),
  /** Blocks of up to 900,000 bytes. */
  BZIP2(".bz2", 'B', 'Z', 'h'),
  /** By a compressor in Java, about level 3; windows of up to 8 MiB are read. */
  ZSTD(".zst", 0x28, 0xb5, 0x2f, 0xfd),
  /** As {@link XzLevel} says. */
  XZ(".xz", 0xfd, '7', 'z', 'X', 'Z', 0);

  private static final int BUFFER = 1 << 16;
  private static final int LONGEST_MAGIC = 6;
  private static final int XZ_MEMORY_KIB = 128 << 10;

  private final String ending;
  private final byte[] magic;

  Compression(String ending, int... magic) {
    this.ending = ending;
    this.magic = new byte[magic.length];
    for (int i = 0; i < magic.length; i++) {
      this.magic[i] = (byte) magic[i];
    }
  }

  /** The compression that the ending of {@code file} asks for. */
  public static Compression ofName(Path file) {
    String name = file.getFileName().toString();
    for (Compression candidate : values()) {
      if (candidate != NONE && name.endsWith(candidate.ending)) {
        return candidate;
      }
    }
    return NONE;
  }

  /** The compression of the contents of {@code file}. */
  public static Compression ofContents(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(LONGEST_MAGIC);
    }
    for (Compression candidate : values()) {
      int length = candidate.magic.length;
      if (candidate != NONE
          && start.length >= length
          && Arrays.equals(start, 0, length, candidate.magic, 0, length)) {
        return candidate;
      }
    }
    return NONE;
  }

  /** The file's ending, {@code ".gz"}; "" for {@link #NONE}. */
  public String ending() {
    return ending;
  }

  /**
   * The expanded contents of {@code file}.
   *
   * @param limit the most bytes they may have
   * @throws MalformedModelException if the file is damaged
   * @throws UnsupportedModelException if the contents exceed the limit
   */
  public byte[] expand(Path file, long limit) throws IOException {
    ByteArrayOutputStream expanded = new ByteArrayOutputStream();
    byte[] piece = new byte[BUFFER];
    try (InputStream in = open(file)) {
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        if (expanded.size() + (long) count > limit) {
          throw new UnsupportedModelException(
              "%s: expands to more than %d MiB; expand it yourself if you trust it"
                  .formatted(file, limit >> 20));
        }
        expanded.write(piece, 0, count);
      }
    }
    return expanded.toByteArray();
  }

  /**
   * A stream of the expanded contents of {@code file}; whoever reads it counts the bytes.
   *
   * @throws MalformedModelException if the file is damaged, also from what is read of the stream
   */
  InputStream open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    if (this == NONE) {
      return raw;
    }
    Function<Exception, MalformedModelException> damage =
        e -> new MalformedModelException(file + ": a damaged " + ending + " file: " + reason(e), e);
    try {
      return new CheckedStream(reader(raw), damage);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw damage.apply(e);
    }
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? "it ends too early" : e.getMessage();
  }

  private InputStream reader(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP ->
          GzipCompressorInputStream.builder()
              .setInputStream(in)
              .setDecompressConcatenated(true)
              .get();
      case BZIP2 -> new BZip2CompressorInputStream(in, true);
      case ZSTD -> new ZstdInputStream(in);
      case XZ ->
          XZCompressorInputStream.builder()
              .setInputStream(in)
              .setDecompressConcatenated(true)
              .setMemoryLimitKiB(XZ_MEMORY_KIB)
              .get();
    };
  }

  /**
   * A stream that compresses {@code size} bytes into {@code out}; the same input always gives the
   * same bytes. Closing it closes {@code out}.
   */
  OutputStream writer(OutputStream out, long size, XzLevel xz) throws IOException {
    return switch (this) {
      case NONE -> out;
      case GZIP -> {
        GzipParameters parameters = new GzipParameters();
        parameters.setCompressionLevel(9);
        parameters.setBufferSize(BUFFER);
        yield new GzipCompressorOutputStream(out, parameters);
      }
      case BZIP2 -> new BZip2CompressorOutputStream(out, blocks(size));
      case ZSTD -> new ZstdOutputStream(out);
      case XZ ->
          XZCompressorOutputStream.builder()
              .setOutputStream(out)
              .setLzma2Options(xz.options(size))
              .get();
    };
  }

  /** The size of bzip2's blocks, in 100,000 bytes: as large as there is use for. */
  private static int blocks(long size) {
    return (int) Math.min(BZip2CompressorOutputStream.MAX_BLOCKSIZE, 1 + size / 100_000);
  }

  /** Compresses the file {@code from} into a new file {@code to}. */
  public void compress(Path from, Path to) throws IOException {
    long size = Files.size(from);
    try (InputStream in = Files.newInputStream(from);
        OutputStream raw = new BufferedOutputStream(Files.newOutputStream(to), BUFFER);
        OutputStream out = writer(raw, size, XzLevel.toWrite(size))) {
      in.transferTo(out);
    }
  }

  /** What {@link #sizeOf} of so many bytes depends on besides them: as in {@code "xz1"}. */
  public String measure(long size) {
    return switch (this) {
      case NONE -> "";
      case GZIP -> "gz9";
      case BZIP2 -> "bz2";
      case ZSTD -> "zst";
      case XZ -> "xz" + XzLevel.toMeasure(size);
    };
  }

  /**
   * Bytes that {@code file} takes when compressed. For xz that is exact for files of up to 256 KiB;
   * larger ones are measured at preset 1, which takes a fraction of the time and comes out up to
   * some per cent larger.
   */
  public long sizeOf(Path file) throws IOException {
    CountingStream counter = new CountingStream();
    long size = Files.size(file);
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = writer(counter, size, XzLevel.toMeasure(size))) {
      in.transferTo(out);
    }
    return counter.count;
  }

  /** As {@link #sizeOf(Path)}, of bytes in memory. */
  public long sizeOf(ByteBuffer contents) throws IOException {
    CountingStream counter = new CountingStream();
    ByteBuffer rest = contents.duplicate();
    int size = rest.remaining();
    try (OutputStream out = writer(counter, size, XzLevel.toMeasure(size))) {
      byte[] piece = new byte[BUFFER];
      while (rest.hasRemaining()) {
        int count = Math.min(piece.length, rest.remaining());
        rest.get(piece, 0, count);
        out.write(piece, 0, count);
      }
    }
    return counter.count;
  }

  private static final class CountingStream extends OutputStream {
    private long count;

    @Override
    public void write(int one) {
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      count += length;
    }
  }
}

package io.espalier.storage;

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
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.tukaani.xz.LZMA2Options;

/**
 * How a whole file is compressed: told by its first bytes when read, by its ending when written.
 */
public enum Compression {
  NONE(""),
  GZIP(".gz", 0x1f, 0x8b),
  XZ(".xz", 0xfd, '7', 'z', 'X', 'Z', 0);

  private static final int BUFFER = 1 << 16;
  private static final int XZ_PRESET = 6;
  private static final int XZ_PRESET_TO_MEASURE = 1;
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
    return name.endsWith(GZIP.ending) ? GZIP : name.endsWith(XZ.ending) ? XZ : NONE;
  }

  /** The compression of the contents of {@code file}. */
  public static Compression ofContents(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(XZ.magic.length);
    }
    for (Compression candidate : new Compression[] {GZIP, XZ}) {
      int length = candidate.magic.length;
      if (start.length >= length
          && ByteBuffer.wrap(start, 0, length).equals(ByteBuffer.wrap(candidate.magic))) {
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
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        InputStream in = reader(raw)) {
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        if (expanded.size() + (long) count > limit) {
          throw new UnsupportedModelException(
              "%s: expands to more than %d MiB; expand it yourself if you trust it"
                  .formatted(file, limit >> 20));
        }
        expanded.write(piece, 0, count);
      }
    } catch (IOException e) {
      throw new MalformedModelException(file + ": a damaged " + ending + " file: " + reason(e), e);
    }
    return expanded.toByteArray();
  }

  private static String reason(IOException e) {
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
   * same bytes.
   */
  private OutputStream writer(OutputStream out, long size, int xzPreset) throws IOException {
    return switch (this) {
      case NONE -> out;
      case GZIP -> {
        GzipParameters parameters = new GzipParameters();
        parameters.setCompressionLevel(9);
        parameters.setBufferSize(BUFFER);
        yield new GzipCompressorOutputStream(out, parameters);
      }
      case XZ ->
          XZCompressorOutputStream.builder()
              .setOutputStream(out)
              .setLzma2Options(xzOptions(size, xzPreset))
              .get();
    };
  }

  /** A larger dictionary than the input takes memory and time, and brings nothing. */
  private static LZMA2Options xzOptions(long size, int preset) throws IOException {
    LZMA2Options options = new LZMA2Options(preset);
    long needed = Math.max(LZMA2Options.DICT_SIZE_MIN, size);
    options.setDictSize((int) Math.min(options.getDictSize(), needed));
    return options;
  }

  /** Compresses the file {@code from} into a new file {@code to}; xz at preset 6. */
  public void compress(Path from, Path to) throws IOException {
    try (InputStream in = Files.newInputStream(from);
        OutputStream raw = new BufferedOutputStream(Files.newOutputStream(to), BUFFER);
        OutputStream out = writer(raw, Files.size(from), XZ_PRESET)) {
      in.transferTo(out);
    }
  }

  /** What {@link #sizeOf} depends on besides the file: as in {@code "xz1"}. */
  public String measure() {
    return switch (this) {
      case NONE -> "";
      case GZIP -> "gz9";
      case XZ -> "xz" + XZ_PRESET_TO_MEASURE;
    };
  }

  /**
   * Bytes that {@code file} takes when compressed. For xz at preset 1, which takes a quarter of the
   * time of {@link #compress}'s preset 6 and comes out up to some per cent larger.
   */
  public long sizeOf(Path file) throws IOException {
    CountingStream counter = new CountingStream();
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = writer(counter, Files.size(file), XZ_PRESET_TO_MEASURE)) {
      in.transferTo(out);
    }
    return counter.count;
  }

  /** As {@link #sizeOf(Path)}, of bytes in memory. */
  public long sizeOf(ByteBuffer contents) throws IOException {
    CountingStream counter = new CountingStream();
    ByteBuffer rest = contents.duplicate();
    try (OutputStream out = writer(counter, rest.remaining(), XZ_PRESET_TO_MEASURE)) {
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

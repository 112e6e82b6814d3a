package io.espalier.pipeline;

import io.espalier.storage.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Figures of files that take long to find out and so are found out beside other work. */
final class FileFigures implements AutoCloseable {
  private static final int BUFFER = 1 << 20;
  private static final long BZIP2_UP_TO = 16L << 20;

  private final SizeMemo memo = SizeMemo.ofProcess();

  private final ExecutorService workers =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "file-figures");
            thread.setDaemon(true);
            return thread;
          });

  /** What a file takes when compressed, in each way that is found out. */
  record Sizes(Map<Compression, CompletableFuture<Long>> bytes) {
    /** Of a file whose sizes nobody wants to know. */
    static Sizes unknown() {
      return new Sizes(Map.of());
    }

    private static Sizes of(Function<Compression, CompletableFuture<Long>> start, long size) {
      Map<Compression, CompletableFuture<Long>> bytes = new EnumMap<>(Compression.class);
      for (Compression compression : Compression.values()) {
        boolean slow = compression == Compression.BZIP2 && size > BZIP2_UP_TO;
        if (compression != Compression.NONE && !slow) {
          bytes.put(compression, start.apply(compression));
        }
      }
      return new Sizes(bytes);
    }

    /** Waits for one; null if it is not found out. */
    Long of(Compression compression) {
      CompletableFuture<Long> found = bytes.get(compression);
      return found == null ? null : found.join();
    }

    /** Waits until all are found out. */
    void await() {
      CompletableFuture.allOf(bytes.values().toArray(CompletableFuture[]::new)).join();
    }
  }

  /** Starts to compress {@code file}. */
  Sizes sizes(Path file) throws IOException {
    return Sizes.of(compression -> size(file, compression), Files.size(file));
  }

  /** Starts to compress {@code contents}, which must not change. */
  Sizes sizes(ByteBuffer contents) {
    return Sizes.of(compression -> start(() -> compression.sizeOf(contents)), contents.remaining());
  }

  private CompletableFuture<Long> size(Path file, Compression compression) {
    return start(
        () -> {
          String contents = hash(file);
          String measure = compression.measure(Files.size(file));
          OptionalLong known = memo.find(contents, measure);
          if (known.isPresent()) {
            return known.getAsLong();
          }
          long bytes = compression.sizeOf(file);
          memo.remember(contents, measure, bytes);
          return bytes;
        });
  }

  /** Starts to hash {@code file}; lower-case hexadecimal. */
  CompletableFuture<String> sha256(Path file) {
    return start(() -> hash(file));
  }

  private <T> CompletableFuture<T> start(Work<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.run();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        workers);
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /** The hash of a file, lower-case hexadecimal. */
  static String hash(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
    byte[] piece = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        digest.update(piece, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}

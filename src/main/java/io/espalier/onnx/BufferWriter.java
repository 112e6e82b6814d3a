package io.espalier.onnx;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Writes full buffers to a channel and gives empty ones in return. */
final class BufferWriter implements Closeable {
  private final WritableByteChannel channel;
  private final ExecutorService thread;
  private ByteBuffer spare;
  private Future<?> pending = CompletableFuture.completedFuture(null);

  private BufferWriter(WritableByteChannel channel, ExecutorService thread, ByteBuffer spare) {
    this.channel = channel;
    this.thread = thread;
    this.spare = spare;
  }

  /** Writes at once. */
  static BufferWriter direct(WritableByteChannel channel) {
    return new BufferWriter(channel, null, null);
  }

  /** Writes one buffer while {@code spare}, then the other, is filled. */
  static BufferWriter background(WritableByteChannel channel, ByteBuffer spare) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread worker = new Thread(task, "write");
              worker.setDaemon(true);
              return worker;
            });
    return new BufferWriter(channel, thread, spare);
  }

  /** Takes a flipped buffer; the one that is returned may be filled, its limits are anyhow. */
  ByteBuffer write(ByteBuffer full) throws IOException {
    if (thread == null) {
      writeAll(full);
      return full;
    }
    finish();
    ByteBuffer free = spare;
    spare = full;
    pending =
        thread.submit(
            () -> {
              writeAll(full);
              return null;
            });
    return free;
  }

  private void writeAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Waits until everything is written. */
  void finish() throws IOException {
    try {
      pending.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw failed;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while writing", e);
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdown();
    }
  }
}

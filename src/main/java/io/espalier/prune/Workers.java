package io.espalier.prune;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A fixed number of threads for work that divides; parts of a part may divide again. */
final class Workers implements AutoCloseable {
  private static final long PROGRESS_MILLIS = 100;

  private final ForkJoinPool pool;
  private final LongAdder done = new LongAdder();
  private volatile boolean ended;

  Workers(int threads) {
    this.pool = new ForkJoinPool(threads);
  }

  /**
   * Runs {@code work} on the threads and waits for it, telling {@code progress} from this thread
   * now and then how much was {@link #advance}d. What either of them throws is thrown.
   */
  void run(Runnable work, LongConsumer progress) {
    ForkJoinTask<?> task = pool.submit(work);
    while (true) {
      try {
        task.get(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        progress.accept(done.sum());
      } catch (ExecutionException e) {
        throw unchecked(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted");
      }
    }
  }

  /** Does {@code work} to each item, in parallel; called by work that {@link #run} runs. */
  static <T> void each(List<T> items, Consumer<T> work) {
    if (items.size() == 1) {
      work.accept(items.get(0));
      return;
    }
    ForkJoinTask.invokeAll(items.stream().map(item -> new Part<>(item, work)).toList());
  }

  /**
   * Says that this much more is done; work that takes long calls this often.
   *
   * @throws CancellationException once nobody waits for the work any more
   */
  void advance(long amount) {
    done.add(amount);
    if (ended) {
      throw new CancellationException();
    }
  }

  /** Ends the threads, and waits until none of them works any more. */
  @Override
  public void close() {
    ended = true;
    pool.shutdownNow();
    boolean interrupted = false;
    while (true) {
      try {
        if (pool.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException unchecked(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  private static final class Part<T> extends RecursiveAction {
    private static final long serialVersionUID = 1;

    private final transient T item;
    private final transient Consumer<T> work;

    Part(T item, Consumer<T> work) {
      this.item = item;
      this.work = work;
    }

    @Override
    protected void compute() {
      work.accept(item);
    }
  }
}

package io.espalier.train;

import io.espalier.random.RandomStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Which samples make up which batch. Every epoch takes every sample once; the last batch has what
 * is left. Shuffled orders follow from seed and epoch alone. For one thread.
 */
public final class BatchOrder {
  private final int[] samples;
  private final int asked;
  private final int batch;
  private final RandomStream shuffling;
  private int epochOfOrder = -1;
  private int[] order;

  /**
   * Batches of {@code batch} of {@code samples}, or of all where there are fewer.
   *
   * @param shuffling the source of a new order for every epoch; null keeps the order given
   */
  public BatchOrder(int[] samples, int batch, RandomStream shuffling) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected 1 or more samples, got " + batch);
    }
    if (samples.length == 0) {
      throw new IllegalArgumentException("expected samples to train on, got none");
    }
    this.samples = samples.clone();
    this.asked = batch;
    this.batch = Math.min(batch, samples.length);
    this.shuffling = shuffling;
  }

  /** Samples in every batch but the last. */
  public int batch() {
    return batch;
  }

  /** Batches in an epoch. */
  public int batches() {
    return (samples.length - 1) / batch + 1;
  }

  /** What the user should know about the batches, if anything. */
  public Optional<String> note() {
    return asked == batch
        ? Optional.empty()
        : Optional.of(
            "a batch is %s, fewer than the %d asked for"
                .formatted(
                    batch == 1 ? "the only sample" : "all %d samples".formatted(batch), asked));
  }

  /**
   * The samples of a batch, in order.
   *
   * @param epoch from 0
   * @param index of the batch in the epoch, from 0
   */
  public int[] samples(int epoch, int index) {
    if (epochOfOrder != epoch) {
      order = samples.clone();
      if (shuffling != null) {
        shuffling.shuffle(epoch, order);
      }
      epochOfOrder = epoch;
    }
    int from = Math.multiplyExact(index, batch);
    return Arrays.copyOfRange(order, from, Math.min(from + batch, order.length));
  }
}

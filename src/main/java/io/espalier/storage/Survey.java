package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What decides which encoding of a weight is the smallest, found in one pass over its elements. */
final class Survey {
  private final Tensor tensor;
  private final ByteBuffer beginning;
  private final Gaps gaps = new Gaps();
  private final DistinctValues distinct = new DistinctValues();
  private long nonzero;
  private long previous;
  private boolean exactInHalf;
  private Optional<ChannelValues> channels = Optional.empty();

  private Survey(Tensor tensor) {
    this.tensor = tensor;
    this.beginning = Cells.beginning(tensor);
    this.exactInHalf = tensor.dataType() == DataType.FLOAT;
  }

  static Survey of(Tensor tensor) {
    Survey survey = new Survey(tensor);
    Cells.forEachNonzero(tensor, survey::take);
    survey.channels = ChannelValues.find(tensor, survey.beginning, survey.nonzero);
    return survey;
  }

  private void take(long index, long bits) {
    nonzero++;
    gaps.add(index - previous);
    previous = index;
    distinct.add(bits);
    if (exactInHalf) {
      float value = Float.intBitsToFloat((int) bits);
      float half = Floats.fromFloat16(Floats.toFloat16(value));
      exactInHalf = Float.floatToRawIntBits(half) == (int) bits;
    }
  }

  Tensor tensor() {
    return tensor;
  }

  /** The first of its elements, by which patterns are looked for. */
  ByteBuffer beginning() {
    return beginning;
  }

  /** Bytes of one element. */
  int width() {
    return tensor.dataType().bits() / 8;
  }

  long elements() {
    return tensor.shape().elements();
  }

  /** Elements that are not +0. */
  long nonzero() {
    return nonzero;
  }

  /** Distances between elements that are not zero, and of the first one from the start. */
  Gaps gaps() {
    return gaps;
  }

  /**
   * The bits of the values other than zero, ascending as float where they are; absent beyond 256.
   */
  Optional<long[]> values() {
    return distinct.values(tensor.dataType());
  }

  /** The values that channels have, where they have few. */
  Optional<ChannelValues> channels() {
    return channels;
  }

  /** Whether all values are float32 and are the same as float16. */
  boolean exactInHalf() {
    return exactInHalf;
  }

  /**
   * Bytes below which no code gets that says for each element on its own what it is, as frequent as
   * the elements here are: the entropy of the values, each value that is not shared by its bits.
   */
  double entropyBytes() {
    double bits = entropy(elements() - nonzero) + entropy(nonzero);
    Optional<long[]> counts = distinct.counts();
    if (counts.isEmpty()) {
      return (bits + (double) nonzero * tensor.dataType().bits()) / 8;
    }
    long raw = nonzero * tensor.dataType().bits();
    double shared = counts.get().length * (double) tensor.dataType().bits();
    shared += Arrays.stream(counts.get()).mapToDouble(count -> bits(count, nonzero)).sum();
    return (bits + Math.min(raw, shared)) / 8;
  }

  private double entropy(long count) {
    return bits(count, elements());
  }

  private static double bits(long count, long of) {
    return count == 0 ? 0 : -count * Math.log((double) count / of) / Math.log(2);
  }
}

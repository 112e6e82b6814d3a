package io.espalier.train;

import io.espalier.data.Dataset;
import io.espalier.data.Targets;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.runtime.HostTensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** All samples of a data set in memory, as the model takes them, to be put together at will. */
final class SampleTable {
  private static final int CHUNK = 256;

  private final Map<String, Column> columns = new LinkedHashMap<>();
  private final int samples;
  private final Optional<Targets> targets;

  /** The samples of one input, one behind the other. */
  private record Column(DataType type, Shape sample, byte[] bytes, int width) {}

  private SampleTable(int samples, Optional<Targets> targets) {
    this.samples = samples;
    this.targets = targets;
  }

  /**
   * Reads all samples.
   *
   * @throws io.espalier.graph.ModelException if one of them is not a number
   */
  static SampleTable of(Dataset data) {
    SampleTable table = new SampleTable(data.samples(), data.targets());
    int done = 0;
    while (done < data.samples()) {
      int next = Math.min(data.samples(), done + CHUNK);
      Dataset.Batch batch = data.batch(done, next);
      int from = done;
      batch.inputs().forEach((name, tensor) -> table.put(name, tensor, from, batch.samples()));
      done = next;
    }
    return table;
  }

  private void put(String input, Tensor tensor, int from, int count) {
    Column column = columns.computeIfAbsent(input, name -> column(tensor, count));
    ByteBuffer into =
        ByteBuffer.wrap(column.bytes, from * column.width, Math.multiplyExact(count, column.width));
    tensor.read(0, into.slice());
  }

  private Column column(Tensor tensor, int count) {
    long[] dims = tensor.shape().dims();
    int width = Math.toIntExact(tensor.byteSize() / count);
    byte[] bytes = new byte[Math.multiplyExact(width, samples)];
    Shape sample = Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
    return new Column(tensor.dataType(), sample, bytes, width);
  }

  int samples() {
    return samples;
  }

  /** A hash of all samples. */
  String hash() {
    Hash hash = new Hash();
    columns.forEach((input, column) -> hash.add(input).add(column.bytes));
    targets.ifPresent(
        found ->
            hash.add(found.sample().toString())
                .add(
                    IntStream.range(0, samples * found.size())
                        .map(
                            i ->
                                Float.floatToIntBits(
                                    (float) found.at(i / found.size(), i % found.size())))
                        .toArray()));
    return hash.text();
  }

  /** What the samples are judged by. */
  Optional<Targets> targets() {
    return targets;
  }

  Set<String> inputs() {
    return columns.keySet();
  }

  /** A tensor with room for {@code batch} samples of an input. */
  HostTensor room(String input, int batch) {
    Column column = columns.get(input);
    long[] sample = column.sample.dims();
    long[] dims = new long[sample.length + 1];
    dims[0] = batch;
    System.arraycopy(sample, 0, dims, 1, sample.length);
    return HostTensor.of(column.type, Shape.of(dims));
  }

  /** Puts the samples of those numbers into a tensor. */
  void gather(String input, int[] rows, HostTensor into) {
    Column column = columns.get(input);
    ByteBuffer bytes = into.bytes();
    for (int row : rows) {
      bytes.put(column.bytes, row * column.width, column.width);
    }
  }
}

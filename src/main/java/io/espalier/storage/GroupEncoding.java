package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * N:M sparsity: n values of every group, zeros among them where fewer are not zero, and for each
 * group the number of the pattern in which they lie. Decoded by ScatterElements along the axis of
 * the groups; Gather finds the places in a table of the patterns.
 */
record GroupEncoding(Groups groups, ValueCode values, Digits patterns) implements Encoding {

  @Override
  public String name() {
    String form = groups.n() + ":" + groups.m();
    return values.name().isEmpty() ? form : form + ", " + values.name();
  }

  private long laidDown() {
    return groups.count() * groups.n();
  }

  @Override
  public long byteSize() {
    return patterns.byteSize(groups.count()) + values.byteSize(laidDown());
  }

  @Override
  public int nodes() {
    int places = groups.n() == 1 ? 0 : groups.outer() == 1 ? 1 : 2;
    return patterns.nodes(groups.count()) + values.nodes(laidDown()) + 5 + places;
  }

  @Override
  public int parts() {
    return 1 + values.parts();
  }

  @Override
  public long opset() {
    return Math.max(11, Math.max(patterns.opset(), values.opset()));
  }

  @Override
  public long scratchBytes() {
    long places = patterns.scratchPerNumber(DataType.INT32) * groups.count() + 16 * laidDown();
    return places + values.scratchBytes(laidDown());
  }

  @Override
  public Optional<Shape> zeros() {
    return Optional.of(groups.shape());
  }

  @Override
  public Decoding encode(Tensor tensor) {
    byte[] numbers = new byte[Math.toIntExact(groups.count())];
    ValueCode.Column column = values.column(tensor.dataType(), Math.toIntExact(laidDown()));
    new Laying(tensor.bytes(), numbers, column).all();
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value zeros = nodes.zeros(tensor.dataType(), groups.shape().dims());
      Value entries = column.write(nodes, groups.laidDown());
      Map<String, Attribute> along = Map.of("axis", Attribute.of(groups.axis()));
      nodes.last("ScatterElements", along, zeros, places(nodes, numbers), entries);
    };
  }

  /** Where along the axis the values go: [outer, n, groups, inner], in the shape of the values. */
  private Value places(DecodingNodes nodes, byte[] numbers) {
    long along = groups.along();
    Shape shape = Shape.of(groups.outer(), along, groups.inner());
    Value found = patterns.write(nodes, "patterns", numbers, DataType.INT32, shape);
    if (groups.n() > 1) {
      Map<String, Attribute> columns = Map.of("axis", Attribute.of(1));
      found = nodes.call("Gather", columns, nodes.constant(table()), found);
    }
    Value starts = nodes.steps(groups.m(), along, 1);
    Value places = nodes.call("Add", found, starts);
    if (groups.n() > 1 && groups.outer() > 1) {
      Map<String, Attribute> order = Map.of("perm", Attribute.of(1L, 0L, 2L, 3L));
      places = nodes.call("Transpose", order, places);
    }
    return nodes.call("Reshape", places, nodes.ints(groups.laidDown().dims()));
  }

  /** The places of each pattern: [n, patterns]. */
  private Tensor table() {
    long[] all = groups.patterns();
    ByteBuffer places =
        ByteBuffer.allocate(Integer.BYTES * groups.n() * all.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int which = 0; which < groups.n(); which++) {
      for (int i = 0; i < all.length; i++) {
        places.putInt(Long.numberOfTrailingZeros(all[i]));
        all[i] &= all[i] - 1;
      }
    }
    return new ArrayTensor(DataType.INT32, Shape.of(groups.n(), all.length), places.flip());
  }

  /** Lays down the values in the order of {@link #places}. */
  private final class Laying {
    private final ByteBuffer elements;
    private final byte[] numbers;
    private final ValueCode.Column column;
    private final Map<Long, Byte> numberOf = new HashMap<>();
    private final long[] all = groups.patterns();

    Laying(ByteBuffer elements, byte[] numbers, ValueCode.Column column) {
      this.elements = elements;
      this.numbers = numbers;
      this.column = column;
      for (int i = 0; i < all.length; i++) {
        numberOf.put(all[i], (byte) i);
      }
    }

    void all() {
      for (int group = 0; group < numbers.length; group++) {
        numbers[group] = numberOf.get(pattern(group));
      }
      int perOuter = Math.toIntExact(groups.along() * groups.inner());
      for (int first = 0; first < numbers.length; first += perOuter) {
        for (int which = 0; which < groups.n(); which++) {
          for (int group = first; group < first + perOuter; group++) {
            add(group, place(all[numbers[group] & 0xff], which));
          }
        }
      }
    }

    /** The places of what is not zero, and the first other ones up to n. */
    private long pattern(int group) {
      long pattern = 0;
      for (int at = 0; at < groups.m(); at++) {
        pattern |= bits(group, at) == 0 ? 0 : 1L << at;
      }
      for (int missing = groups.n() - Long.bitCount(pattern); missing > 0; missing--) {
        pattern |= Long.lowestOneBit(~pattern);
      }
      return pattern;
    }

    private static int place(long pattern, int which) {
      long left = pattern;
      for (int i = 0; i < which; i++) {
        left &= left - 1;
      }
      return Long.numberOfTrailingZeros(left);
    }

    private void add(int group, int at) {
      column.add(groups.element(group, at), bits(group, at));
    }

    private long bits(int group, int at) {
      return Cells.get(elements, values.width(), (int) groups.element(group, at));
    }
  }
}

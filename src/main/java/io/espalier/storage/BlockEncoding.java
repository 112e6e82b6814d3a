package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;

/**
 * As {@link GapEncoding}, with whole blocks of the weight's matrix in the place of elements: those
 * in which some element is not zero, and the distance of each from the one before. Decoded by
 * CumSum and a ScatterND of the blocks' rows.
 *
 * @param entries blocks that are laid down
 */
record BlockEncoding(Blocks blocks, Shape shape, int entries, Digits distances, ValueCode values)
    implements Encoding {

  @Override
  public String name() {
    String form = blocks.high() + "x" + blocks.wide() + " blocks";
    return values.name().isEmpty() ? form : form + ", " + values.name();
  }

  private long laidDown() {
    return (long) entries * blocks.elements();
  }

  @Override
  public long byteSize() {
    return distances.byteSize(entries) + values.byteSize(laidDown());
  }

  @Override
  public int nodes() {
    return distances.nodes(entries) + values.nodes(laidDown()) + (blocks.high() == 1 ? 4 : 9);
  }

  @Override
  public int parts() {
    return 1 + values.parts();
  }

  @Override
  public long opset() {
    return Math.max(11, Math.max(distances.opset(), values.opset()));
  }

  @Override
  public long scratchBytes() {
    long dense = shape.elements() * values.width();
    long ofBlocks = (40L + 16L * blocks.high()) * entries;
    return dense + ofBlocks + values.scratchBytes(laidDown());
  }

  @Override
  public Optional<Shape> zeros() {
    return Optional.of(Shape.of(blocks.rows() * blocks.across(), blocks.wide()));
  }

  @Override
  public Decoding encode(Tensor tensor) {
    byte[] gaps = new byte[entries];
    ValueCode.Column column = values.column(tensor.dataType(), Math.toIntExact(laidDown()));
    Laying laying = new Laying(gaps, column, tensor.bytes());
    BitSet occupied = blocks.occupied(tensor);
    for (int i = occupied.nextSetBit(0); i >= 0; i = occupied.nextSetBit(i + 1)) {
      laying.accept(i);
    }
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value steps = distances.write(nodes, "gaps", gaps, DataType.INT64, Shape.of(entries, 1));
      Value places = nodes.call("CumSum", steps, nodes.firstAxis());
      Value zeros = nodes.zeros(tensor.dataType(), blocks.rows() * blocks.across(), blocks.wide());
      Shape rows = Shape.of((long) entries * blocks.high(), blocks.wide());
      Value flat = nodes.call("ScatterND", zeros, rows(nodes, places), column.write(nodes, rows));
      nodes.last("Reshape", Map.of(), flat, nodes.ints(shape.dims()));
    };
  }

  /** The places of all rows of the blocks, out of those of the blocks. */
  private Value rows(DecodingNodes nodes, Value places) {
    int high = blocks.high();
    if (high == 1) {
      return places;
    }
    long across = blocks.across();
    Value above = nodes.call("Div", places, nodes.ints(across));
    Value skipped = nodes.call("Mul", above, nodes.ints((high - 1) * across));
    Value first = nodes.call("Add", places, skipped);
    long[] offsets = new long[high];
    for (int row = 0; row < high; row++) {
      offsets[row] = row * across;
    }
    Value each = nodes.call("Add", first, nodes.constant(ArrayTensor.of(Shape.of(high), offsets)));
    return nodes.call("Reshape", each, nodes.ints(-1, 1));
  }

  /** Lays down one block after the other. */
  private final class Laying {
    private final byte[] gaps;
    private final ValueCode.Column column;
    private final ByteBuffer elements;
    private final int longest = distances.radix() - 1;
    private int previous;
    private int at;

    Laying(byte[] gaps, ValueCode.Column column, ByteBuffer elements) {
      this.gaps = gaps;
      this.column = column;
      this.elements = elements;
    }

    void accept(int block) {
      for (; block - previous > longest; previous += longest) {
        add(longest, previous + longest);
      }
      add(block - previous, block);
      previous = block;
    }

    private void add(int gap, int block) {
      gaps[at++] = (byte) gap;
      for (int i = 0; i < blocks.elements(); i++) {
        int element = Math.toIntExact(blocks.element(block, i));
        column.add(element, Cells.get(elements, values.width(), element));
      }
    }
  }
}

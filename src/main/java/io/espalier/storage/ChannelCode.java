package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;

/**
 * Indices into tables of values, one for each channel of the weight: {@link ValueCode.Coded} with a
 * codebook per channel. The tables lie one behind the other, and a Gather takes the number of the
 * channel times the length of a table, plus the code.
 *
 * @param entries of each table
 * @param zero whether the first entry is zero
 */
record ChannelCode(ChannelValues channels, int entries, boolean zero, Digits layout, int width)
    implements ValueCode {

  @Override
  public long byteSize(long count) {
    return layout.byteSize(count) + (long) channels.channels() * entries * width;
  }

  @Override
  public int nodes(long count) {
    return layout.nodes(count) + 7;
  }

  @Override
  public long scratchBytes(long count) {
    return (layout.scratchPerNumber(DataType.INT32) + 4 + width) * count;
  }

  @Override
  public long scratchBytesAt(long count) {
    return (layout.scratchPerNumber(DataType.INT64) + 40 + width) * count;
  }

  @Override
  public int parts() {
    return 2;
  }

  @Override
  public long opset() {
    return Math.max(11, layout.opset());
  }

  @Override
  public String name() {
    return entries + " codes per channel";
  }

  private byte code(long index, long bits) {
    return bits == 0 ? 0 : (byte) (channels.indexOf(index, bits) + (zero ? 1 : 0));
  }

  private Tensor tables(DataType type) {
    ByteBuffer tables = ValueCode.little(channels.channels() * entries * width);
    for (int channel = 0; channel < channels.channels(); channel++) {
      long[] own = channels.of(channel);
      for (int entry = 0; entry < entries; entry++) {
        int at = entry - (zero ? 1 : 0);
        Cells.put(tables, width, at >= 0 && at < own.length ? own[at] : 0);
      }
    }
    return new ArrayTensor(type, Shape.of((long) channels.channels() * entries), tables.flip());
  }

  @Override
  public Column column(DataType type, int count) {
    byte[] codes = new byte[count];
    return new Column() {
      private int at;

      @Override
      public void add(long index, long bits) {
        codes[at++] = code(index, bits);
      }

      /** The channels lie along the same axis of {@code shape} as of the weight. */
      @Override
      public Value write(DecodingNodes nodes, Shape shape) {
        return look(
            nodes, layout.write(nodes, "codes", codes, DataType.INT32, shape), shape.rank());
      }

      @Override
      public Value pick(DecodingNodes nodes, Shape shape, Value indices, int rank) {
        Value own = layout.write(nodes, "codes", codes, DataType.INT32, shape);
        return look(nodes, nodes.call("Gather", own, indices), rank);
      }

      private Value look(DecodingNodes nodes, Value own, int rank) {
        Value first = nodes.steps(entries, channels.channels(), rank - 1 - channels.axis());
        Value tables = nodes.part("codebook", tables(type));
        return nodes.call("Gather", tables, nodes.call("Add", own, first));
      }

      @Override
      public Value writeAt(DecodingNodes nodes, Shape shape, Value positions) {
        Value own = layout.write(nodes, "codes", codes, DataType.INT64, shape);
        Value flat = nodes.call("Reshape", positions, nodes.ints(-1));
        Value lines = nodes.call("Div", flat, nodes.ints(channels.stride()));
        Value channel = nodes.call("Mod", lines, nodes.ints(channels.channels()));
        Value first = nodes.call("Mul", channel, nodes.ints(entries));
        Value tables = nodes.part("codebook", tables(type));
        return nodes.call("Gather", tables, nodes.call("Add", own, first));
      }
    };
  }
}

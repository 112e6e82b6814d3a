package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** How the values of a weight's elements are laid down, of all or of those that are not zero. */
sealed interface ValueCode permits ChannelCode, ValueCode.Coded, ValueCode.Half, ValueCode.Raw {
  /** Bytes that {@code count} values take. */
  long byteSize(long count);

  /** Bytes of one decoded value. */
  int width();

  /** Nodes that decode {@code count} values. */
  int nodes(long count);

  /** Bytes that decoding {@code count} values holds, the values included. */
  long scratchBytes(long count);

  /** The same for values that are decoded by the positions of their elements. */
  default long scratchBytesAt(long count) {
    return scratchBytes(count);
  }

  /** Initializers of the weight's own. */
  default int parts() {
    return 1;
  }

  /** The first opset in which all operators are there that it needs. */
  default long opset() {
    return 6;
  }

  /** What reports call it; "" for the values as they are. */
  String name();

  /** An empty column of values of {@code type}. */
  Column column(DataType type, int count);

  /** Values in the order in which they are decoded. */
  interface Column {
    /**
     * Appends the value of an element, by its bits.
     *
     * @param index of the element, row-major
     */
    void add(long index, long bits);

    /** Emits what makes all values, in a shape of as many elements. */
    Value write(DecodingNodes nodes, Shape shape);

    /**
     * As {@link #write}, in a shape of rank 1.
     *
     * @param positions the row-major indices of the elements, int64
     */
    default Value writeAt(DecodingNodes nodes, Shape shape, Value positions) {
      return write(nodes, shape);
    }

    /**
     * Emits what makes all elements of the weight.
     *
     * @param shape of rank 1, of the values
     * @param indices of each element's value among them, in the shape of the weight
     */
    default Value pick(DecodingNodes nodes, Shape shape, Value indices, int rank) {
      return nodes.call("Gather", write(nodes, shape), indices);
    }
  }

  /** The values as they are. */
  record Raw(int width) implements ValueCode {
    @Override
    public long byteSize(long count) {
      return count * width;
    }

    @Override
    public int nodes(long count) {
      return 0;
    }

    @Override
    public long scratchBytes(long count) {
      return width * count;
    }

    @Override
    public String name() {
      return "";
    }

    @Override
    public Column column(DataType type, int count) {
      ByteBuffer values = little(Math.multiplyExact(count, width));
      return new Column() {
        @Override
        public void add(long index, long bits) {
          Cells.put(values, width, bits);
        }

        @Override
        public Value write(DecodingNodes nodes, Shape shape) {
          return nodes.part("values", new ArrayTensor(type, shape, values.duplicate().rewind()));
        }
      };
    }
  }

  /** Float32 values that are float16 values too. */
  record Half() implements ValueCode {
    @Override
    public int width() {
      return Float.BYTES;
    }

    @Override
    public long byteSize(long count) {
      return 2 * count;
    }

    @Override
    public int nodes(long count) {
      return 1;
    }

    @Override
    public long scratchBytes(long count) {
      return (2L + Float.BYTES) * count;
    }

    @Override
    public String name() {
      return "float16";
    }

    @Override
    public Column column(DataType type, int count) {
      ByteBuffer values = little(Math.multiplyExact(count, 2));
      return new Column() {
        @Override
        public void add(long index, long bits) {
          values.putShort(Floats.toFloat16(Float.intBitsToFloat((int) bits)));
        }

        @Override
        public Value write(DecodingNodes nodes, Shape shape) {
          Tensor half = new ArrayTensor(DataType.FLOAT16, shape, values.duplicate().rewind());
          return nodes.cast(nodes.part("values", half), DataType.FLOAT);
        }
      };
    }
  }

  /**
   * Indices into a table of the values that there are: weight sharing.
   *
   * @param codebook the values by their bits, each once
   */
  record Coded(long[] codebook, Map<Long, Byte> index, Digits layout, int width)
      implements ValueCode {

    static Coded of(long[] codebook, Digits layout, int width) {
      Map<Long, Byte> index = new HashMap<>();
      for (int code = 0; code < codebook.length; code++) {
        index.put(codebook[code], (byte) code);
      }
      return new Coded(codebook, index, layout, width);
    }

    @Override
    public long byteSize(long count) {
      return layout.byteSize(count) + (long) codebook.length * width;
    }

    @Override
    public int nodes(long count) {
      return layout.nodes(count) + 1;
    }

    @Override
    public long scratchBytes(long count) {
      return (layout.scratchPerNumber(DataType.INT32) + width) * count;
    }

    @Override
    public int parts() {
      return 2;
    }

    @Override
    public long opset() {
      return layout.opset();
    }

    @Override
    public String name() {
      return codebook.length + " codes";
    }

    @Override
    public Column column(DataType type, int count) {
      byte[] codes = new byte[count];
      return new Column() {
        private int at;

        @Override
        public void add(long index, long bits) {
          codes[at++] = codeOf(bits);
        }

        @Override
        public Value write(DecodingNodes nodes, Shape shape) {
          Value codebook = nodes.part("codebook", table(type));
          Value indices = layout.write(nodes, "codes", codes, DataType.INT32, shape);
          return nodes.call("Gather", codebook, indices);
        }
      };
    }

    /** The index of a value that is in the codebook. */
    byte codeOf(long bits) {
      return index.get(bits);
    }

    Tensor table(DataType type) {
      ByteBuffer values = little(codebook.length * width);
      for (long bits : codebook) {
        Cells.put(values, width, bits);
      }
      return new ArrayTensor(type, Shape.of(codebook.length), values.duplicate().rewind());
    }
  }

  static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

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
sealed interface ValueCode {
  /** Bytes that {@code count} values take. */
  long byteSize(long count);

  /** Bytes of one decoded value. */
  int width();

  /** Nodes that decode {@code count} values. */
  int nodes(long count);

  /** Bytes for each value that its part and what decoding computes take, the value included. */
  int scratchBytes();

  /** What reports call it; "" for the values as they are. */
  String name();

  /** An empty column of values of {@code type}. */
  Column column(DataType type, int count);

  /** Values in the order in which they are decoded. */
  interface Column {
    /** Appends a value by its bits. */
    void add(long bits);

    /** Emits what makes all values, of rank 1. */
    Value write(DecodingNodes nodes);

    /** As above, in another shape; only values that are stored as they are can have one. */
    default Value write(DecodingNodes nodes, Shape shape) {
      throw new UnsupportedOperationException("codes have rank 1");
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
    public int scratchBytes() {
      return width;
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
        public void add(long bits) {
          Cells.put(values, width, bits);
        }

        @Override
        public Value write(DecodingNodes nodes) {
          return write(nodes, Shape.of(count));
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
    public int scratchBytes() {
      return 2 + Float.BYTES;
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
        public void add(long bits) {
          values.putShort(Floats.toFloat16(Float.intBitsToFloat((int) bits)));
        }

        @Override
        public Value write(DecodingNodes nodes) {
          Tensor half =
              new ArrayTensor(DataType.FLOAT16, Shape.of(count), values.duplicate().rewind());
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
    public int scratchBytes() {
      return layout.scratchBytes(Integer.BYTES) + width;
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
        public void add(long bits) {
          codes[at++] = codeOf(bits);
        }

        @Override
        public Value write(DecodingNodes nodes) {
          Value codebook = nodes.part("codebook", table(type));
          Value cells = nodes.part("codes", layout.pack(codes, count));
          return nodes.call(
              "Gather", codebook, layout.unpack(nodes, cells, count, DataType.INT32, -1));
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

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

package io.espalier.quantize;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** Codes of four bits, two in a byte, the first in the lower half. */
final class FourBits {
  private static final long HAS_INT4 = 21;
  private static final long SLICES_BY_INPUTS = 10;
  private static final int SIGNED_OFFSET = 8;

  private final Ops ops;
  private final Initializers made;
  private final String name;
  private final long opset;

  /** A decoder for a graph of that opset: one that has int4, or one that divides bytes. */
  FourBits(Ops ops, Initializers made, String name, long opset) {
    this.ops = ops;
    this.made = made;
    this.name = name;
    this.opset = opset;
  }

  /** The codes as floats; {@code signed} ones are from −8 to 7, others from 0 to 15. */
  Value decode(Shape shape, byte[] codes, boolean signed) {
    if (opset >= HAS_INT4) {
      DataType type = signed ? DataType.INT4 : DataType.UINT4;
      byte[] packed = packed(codes, 0);
      return ops.cast(made.bytes(name + "_quantized", type, shape, packed), DataType.FLOAT);
    }
    int offset = signed ? SIGNED_OFFSET : 0;
    byte[] packed = packed(codes, offset);
    Shape column = Shape.of(packed.length, 1);
    Value bytes =
        ops.cast(made.bytes(name + "_quantized", DataType.UINT8, column, packed), DataType.FLOAT);
    Value sixteenth = made.floats(name + "_sixteenth", Shape.of(1), 0.0625f);
    Value upper = ops.call("Floor", ops.mul(bytes, sixteenth));
    Value sixteen = made.floats(name + "_sixteen", Shape.of(1), 16);
    Value lower = ops.sub(bytes, ops.mul(upper, sixteen));
    Value all = ops.concat(1, List.of(lower, upper));
    Value flat = ops.call("Reshape", all, made.longs(name + "_codes", -1));
    if (codes.length % 2 != 0) {
      flat = first(flat, codes.length);
    }
    Value shaped = ops.call("Reshape", flat, made.longs(name + "_code_shape", shape.dims()));
    return offset == 0
        ? shaped
        : ops.sub(shaped, made.floats(name + "_offset", Shape.of(1), offset));
  }

  private Value first(Value x, int count) {
    if (opset >= SLICES_BY_INPUTS) {
      Value start = made.longs(name + "_from", 0);
      return ops.call("Slice", x, start, made.longs(name + "_to", count));
    }
    Map<String, Attribute> ends =
        Map.of("starts", Attribute.of(new long[] {0}), "ends", Attribute.of(new long[] {count}));
    return ops.call("Slice", ends, x);
  }

  /** Two codes to a byte, each raised by {@code offset}. */
  private static byte[] packed(byte[] codes, int offset) {
    byte[] packed = new byte[(codes.length + 1) / 2];
    for (int i = 0; i < codes.length; i++) {
      packed[i / 2] |= (byte) ((codes[i] + offset & 0xf) << 4 * (i % 2));
    }
    return packed;
  }
}

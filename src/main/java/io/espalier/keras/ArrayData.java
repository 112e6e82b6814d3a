package io.espalier.keras;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Shape;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers in Java arrays as tensors. */
final class ArrayData {
  private ArrayData() {}

  /**
   * A tensor of the elements of a flat array of Java numbers, or of a single one.
   *
   * @throws MalformedModelException if their count is not that of the shape
   */
  static ArrayTensor tensor(DataType type, Shape shape, Object data) {
    boolean array = data.getClass().isArray();
    int count = array ? Array.getLength(data) : 1;
    if (count != shape.elements()) {
      throw new MalformedModelException(
          "expected " + shape.elements() + " numbers for shape " + shape + ", got " + count);
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.byteSize(count))).order(ByteOrder.LITTLE_ENDIAN);
    if (data instanceof float[] floats && type == DataType.FLOAT) {
      bytes.asFloatBuffer().put(floats);
      return new ArrayTensor(type, shape, bytes);
    }
    for (int i = 0; i < count; i++) {
      put(bytes, type, (Number) (array ? Array.get(data, i) : data));
    }
    return new ArrayTensor(type, shape, bytes.flip());
  }

  private static void put(ByteBuffer bytes, DataType type, Number number) {
    switch (type) {
      case FLOAT -> bytes.putFloat(number.floatValue());
      case DOUBLE -> bytes.putDouble(number.doubleValue());
      case FLOAT16 -> bytes.putShort(io.espalier.graph.Floats.toFloat16(number.floatValue()));
      case INT8, UINT8 -> bytes.put(number.byteValue());
      case INT16, UINT16 -> bytes.putShort(number.shortValue());
      case INT32, UINT32 -> bytes.putInt(number.intValue());
      default -> bytes.putLong(number.longValue());
    }
  }
}

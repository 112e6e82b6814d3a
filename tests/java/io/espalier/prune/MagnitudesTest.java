package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MagnitudesTest {
  private static Weight weight(Tensor tensor) {
    return new Weight(
        new TestModel().constant("layer.weight", tensor), OptionalInt.empty(), OptionalInt.empty());
  }

  private static long[] keys(Tensor tensor) {
    int count = (int) tensor.shape().elements();
    long[] keys = new long[count];
    new Magnitudes(weight(tensor), count).longs(0, count, keys, 0);
    return keys;
  }

  @Test
  void everyFiniteFloat16HasTheBitsOfItsMagnitude() {
    ByteBuffer bytes = ByteBuffer.allocate(2 * 0xf800).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 0x7c00; bits++) {
      bytes.putShort((short) bits).putShort((short) (bits | 0x8000));
    }
    long[] keys = keys(new ArrayTensor(DataType.FLOAT16, Shape.of(0xf800), bytes.flip()));
    for (int i = 0; i < keys.length; i++) {
      float magnitude = Math.abs(Floats.fromFloat16(bytes.getShort(2 * i)));
      assertEquals(Double.doubleToRawLongBits(magnitude), keys[i], "element " + i);
    }
  }

  @Property
  void keysHaveTheOrderOfMagnitudes(@ForAll float first, @ForAll float second) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      long[] keys = keys(TestModel.tensor(type, Shape.of(2), first, second));
      assertEquals(
          Integer.signum(Float.compare(Math.abs(first), Math.abs(second))),
          Long.signum(keys[0] - keys[1]));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"})
  void namesTensorAndElementThatIsNotFinite(DataType type) {
    int quiet = type == DataType.FLOAT16 ? 0x7e00 : type == DataType.BFLOAT16 ? 0x7fc0 : 0;
    ByteBuffer bytes = ByteBuffer.allocate(4 * type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case FLOAT -> bytes.putFloat(8, Float.NaN);
      case DOUBLE -> bytes.putDouble(16, Double.NaN);
      default -> bytes.putShort(4, (short) quiet);
    }
    Tensor tensor = new ArrayTensor(type, Shape.of(4), bytes);
    Exception error = assertThrows(ModelException.class, () -> keys(tensor));
    assertTrue(error.getMessage().contains("'layer.weight', element 2"), error.getMessage());
    assertTrue(error.getMessage().contains("NaN"), error.getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"})
  void refusesInfinitiesOfBothSigns(DataType type) {
    for (int sign = 0; sign < 2; sign++) {
      ByteBuffer bytes = ByteBuffer.allocate(type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
      switch (type) {
        case FLOAT -> bytes.putInt(0, 0x7f800000 | sign << 31);
        case DOUBLE -> bytes.putLong(0, 0x7ff0000000000000L | (long) sign << 63);
        case FLOAT16 -> bytes.putShort(0, (short) (0x7c00 | sign << 15));
        default -> bytes.putShort(0, (short) (0x7f80 | sign << 15));
      }
      Tensor tensor = new ArrayTensor(type, Shape.of(1), bytes);
      Exception error = assertThrows(ModelException.class, () -> keys(tensor));
      assertTrue(error.getMessage().contains("infinity"), error.getMessage());
    }
  }
}

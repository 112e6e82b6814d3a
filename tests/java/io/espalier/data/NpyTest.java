package io.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {
  /** The bytes are those of numpy.array([1, 2], dtype).tobytes(). */
  @ParameterizedTest
  @CsvSource({
    "<f2,FLOAT16,003c0040",
    "<f4,FLOAT,0000803f00000040",
    ">f4,FLOAT,3f80000040000000",
    "<f8,DOUBLE,000000000000f03f0000000000000040",
    "|i1,INT8,0102",
    "|u1,UINT8,0102",
    "<i2,INT16,01000200",
    ">u2,UINT16,00010002",
    "<i4,INT32,0100000002000000",
    "<u4,UINT32,0100000002000000",
    "<i8,INT64,01000000000000000200000000000000",
    ">i8,INT64,00000000000000010000000000000002",
    "<u8,UINT64,01000000000000000200000000000000"
  })
  void readsNumbersOfEveryType(String descr, DataType type, String hex) throws IOException {
    Tensor tensor =
        read(ArrayFiles.npy(descr, false, "2,", java.util.HexFormat.of().parseHex(hex)));
    assertEquals(type, tensor.dataType());
    assertEquals(Shape.of(2), tensor.shape());
    assertArrayEquals(new double[] {1, 2}, elements(tensor));
  }

  @Test
  void readsBooleansAndScalars() throws IOException {
    Tensor flags = read(ArrayFiles.npy("|b1", false, "2, 1", new byte[] {1, 0}));
    assertEquals(DataType.BOOL, flags.dataType());
    assertArrayEquals(new double[] {1, 0}, elements(flags));
    assertEquals(Shape.of(), read(ArrayFiles.floats("", 3)).shape());
  }

  @Test
  void turnsColumnMajorArrays() throws IOException {
    byte[] columns = {0, 3, 1, 4, 2, 5};
    Tensor tensor = read(ArrayFiles.npy("|i1", true, "2, 3", columns));
    assertArrayEquals(new double[] {0, 1, 2, 3, 4, 5}, elements(tensor));
    byte[] cube = new byte[24];
    for (int i = 0; i < 24; i++) {
      cube[i / 12 + i / 4 % 3 * 2 + i % 4 * 6] = (byte) i;
    }
    assertArrayEquals(
        IntStream.range(0, 24).asDoubleStream().toArray(),
        elements(read(ArrayFiles.npy("|i1", true, "2, 3, 4", cube))));
  }

  @Test
  void readsVersionsTwoAndThree() throws IOException {
    byte[] one = ArrayFiles.floats("1,", 5);
    for (int version = 2; version <= 3; version++) {
      byte[] file = new byte[one.length + 2];
      System.arraycopy(one, 0, file, 0, 10);
      System.arraycopy(one, 10, file, 12, one.length - 10);
      file[6] = (byte) version;
      assertArrayEquals(new double[] {5}, elements(read(file)));
    }
  }

  @Test
  void refusesPickledObjectsRecordsAndText() {
    assertUnsupported(ArrayFiles.npy("|O", false, "1,", new byte[8]), "could run code");
    assertUnsupported(ArrayFiles.npy("<U3", false, "1,", new byte[12]), "dtype <U3");
    String fields = "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }\n";
    byte[] records = new byte[10 + fields.length() + 4];
    System.arraycopy(ArrayFiles.floats("", 1), 0, records, 0, 8);
    records[8] = (byte) fields.length();
    System.arraycopy(fields.getBytes(StandardCharsets.ISO_8859_1), 0, records, 10, fields.length());
    assertUnsupported(records, "one of records");
  }

  @Test
  void refusesDamage() {
    byte[] good = ArrayFiles.floats("2, 2", 1, 2, 3, 4);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThrows(ModelException.class, () -> read(cut), "cut to " + length);
    }
    assertThrows(ModelException.class, () -> read(Arrays.copyOf(good, good.length + 1)));
  }

  @Test
  void allocatesNothingThatTheFileCannotHold() {
    assertRefused(ArrayFiles.npy("<f8", false, "100000, 100000", new byte[8]), "announces");
    assertRefused(ArrayFiles.npy("<f8", false, "99999999999, 99999999999", new byte[8]), "exceeds");
    assertRefused(
        ArrayFiles.npy("<f8", false, "999999999, 999999999, 9", new byte[8]), "too large");
    assertRefused(ArrayFiles.npy("<f8", false, "99999999999999999999", new byte[8]), "shape");
  }

  @Test
  void readsSingleArraysFromFiles(@TempDir Path folder) throws IOException {
    Path npy = folder.resolve("a.npy");
    Files.write(npy, ArrayFiles.floats("1,", 5));
    assertArrayEquals(new double[] {5}, elements(ArrayFile.read(npy)));
    Path npz = ArrayFiles.npz(folder.resolve("a.npz"), Map.of("x", ArrayFiles.floats("1,", 6)));
    assertArrayEquals(new double[] {6}, elements(ArrayFile.read(npz)));
    Path two =
        ArrayFiles.npz(
            folder.resolve("b.npz"),
            Map.of("x", ArrayFiles.floats("1,", 6), "y", ArrayFiles.floats("1,", 6)));
    ModelException refused = assertThrows(ModelException.class, () -> ArrayFile.read(two));
    assertTrue(refused.getMessage().contains("expected a single array"), refused.getMessage());
  }

  private static Tensor read(byte[] file) throws IOException {
    return Npy.read("array", new ByteArrayInputStream(file), file.length);
  }

  private static void assertUnsupported(byte[] file, String part) {
    ModelException refused = assertThrows(UnsupportedModelException.class, () -> read(file));
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
  }

  private static void assertRefused(byte[] file, String part) {
    ModelException refused = assertThrows(ModelException.class, () -> read(file));
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
  }

  static double[] elements(Tensor tensor) {
    return IntStream.range(0, (int) tensor.shape().elements())
        .mapToDouble(Elements.of(tensor).orElseThrow()::applyAsDouble)
        .toArray();
  }
}

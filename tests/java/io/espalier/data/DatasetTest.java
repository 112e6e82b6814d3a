package io.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.SharedData;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
  @TempDir Path folder;

  @Test
  void readsInputsAndLabelsOfAPart() throws IOException {
    Dataset data =
        open(
            Map.of(
                "x_train", ArrayFiles.floats("3, 2", 1, 2, 3, 4, 5, 6),
                "y_train", ArrayFiles.longs("3,", 2, 0, 1),
                "x_test", ArrayFiles.floats("1, 2", 7, 8)),
            "#train",
            floats("input", "N", 2));
    assertEquals(3, data.samples());
    assertTrue(data.labelled());
    Dataset.Batch batch = data.batch(1, 3);
    assertArrayEquals(new double[] {3, 4, 5, 6}, elements(batch, "input"));
    assertArrayEquals(new int[] {0, 1}, batch.labels());
    assertEquals(List.of(), data.notes());
  }

  @Test
  void takesArraysNamedLikeInputs() throws IOException {
    Map<String, TensorType> inputs = new LinkedHashMap<>(floats("a", "N", 1));
    inputs.putAll(floats("b", "N", 2));
    Dataset data =
        open(
            Map.of(
                "a", ArrayFiles.floats("2, 1", 1, 2), "b", ArrayFiles.floats("2, 2", 3, 4, 5, 6)),
            "",
            inputs);
    assertEquals(inputs.keySet(), data.inputs());
    assertFalse(data.labelled());
    assertArrayEquals(new double[] {5, 6}, elements(data.batch(1, 2), "b"));
  }

  @Test
  void readsOneHotLabels() throws IOException {
    Dataset data =
        open(
            Map.of(
                "x", ArrayFiles.floats("2, 1", 1, 2),
                "y", ArrayFiles.floats("2, 3", 0, 0, 1, 1, 0, 0)),
            "",
            floats("i", "N", 1));
    assertArrayEquals(new int[] {2, 0}, data.batch(0, 2).labels());
  }

  @Test
  void dividesBytesBy255AndSaysSo() throws IOException {
    Map<String, byte[]> images = Map.of("x", ArrayFiles.bytes("2, 1, 2", 0, 255, 51, 102));
    Dataset data = open(images, "", floats("image", "N", 1, 1, 2));
    Tensor batch = data.batch(0, 2).inputs().get("image");
    assertEquals(Shape.of(2, 1, 1, 2), batch.shape());
    assertArrayEquals(new double[] {0, 1, 0.2, 0.4}, elements(data.batch(0, 2), "image"), 1e-7);
    assertTrue(data.notes().get(0).contains("divided by 255"), data.notes().toString());
    Preprocessing raw =
        new Preprocessing(Optional.of(1.0), List.of(), List.of(), Optional.empty(), false);
    Dataset unscaled = open(images, "", floats("image", "N", 1, 1, 2), raw);
    assertArrayEquals(new double[] {0, 255, 51, 102}, elements(unscaled.batch(0, 2), "image"));
    assertEquals(List.of(), unscaled.notes());
    Map<String, TensorType> bytes = Map.of("image", type(DataType.UINT8, "N", 1, 1, 2));
    assertArrayEquals(
        new double[] {0, 255}, elements(open(images, "", bytes).batch(0, 1), "image"));
  }

  @Test
  void flattensAndFoldsSamples() throws IOException {
    Map<String, byte[]> square = Map.of("x", ArrayFiles.floats("1, 2, 2", 1, 2, 3, 4));
    assertEquals(
        Shape.of(1, 4),
        open(square, "", floats("i", "N", 4)).batch(0, 1).inputs().get("i").shape());
    Map<String, byte[]> row = Map.of("x", ArrayFiles.floats("1, 4", 1, 2, 3, 4));
    assertEquals(
        Shape.of(1, 1, 2, 2),
        open(row, "", floats("i", 1, 1, 2, 2)).batch(0, 1).inputs().get("i").shape());
    assertEquals(Shape.of(4), open(row, "", floats("i", 4)).batch(0, 1).inputs().get("i").shape());
  }

  @Test
  void turnsTheOrderOfColours() throws IOException {
    Map<String, byte[]> last = Map.of("x", ArrayFiles.floats("1, 1, 2, 3", 1, 2, 3, 4, 5, 6));
    Preprocessing caffe =
        new Preprocessing(
            Optional.of(1.0), List.of(0.5, 0.25, 0.0), List.of(), Optional.empty(), true);
    Dataset first = open(last, "", floats("i", "N", 3, 1, 2), caffe);
    assertArrayEquals(new double[] {2.5, 5.5, 1.75, 4.75, 1, 4}, elements(first.batch(0, 1), "i"));
    Dataset same = open(last, "", floats("i", "N", 1, 2, 3), caffe);
    assertArrayEquals(new double[] {2.5, 1.75, 1, 5.5, 4.75, 4}, elements(same.batch(0, 1), "i"));
    Map<String, byte[]> grey = Map.of("x", ArrayFiles.floats("1, 2, 2, 1", 1, 2, 3, 4));
    assertThrows(ModelException.class, () -> open(grey, "", floats("i", "N", 2, 2, 1), caffe));
  }

  @Test
  void movesChannelsToWhereTheModelHasThem() throws IOException {
    Map<String, byte[]> last = Map.of("x", ArrayFiles.floats("1, 1, 2, 3", 1, 2, 3, 4, 5, 6));
    Dataset data = open(last, "", floats("i", "N", 3, 1, 2));
    assertArrayEquals(new double[] {1, 4, 2, 5, 3, 6}, elements(data.batch(0, 1), "i"));
    assertTrue(data.notes().get(0).contains("channels moved"));
    Map<String, byte[]> first = Map.of("x", ArrayFiles.floats("1, 3, 1, 2", 1, 4, 2, 5, 3, 6));
    assertArrayEquals(
        new double[] {1, 2, 3, 4, 5, 6},
        elements(open(first, "", floats("i", "N", 1, 2, 3)).batch(0, 1), "i"));
  }

  @Test
  void appliesScaleMeanAndStdPerChannel() throws IOException {
    Map<String, byte[]> images = Map.of("x", ArrayFiles.floats("1, 2, 1, 2", 2, 4, 6, 8));
    Preprocessing normal =
        new Preprocessing(
            Optional.of(0.5), List.of(1.0, 2.0), List.of(2.0, 4.0), Optional.empty(), false);
    assertArrayEquals(
        new double[] {0, 0.5, 0.25, 0.5},
        elements(open(images, "", floats("i", "N", 2, 1, 2), normal).batch(0, 1), "i"));
    Preprocessing three =
        new Preprocessing(
            Optional.empty(), List.of(1.0, 2.0, 3.0), List.of(), Optional.empty(), false);
    assertRefused(
        images, "", floats("i", "N", 2, 1, 2), three, "3 numbers for --mean, expected 1 or one");
  }

  @Test
  void handsOutBatchesAsTheModelTakesThem() throws IOException {
    Map<String, byte[]> five = Map.of("x", ArrayFiles.floats("5, 1", 1, 2, 3, 4, 5));
    assertEquals(List.of(2, 2, 1), sizes(open(five, "", floats("i", "N", 1)).batches(2)));
    assertEquals(List.of(2, 1), sizes(open(five, "", floats("i", "N", 1)).batches(2, 3)));
    assertEquals(List.of(1, 1, 1, 1, 1), sizes(open(five, "", floats("i", 1, 1)).batches(64)));
    assertEquals(List.of(2, 2), sizes(open(five, "", floats("i", 2, 1)).batches(64)));
  }

  @Test
  void namesWhatIsMissingOrUnknown() throws IOException {
    Map<String, byte[]> parts =
        new LinkedHashMap<>(Map.of("x_train", ArrayFiles.floats("1, 1", 1)));
    assertRefused(
        parts, "", floats("i", "N", 1), "expected an array 'x'", "[x_train]", "parts are [train]");
    assertRefused(parts, "#dev", floats("i", "N", 1), "expected an array 'x_dev'", "#train");
    Map<String, TensorType> two = new LinkedHashMap<>(floats("a", "N", 1));
    two.putAll(floats("b", "N", 1));
    assertRefused(
        Map.of("x", ArrayFiles.floats("1, 1", 1)), "", two, "has the inputs [a, b]; name the");
  }

  @Test
  void refusesShapesCountsAndLabelsThatDoNotFit() throws IOException {
    Map<String, TensorType> input = floats("i", "N", 3);
    byte[] x = ArrayFiles.floats("2, 2", 1, 2, 3, 4);
    assertRefused(Map.of("x", x), "", input, "a sample has shape 2", "float[N,3]");
    Map<String, TensorType> fits = floats("i", "N", 2);
    assertRefused(
        Map.of("x", x, "y", ArrayFiles.longs("3,", 0, 1, 2)), "", fits, "expected 2 targets", "3");
    assertRefused(
        Map.of("x", x, "y", ArrayFiles.floats("2,", 0, Float.NaN)), "", fits, "sample 1", "NaN");
    assertRefused(Map.of("x", ArrayFiles.floats("0, 2")), "", fits, "got shape 0x2");
    assertRefused(Map.of("x", x), "", Map.of("i", type(DataType.STRING, "N", 2)), "takes string");
    Map<String, TensorType> two = new LinkedHashMap<>(fits);
    two.putAll(floats("j", "N", 1));
    assertRefused(
        Map.of("i", x, "j", ArrayFiles.floats("1, 1", 1)), "", two, "same number of samples");
  }

  @Test
  void refusesNotANumberWhereItIs() throws IOException {
    Dataset data =
        open(Map.of("x", ArrayFiles.floats("2, 1", 1, Float.NaN)), "", floats("i", "N", 1));
    data.batch(0, 1);
    ModelException refused = assertThrows(ModelException.class, () -> data.batch(0, 2));
    assertTrue(refused.getMessage().contains("array 'x', sample 1"), refused.getMessage());
  }

  @Test
  void refusesWhatIsNoZip() throws IOException {
    Path file = Files.write(folder.resolve("bad.npz"), new byte[] {1, 2, 3});
    ModelException refused =
        assertThrows(
            ModelException.class,
            () ->
                Dataset.open(
                    DataSource.parse(file.toString()), floats("i", "N", 1), Preprocessing.NONE));
    assertTrue(refused.getMessage().contains("expected a zip"), refused.getMessage());
  }

  @Test
  void readsIdxFoldersPlainAndGzipped() throws IOException {
    Path mnist = Files.createDirectory(folder.resolve("mnist"));
    Files.write(
        mnist.resolve("train-images-idx3-ubyte"),
        ArrayFiles.idx(new int[] {2, 1, 2}, 0, 255, 255, 0));
    Files.write(mnist.resolve("train-labels-idx1-ubyte"), ArrayFiles.idx(new int[] {2}, 7, 9));
    Files.write(
        mnist.resolve("t10k-images-idx3-ubyte.gz"),
        ArrayFiles.gzip(ArrayFiles.idx(new int[] {1, 1, 2}, 51, 102)));
    Map<String, TensorType> input = floats("i", "N", 1, 1, 2);
    Dataset train = Dataset.open(DataSource.parse(mnist + "#train"), input, Preprocessing.NONE);
    assertArrayEquals(new double[] {0, 1, 1, 0}, elements(train.batch(0, 2), "i"));
    assertArrayEquals(new int[] {7, 9}, train.batch(0, 2).labels());
    Dataset test =
        Dataset.open(DataSource.parse("idx:" + mnist + "#test"), input, Preprocessing.NONE);
    assertArrayEquals(new double[] {0.2, 0.4}, elements(test.batch(0, 1), "i"), 1e-7);
    assertFalse(test.labelled());
    for (String text : List.of(mnist.toString(), mnist + "#dev")) {
      assertThrows(
          ModelException.class,
          () -> Dataset.open(DataSource.parse(text), input, Preprocessing.NONE));
    }
  }

  @Test
  void refusesDamagedIdx() throws IOException {
    byte[] good = ArrayFiles.idx(new int[] {2, 1, 2}, 0, 255, 255, 0);
    Path file = folder.resolve("images-idx3-ubyte");
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThrows(ModelException.class, () -> Idx.read(file), "cut to " + length);
    }
    byte[] gzipped = ArrayFiles.gzip(good);
    for (int length = 2; length < gzipped.length - 8; length++) {
      Files.write(file, Arrays.copyOf(gzipped, length));
      assertThrows(ModelException.class, () -> Idx.read(file), "gzip cut to " + length);
    }
    Files.write(file, ArrayFiles.idx(new int[] {-1, -1}, 1));
    assertThrows(ModelException.class, () -> Idx.read(file));
  }

  @Test
  void readsTheSourceAsWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("odd#name.npz"));
    assertEquals(Optional.empty(), DataSource.parse(file.toString()).part());
    DataSource part = DataSource.parse("npz:" + file + "#train");
    assertEquals(Optional.of("train"), part.part());
    assertEquals(file, part.path());
    Path csv = Files.createFile(folder.resolve("x.csv"));
    assertThrows(ModelException.class, () -> DataSource.parse(csv.toString()));
    assertThrows(ModelException.class, () -> DataSource.parse("absent.npz"));
  }

  @Test
  void readsMnist() throws IOException {
    Path mnist = SharedData.require("mnist");
    Dataset data =
        Dataset.open(DataSource.parse(mnist + "#test"), floats("x", "N", 784), Preprocessing.NONE);
    assertEquals(10_000, data.samples());
    assertArrayEquals(new int[] {7, 2, 1, 0, 4}, data.batch(0, 5).labels());
    double[] first = elements(data.batch(0, 1), "x");
    assertEquals(0, first[0]);
    assertEquals(1, Arrays.stream(first).max().orElseThrow(), 0.01);
  }

  private Dataset open(Map<String, byte[]> arrays, String part, Map<String, TensorType> inputs)
      throws IOException {
    return open(arrays, part, inputs, Preprocessing.NONE);
  }

  private Dataset open(
      Map<String, byte[]> arrays, String part, Map<String, TensorType> inputs, Preprocessing how)
      throws IOException {
    Path file = ArrayFiles.npz(folder.resolve("data.npz"), arrays);
    return Dataset.open(DataSource.parse(file + part), inputs, how);
  }

  private void assertRefused(
      Map<String, byte[]> arrays, String part, Map<String, TensorType> inputs, String... expected) {
    assertRefused(arrays, part, inputs, Preprocessing.NONE, expected);
  }

  private void assertRefused(
      Map<String, byte[]> arrays,
      String part,
      Map<String, TensorType> inputs,
      Preprocessing how,
      String... expected) {
    ModelException refused =
        assertThrows(ModelException.class, () -> open(arrays, part, inputs, how));
    for (String text : expected) {
      assertTrue(refused.getMessage().contains(text), refused.getMessage());
    }
  }

  private static List<Integer> sizes(Iterable<Dataset.Batch> batches) {
    List<Integer> sizes = new ArrayList<>();
    batches.forEach(batch -> sizes.add(batch.samples()));
    return sizes;
  }

  private static double[] elements(Dataset.Batch batch, String input) {
    return NpyTest.elements(batch.inputs().get(input));
  }

  private static Map<String, TensorType> floats(String name, Object... dims) {
    return Map.of(name, type(DataType.FLOAT, dims));
  }

  private static TensorType type(DataType type, Object... dims) {
    List<Dim> parsed =
        Arrays.stream(dims)
            .<Dim>map(
                dim ->
                    dim instanceof Integer size
                        ? new Dim.Known(size)
                        : new Dim.Symbol((String) dim))
            .toList();
    return new TensorType(type, Optional.of(parsed));
  }
}

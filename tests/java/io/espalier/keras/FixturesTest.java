package io.espalier.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.data.ArrayFile;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.GraphCheck;
import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every fixture computes what Keras computed. */
class FixturesTest {
  private static final int FEWEST = 330;

  /** Of the largest output. */
  private static final double TOLERANCE = 1e-5;

  private static final Map<String, Map<String, byte[]>> FIXTURES = Fixtures.all();

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> computesWhatKerasDoes() {
    return FIXTURES.entrySet().stream()
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.getKey(), () -> check(fixture.getKey(), fixture.getValue())));
  }

  private void check(String name, Map<String, byte[]> files) throws IOException {
    Path own = Files.createDirectories(folder.resolve(name));
    Path file = Fixtures.write(own, files);
    Optional<Path> architecture = Optional.of(own.resolve("model.json")).filter(Files::exists);
    KerasFile keras = KerasFile.open(file, architecture);
    GraphCheck.check(keras.model());
    compare(keras.model(), arrays(own, "input"), arrays(own, "output"));
  }

  /** Runs the model on the inputs and compares what comes out. */
  static void compare(Model model, List<Tensor> inputs, List<Tensor> outputs) {
    List<Value> fed = model.graph().inputs();
    assertEquals(inputs.size(), fed.size(), "inputs");
    Map<Value, Tensor> feeds = new LinkedHashMap<>();
    for (int i = 0; i < fed.size(); i++) {
      feeds.put(fed.get(i), as(fed.get(i).type().orElseThrow().dataType(), inputs.get(i)));
    }
    List<Value> wanted = model.graph().outputs();
    assertEquals(outputs.size(), wanted.size(), "outputs");
    Map<Value, Tensor> results = new OrtEngine().evaluate(model, feeds, wanted);
    for (int i = 0; i < wanted.size(); i++) {
      assertClose(outputs.get(i), results.get(wanted.get(i)), wanted.get(i).name());
    }
  }

  private static Tensor as(DataType type, Tensor tensor) {
    return tensor.dataType() == type
        ? tensor
        : Elements.tensor(type, tensor.shape(), Elements.of(tensor).orElseThrow());
  }

  private static void assertClose(Tensor expected, Tensor found, String name) {
    assertArrayEquals(expected.shape().dims(), found.shape().dims(), "shape of " + name);
    IntToDoubleFunction e = Elements.of(expected).orElseThrow();
    IntToDoubleFunction f = Elements.of(found).orElseThrow();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.shape().elements(); i++) {
      largest = Math.max(largest, Math.abs(e.applyAsDouble(i)));
      difference = Math.max(difference, Math.abs(e.applyAsDouble(i) - f.applyAsDouble(i)));
      assertTrue(Double.isFinite(f.applyAsDouble(i)), name + " is not finite");
    }
    assertTrue(difference <= TOLERANCE * largest, name + " differs by " + difference);
  }

  static List<Tensor> arrays(Path folder, String kind) throws IOException {
    List<Tensor> arrays = new java.util.ArrayList<>();
    for (int i = 0; Files.exists(folder.resolve(kind + "_" + i + ".npy")); i++) {
      arrays.add(ArrayFile.read(folder.resolve(kind + "_" + i + ".npy")));
    }
    return arrays;
  }

  @Test
  void thereAreManyFixtures() {
    assertTrue(FIXTURES.size() >= FEWEST, FIXTURES.size() + " fixtures");
  }

  @Test
  void everyLayerHasAFixture() {
    Set<String> missing = new TreeSet<>(LayerRules.layers());
    FIXTURES.keySet().forEach(name -> missing.remove(name.replaceFirst("-.*", "")));
    missing.removeAll(WITH_OTHERS);
    assertEquals(Set.of(), missing);
  }

  /** Layers that do nothing in inference, of which a few have fixtures for all. */
  private static final Set<String> WITH_OTHERS =
      Set.of(
              "RandomHeight",
              "RandomWidth",
              "RandomShear",
              "RandomHue",
              "RandomSaturation",
              "RandomSharpness",
              "RandomPosterization",
              "RandomColorJitter",
              "RandomColorDegeneration",
              "RandomGrayscale",
              "RandomGaussianBlur",
              "RandomInvert",
              "RandomErasing",
              "RandomElasticTransform",
              "RandomPerspective",
              "RandAugment",
              "AugMix",
              "CutMix",
              "MixUp")
          .stream()
          .collect(Collectors.toSet());
}

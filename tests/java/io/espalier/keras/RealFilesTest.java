package io.espalier.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.SharedData;
import io.espalier.data.ArrayFile;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that others made. */
class RealFilesTest {
  @TempDir Path folder;

  @Test
  void computeWhatKerasDoes() throws IOException {
    int compared = 0;
    for (Path expected : SharedData.files("keras", ".expected.npz")) {
      String name = expected.getFileName().toString().replace(".expected.npz", "");
      KerasFile file = KerasFile.open(expected.resolveSibling(name), Optional.empty());
      FixturesTest.compare(file.model(), arrays(expected, "input"), arrays(expected, "output"));
      compared++;
    }
    assertTrue(compared >= 10, compared + " compared");
  }

  @Test
  void areImportedAll() throws IOException {
    int imported = 0;
    for (String ending : List.of(".h5", ".hdf5", ".keras")) {
      for (Path path : SharedData.files("keras", ending)) {
        KerasFile file = KerasFile.open(path, Optional.empty());
        assertFalse(file.summary().layers().isEmpty(), path.toString());
        assertNoTransposesFollowEachOther(file);
        imported++;
      }
    }
    assertTrue(imported >= 12, imported + " imported");
  }

  private static void assertNoTransposesFollowEachOther(KerasFile file) {
    for (Node node : file.model().graph().nodes()) {
      boolean follows =
          node.is("Transpose")
              && node.inputs().get(0).producer().filter(one -> one.is("Transpose")).isPresent();
      assertFalse(follows, node.label());
    }
  }

  @Test
  void bothFormatsGiveTheSameGraph() throws IOException {
    KerasFile old = KerasFile.open(Path.of("models/digits-mlp.h5"), Optional.empty());
    KerasFile now = KerasFile.open(Path.of("models/digits-mlp.keras"), Optional.empty());
    assertEquals(nodes(old), nodes(now));
    List<Value> weights = old.model().graph().initializers();
    assertEquals(weights.size(), now.model().graph().initializers().size());
    for (Value weight : weights) {
      Tensor other =
          now.model().graph().find(weight.name()).orElseThrow().initializer().orElseThrow();
      assertEquals(weight.initializer().orElseThrow().bytes(), other.bytes(), weight.name());
    }
    for (String key : List.of("espalier.layers", "espalier.training")) {
      assertEquals(old.model().metadata().get(key), now.model().metadata().get(key));
    }
  }

  private static List<String> nodes(KerasFile file) {
    return file.model().graph().nodes().stream()
        .map(
            node ->
                node.name()
                    + " "
                    + node.opType()
                    + " "
                    + node.inputs()
                    + node.outputs()
                    + node.attributes())
        .toList();
  }

  private List<Tensor> arrays(Path npz, String kind) throws IOException {
    List<Tensor> arrays = new ArrayList<>();
    try (ZipFile zip = new ZipFile(npz.toFile())) {
      for (int i = 0; zip.getEntry(kind + "_" + i + ".npy") != null; i++) {
        ZipEntry entry = Objects.requireNonNull(zip.getEntry(kind + "_" + i + ".npy"));
        Path array = folder.resolve(kind + i + ".npy");
        Files.write(array, zip.getInputStream(entry).readAllBytes());
        arrays.add(ArrayFile.read(array));
      }
    }
    return arrays;
  }
}

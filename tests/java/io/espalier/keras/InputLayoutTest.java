package io.espalier.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Dim;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose images lie otherwise than Keras had them compute the same. */
class InputLayoutTest {
  @TempDir Path folder;

  @Test
  void everyFixtureComputesTheSameInBothLayouts() throws IOException {
    int turned = 0;
    for (Map.Entry<String, Map<String, byte[]>> fixture : Fixtures.all().entrySet()) {
      Path own = Files.createDirectories(folder.resolve(fixture.getKey()));
      Path file = Fixtures.write(own, fixture.getValue());
      Optional<Path> architecture = Optional.of(own.resolve("model.json")).filter(Files::exists);
      KerasFile usual = KerasFile.open(file, architecture);
      List<Tensor> inputs = FixturesTest.arrays(own, "input");
      if (inputs.stream().noneMatch(input -> input.shape().rank() >= 4)) {
        continue;
      }
      for (InputLayout layout : InputLayout.values()) {
        KerasFile other = KerasFile.open(file, architecture, Optional.of(layout));
        List<Tensor> fed = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
          fed.add(as(inputs.get(i), usual, other, i));
          turned += fed.get(i) == inputs.get(i) ? 0 : 1;
        }
        FixturesTest.compare(other.model(), fed, FixturesTest.arrays(own, "output"));
        assertNoTransposesFollowEachOther(other, fixture.getKey());
      }
    }
    assertTrue(turned >= 40, turned + " inputs were turned");
  }

  /** The input as the other model declares it: moved if that has the channels elsewhere. */
  private static Tensor as(Tensor input, KerasFile usual, KerasFile other, int index) {
    List<Dim> before = dims(usual, index);
    List<Dim> after = dims(other, index);
    int rank = before.size();
    if (rank < 4 || before.equals(after)) {
      return input;
    }
    boolean forwards = before.get(rank - 1).equals(after.get(1));
    return Tensors.permute(
        input,
        IntStream.range(0, rank)
            .map(
                axis ->
                    axis == 0
                        ? 0
                        : forwards
                            ? axis == 1 ? rank - 1 : axis - 1
                            : axis == rank - 1 ? 1 : axis + 1)
            .toArray());
  }

  private static List<Dim> dims(KerasFile file, int index) {
    Value input = file.model().graph().inputs().get(index);
    return input.type().orElseThrow().dims().orElseThrow();
  }

  private static void assertNoTransposesFollowEachOther(KerasFile file, String name) {
    for (Node node : file.model().graph().nodes()) {
      boolean follows =
          node.is("Transpose")
              && node.inputs().get(0).producer().filter(one -> one.is("Transpose")).isPresent();
      assertFalse(follows, name + ": " + node.label());
    }
  }

  @Test
  void aConvolutionNeedsNoTransposeAnyMore() throws IOException {
    Map<String, byte[]> files = Fixtures.all().get("Flatten-conv-dense");
    Path file = Fixtures.write(folder, files);
    KerasFile usual = KerasFile.open(file, Optional.empty());
    KerasFile turned = KerasFile.open(file, Optional.empty(), Optional.of(InputLayout.NCHW));
    assertEquals(1, transposes(usual));
    assertEquals(0, transposes(turned));
  }

  private static long transposes(KerasFile file) {
    return file.model().graph().nodes().stream().filter(node -> node.is("Transpose")).count();
  }
}

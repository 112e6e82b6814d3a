package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Floats;
import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.onnx.Models;
import io.espalier.prune.Codebook;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.PruningOptions;
import io.espalier.prune.Weight;
import io.espalier.prune.WeightSharing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that come to share few values while they train. */
class SharedWeightsTest {
  @TempDir Path folder;

  private static TrainingSettings settings(int epochs, int sharedEpochs, int entries) {
    return Clouds.descent(epochs, 32).toBuilder()
        .sharing(
            Optional.of(
                new WeightSharing(entries, Codebook.Start.LINEAR, OptionalInt.of(sharedEpochs))))
        .build();
  }

  private TrainingResult train(Model model, TrainingSettings settings) throws IOException {
    return Trainer.train(
        model,
        Clouds.write(folder),
        settings,
        Optional.of(PruningOptions.of(0.5)),
        Clouds.machine(),
        TrainingListener.NONE);
  }

  private static float[] values(Weight weight) {
    Tensor tensor = weight.tensor();
    int count = (int) tensor.shape().elements();
    float[] values = new float[count];
    Floats.read(tensor, 0, values, 0, count, Floats.scratch(count));
    return values;
  }

  @Test
  void fewValuesAreLeftAndTheyTrain() throws IOException {
    Model model = Clouds.open(Models.perceptron());
    TrainingResult result = train(model, settings(10, 4, 5));
    for (Weight weight : PrunableWeights.find(model, PruningOptions.of(0.5)).weights()) {
      Set<Float> distinct = new TreeSet<>();
      for (float value : values(weight)) {
        distinct.add(value + 0f);
      }
      assertTrue(distinct.size() <= 5, weight.name() + ": " + distinct);
      assertTrue(distinct.contains(0f));
    }
    assertEquals(0.5, result.history().get(9).sparsity(), 0.02);
    double before = result.history().get(6).loss();
    double after = result.history().get(9).loss();
    assertTrue(after < before, before + " to " + after);
  }

  /**
   * One step of descent moves a shared value by the sum of the gradients of those that share it.
   */
  @Test
  void gradientsAreSummed() {
    float[] weights = {1, 1, 0, 2, 2, 2};
    short[] codes = {1, 1, 0, 2, 2, 2};
    float[] gradients = {0.5f, 0.25f, 9, -1, 2, 4};
    TrainedWeight.sumByCode(gradients, codes);
    float[] expected = {0.75f, 0.75f, 0, 5, 5, 5};
    for (int i = 0; i < weights.length; i++) {
      assertEquals(expected[i], gradients[i]);
    }
  }

  @Test
  void sharingComesAfterPruning() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> train(Clouds.open(Models.perceptron()), settings(10, 8, 5)));
    assertTrue(e.getMessage().startsWith("--codebook-epochs 8: "), e.getMessage());
  }
}

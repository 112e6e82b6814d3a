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
import java.util.ArrayList;
import java.util.List;
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
    return settings(epochs, sharedEpochs, entries, WeightSharing.Per.TENSOR);
  }

  private static TrainingSettings settings(
      int epochs, int sharedEpochs, int entries, WeightSharing.Per per) {
    return Clouds.descent(epochs, 32).toBuilder()
        .sharing(
            Optional.of(
                new WeightSharing(
                    entries, per, Codebook.Start.LINEAR, OptionalInt.of(sharedEpochs))))
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

  @Test
  void channelsHaveValuesOfTheirOwn() throws IOException {
    Model model = Clouds.open(Models.perceptron());
    TrainingResult result = train(model, settings(10, 4, 3, WeightSharing.Per.CHANNEL));
    int inTensors = 0;
    for (Weight weight : PrunableWeights.find(model, PruningOptions.of(0.5)).weights()) {
      float[] values = values(weight);
      int axis = weight.outputAxis().orElseThrow();
      int stride = (int) weight.shape().elements(axis + 1, weight.shape().rank());
      List<Set<Float>> distinct = new ArrayList<>();
      for (int channel = 0; channel < weight.shape().dim(axis); channel++) {
        distinct.add(new TreeSet<>(Set.of(0f)));
      }
      for (int i = 0; i < values.length; i++) {
        distinct.get(i / stride % distinct.size()).add(values[i] + 0f);
      }
      distinct.forEach(own -> assertTrue(own.size() <= 3, weight.name() + ": " + own));
      inTensors += (int) distinct.stream().flatMap(Set::stream).distinct().count();
    }
    assertTrue(inTensors > 9, inTensors + " values");
    double before = result.history().get(6).loss();
    double after = result.history().get(9).loss();
    assertTrue(after < before, before + " to " + after);
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

package io.espalier.pipeline;

import io.espalier.Espalier;
import java.io.IOException;
import java.nio.file.Path;

/** What a child process runs to show which libraries a run that trains loads. */
public final class TrainingProbe {
  private TrainingProbe() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    RecipeOptions options =
        TrainingRuns.options(TrainingRuns.samples(folder, 1), folder.resolve("out.onnx"));
    Recipe recipe = options.recipe(TrainingRuns.model(folder));
    System.out.println(Espalier.run(recipe, Listener.NONE).training().steps());
  }
}

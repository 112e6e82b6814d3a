package io.espalier.keras;

import io.espalier.graph.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a Keras file holds, as {@code model.summary()} shows it.
 *
 * @param writer the version and backend of Keras that wrote the file
 * @param training the file's training configuration as JSON; "" if it has none
 */
public record KerasSummary(String writer, List<Layer> layers, String training) {
  public KerasSummary {
    layers = List.copyOf(layers);
  }

  /** What the metadata of a model that was imported say; absent for other models. */
  public static Optional<KerasSummary> of(Model model) {
    return Metadata.summary(model);
  }

  /** The keys of the metadata that say it. */
  public static Set<String> keys() {
    return Metadata.KEYS;
  }

  /**
   * A layer.
   *
   * @param name with the names of the models around it, joined by slashes
   * @param shape of its first result, as in {@code [?, 28, 28, 1]}
   * @param parameters numbers in its weights, those that are not trained included
   * @param inputs the layers whose results its first call takes
   * @param notes regularizers and other settings that matter for training, as text
   */
  public record Layer(
      String name,
      String className,
      String shape,
      long parameters,
      List<String> inputs,
      Map<String, String> notes) {
    public Layer {
      inputs = List.copyOf(inputs);
      notes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(notes));
    }
  }
}

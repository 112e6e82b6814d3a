package io.espalier.keras;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    static Layer of(LayerInstance instance, Call call, List<KerasTensor> outputs) {
      return new Layer(
          instance.scope(),
          instance.spec().className(),
          outputs.isEmpty() ? "" : outputs.get(0).shapeText(),
          parameters(instance),
          call.refs().stream().map(Argument.Ref::layer).distinct().toList(),
          Map.of());
    }

    private static long parameters(LayerInstance instance) {
      long own =
          instance.tensors().values().stream().mapToLong(tensor -> tensor.shape().elements()).sum();
      return own + instance.parts().values().stream().mapToLong(Layer::parameters).sum();
    }
  }
}

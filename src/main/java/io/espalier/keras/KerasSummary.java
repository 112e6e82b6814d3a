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

    static Layer of(
        LayerInstance instance, Call call, List<KerasTensor> outputs, Map<String, Json> facts) {
      Map<String, String> notes = new LinkedHashMap<>();
      facts.forEach((key, value) -> notes.put(key, brief(value)));
      return new Layer(
          instance.scope(),
          instance.spec().className(),
          outputs.isEmpty() ? "" : outputs.get(0).shapeText(),
          parameters(instance),
          call.refs().stream().map(Argument.Ref::layer).distinct().toList(),
          notes);
    }

    /** A number, or the class and numbers of a regularizer, constraint or initializer. */
    private static String brief(Json value) {
      if (!value.isObject()) {
        return value.isText() ? value.text() : value.toString();
      }
      StringBuilder numbers = new StringBuilder();
      value
          .entries()
          .forEach(
              (key, number) -> {
                if (number.isNumber() && number.number() != 0) {
                  numbers.append(numbers.isEmpty() ? "" : ",").append(key).append('=');
                  numbers.append(number);
                }
              });
      return value.text("class_name", "") + (numbers.isEmpty() ? "" : "(" + numbers + ")");
    }

    private static long parameters(LayerInstance instance) {
      long own =
          instance.tensors().values().stream().mapToLong(tensor -> tensor.shape().elements()).sum();
      return own + instance.parts().values().stream().mapToLong(Layer::parameters).sum();
    }
  }
}

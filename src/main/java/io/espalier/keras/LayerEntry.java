package io.espalier.keras;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A layer as the metadata of a graph have it, and as people see it. */
final class LayerEntry {
  static final String CLASS = "class_name";
  private static final String SHAPE = "shape";
  private static final String PARAMETERS = "parameters";
  private static final String INPUTS = "inputs";

  private LayerEntry() {}

  /** What is kept of a layer besides its facts. */
  static Json of(LayerInstance instance, Call call, List<KerasTensor> outputs) {
    Map<String, Json> entry = new LinkedHashMap<>();
    entry.put(CLASS, Json.of(instance.spec().className()));
    entry.put(SHAPE, Json.of(outputs.isEmpty() ? "" : outputs.get(0).shapeText()));
    entry.put(PARAMETERS, Json.of(new long[] {parameters(instance)}).items().get(0));
    entry.put(INPUTS, Json.of(call.refs().stream().map(Argument.Ref::layer).distinct().toList()));
    return Json.of(entry);
  }

  /** Facts alone, of a part of a layer. */
  static boolean isPart(Json entry) {
    return !entry.has(SHAPE);
  }

  static KerasSummary.Layer read(String name, Json entry) {
    Map<String, String> notes = new LinkedHashMap<>();
    entry
        .entries()
        .forEach(
            (key, value) -> {
              if (!List.of(CLASS, SHAPE, PARAMETERS, INPUTS).contains(key)) {
                notes.put(key, brief(value));
              }
            });
    return new KerasSummary.Layer(
        name,
        entry.text(CLASS),
        entry.text(SHAPE),
        (long) entry.number(PARAMETERS),
        entry.items(INPUTS).stream().map(Json::text).toList(),
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
    return own + instance.parts().values().stream().mapToLong(LayerEntry::parameters).sum();
  }
}

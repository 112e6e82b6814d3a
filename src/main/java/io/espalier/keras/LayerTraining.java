package io.espalier.keras;

import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Refusal;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the layers of an imported model say of training, by the constants of its graph. */
final class LayerTraining {
  private static final String REGULARIZER = "_regularizer";
  private static final String CONSTRAINT = "_constraint";

  /** Layers that act in training alone, and have no operator in ONNX. */
  private static final Set<String> NOISE =
      Set.of(
          "SpatialDropout1D",
          "SpatialDropout2D",
          "SpatialDropout3D",
          "AlphaDropout",
          "GaussianDropout",
          "GaussianNoise",
          "ActivityRegularization");

  private final Set<String> constants;
  private final Set<String> dropouts;
  private final Map<String, KerasTraining.Penalty> penalties = new HashMap<>();
  private final Map<String, KerasTraining.Constraint> constraints = new HashMap<>();
  private final Set<String> frozen = new HashSet<>();
  private final List<Refusal> refusals = new ArrayList<>();

  LayerTraining(Model model) {
    this.constants =
        model.graph().constants().stream().map(Value::name).collect(Collectors.toSet());
    this.dropouts =
        model.graph().nodes().stream()
            .filter(node -> node.is("Dropout"))
            .map(Node::name)
            .collect(Collectors.toSet());
  }

  Map<String, KerasTraining.Penalty> penalties() {
    return penalties;
  }

  Map<String, KerasTraining.Constraint> constraints() {
    return constraints;
  }

  Set<String> frozen() {
    return frozen;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  /** Takes note of one layer. */
  void read(String layer, Json entry) {
    entry.entries().forEach((key, value) -> read(layer, key, value));
    String className = entry.text(LayerEntry.CLASS, "");
    if (!entry.flag("trainable", true)) {
      constants.stream().filter(name -> name.startsWith(layer + "/")).forEach(frozen::add);
    }
    if (NOISE.contains(className)) {
      refuse(layer, className + " does nothing in training here");
    }
    boolean drops = className.equals("Dropout") && entry.number("rate", 0) > 0;
    if (drops && dropouts.stream().noneMatch(name -> name.startsWith(layer + ".Dropout"))) {
      refuse(layer, "its Dropout is not in the graph: it was stripped, or has no form in ONNX");
    }
    for (String key : List.of("dropout", "recurrent_dropout")) {
      if (entry.number(key, 0) > 0) {
        refuse(layer, "%s %s within the layer drops nothing here".formatted(key, entry.get(key)));
      }
    }
  }

  private void read(String layer, String key, Json value) {
    if (key.endsWith(REGULARIZER)) {
      regularizer(layer, key, value);
    } else if (key.endsWith(CONSTRAINT)) {
      constraint(layer, key, value);
    }
  }

  private void regularizer(String layer, String key, Json value) {
    Map<String, Double> numbers = KerasTraining.numbers(value.isObject() ? value : Json.object());
    double l1 = numbers.getOrDefault("l1", 0.0);
    double l2 = numbers.getOrDefault("l2", 0.0);
    boolean none = numbers.containsKey("l1") || numbers.containsKey("l2");
    if (none && l1 == 0 && l2 == 0) {
      return;
    }
    String said = key + " " + name(value);
    if (key.equals("activity" + REGULARIZER)) {
      refuse(layer, said + " is not applied: only weights are regularized");
    } else if (!(l1 >= 0 && l2 >= 0 && l1 + l2 > 0) || Double.isInfinite(l1 + l2)) {
      refuse(layer, said + " is not applied: only L1, L2 and both together are");
    } else {
      List<String> weights = weights(layer, key, REGULARIZER);
      if (weights.isEmpty()) {
        refuse(layer, said + " is not applied: the graph has no weight of that name");
      }
      String setting = key + " " + text(l1, l2);
      weights.forEach(weight -> penalties.put(weight, new KerasTraining.Penalty(setting, l1, l2)));
    }
  }

  private static String text(double l1, double l2) {
    return l1 == 0 ? "l2=" + l2 : l2 == 0 ? "l1=" + l1 : "l1=" + l1 + ",l2=" + l2;
  }

  private void constraint(String layer, String key, Json value) {
    Map<String, Double> numbers = KerasTraining.numbers(value.isObject() ? value : Json.object());
    for (String weight : weights(layer, key, CONSTRAINT)) {
      constraints.put(weight, new KerasTraining.Constraint(name(value), numbers));
    }
  }

  private static String name(Json value) {
    return value.isText() ? value.text() : value.text("class_name", "of an unknown class");
  }

  /** {@code kernel} of {@code dense} is {@code dense/kernel}, or {@code mha/query/kernel}. */
  private List<String> weights(String layer, String key, String ending) {
    String kind = key.substring(0, key.length() - ending.length());
    return constants.stream()
        .filter(name -> name.startsWith(layer + "/"))
        .filter(
            name -> {
              String last = name.substring(name.lastIndexOf('/') + 1);
              return last.equals(kind) || last.equals(kind + "_kernel");
            })
        .sorted()
        .toList();
  }

  private void refuse(String layer, String reason) {
    refusals.add(new Refusal("layer '" + layer + "'", reason));
  }
}

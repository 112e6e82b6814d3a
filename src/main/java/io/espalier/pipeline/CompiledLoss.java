package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Value;
import io.espalier.keras.KerasTraining;
import io.espalier.keras.KerasTraining.Loss;
import io.espalier.pass.LossKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The loss that a Keras model was compiled with.
 *
 * @param name as Keras has it; "" where the file does not say
 * @param kind absent: there is none such here, or it does not suit the model's last activation
 * @param missing what of it is not done here, as sentences without an end
 */
record CompiledLoss(String name, Optional<LossKind> kind, double smoothing, List<String> missing) {
  private static final CompiledLoss NONE = new CompiledLoss("", Optional.empty(), 0, List.of());

  /** The loss of a model; of no name and kind if it does not come from Keras. */
  static CompiledLoss of(Model model) {
    return KerasTraining.of(model)
        .flatMap(KerasTraining::compiled)
        .map(compiled -> of(compiled.losses(), model))
        .orElse(NONE);
  }

  static CompiledLoss of(List<Loss> losses, Model model) {
    Set<String> names = new TreeSet<>();
    losses.forEach(loss -> names.add(loss.name()));
    if (names.size() > 1) {
      String reason =
          "its losses " + names + " are not taken over: one output is judged, as suits it";
      return new CompiledLoss("", Optional.empty(), 0, List.of(reason));
    }
    return losses.isEmpty() ? NONE : of(losses.get(0), last(model));
  }

  private static CompiledLoss of(Loss said, String last) {
    Optional<LossKind> kind = kind(said.name());
    boolean suits =
        kind.isPresent()
            && !(kind.get() == LossKind.BINARY && last.equals("Softmax"))
            && !(kind.get() == LossKind.LABELS && last.equals("Sigmoid"));
    if (!suits) {
      String what = said.name() + (kind.isPresent() ? " behind " + last : "");
      return new CompiledLoss(
          said.name(),
          Optional.empty(),
          0,
          List.of(
              "the loss %s is not among those here; the loss is what suits the output"
                  .formatted(what)));
    }
    List<String> missing = new ArrayList<>();
    said.reduction().ifPresent(how -> missing.add("the loss is a mean here, not a " + how));
    double smoothing = said.settings().getOrDefault("label_smoothing", 0.0);
    boolean smooths = smoothing > 0 && smoothing < 1 && !kind.get().isOfNumbers();
    return new CompiledLoss(said.name(), kind, smooths ? smoothing : 0, missing);
  }

  private static Optional<LossKind> kind(String name) {
    return switch (name) {
      case "categorical_crossentropy", "sparse_categorical_crossentropy" ->
          Optional.of(LossKind.LABELS);
      case "binary_crossentropy" -> Optional.of(LossKind.BINARY);
      case "mean_squared_error", "mse" -> Optional.of(LossKind.SQUARED_ERROR);
      case "mean_absolute_error", "mae" -> Optional.of(LossKind.ABSOLUTE_ERROR);
      default -> Optional.empty();
    };
  }

  /** The operator behind which the first output lies. */
  private static String last(Model model) {
    return model.graph().outputs().stream()
        .findFirst()
        .flatMap(Value::producer)
        .map(node -> node.is("Identity") ? node.inputs().get(0).producer().orElse(node) : node)
        .map(Node::opType)
        .orElse("");
  }
}

package io.espalier.runtime;

import io.espalier.graph.Dim;
import io.espalier.graph.Model;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The uses of a model's inputs, followed through its graph. */
final class Uses {
  private static final int GUESSED_RANK = 2;

  private final Map<String, InputUse> uses = new HashMap<>();
  private final Map<String, Value> values = new HashMap<>();

  Uses(Model model, List<Port> inputs) {
    model.graph().inputs().forEach(value -> values.put(value.name(), value));
    for (Port input : inputs) {
      Value value = values.get(input.name());
      uses.put(input.name(), value == null ? new InputUse() : new UseTrace(model).of(value));
    }
  }

  InputUse of(Port input) {
    return uses.get(input.name());
  }

  /** The size that weights ask for along an axis of the input. */
  OptionalLong sizeOf(Port input, int axis) {
    Long size = of(input).sizes().get(axis);
    return size == null ? OptionalLong.empty() : OptionalLong.of(size);
  }

  /** The input's dimensions; all unknown where not even their number is declared. */
  List<Dim> dims(Port input) {
    Optional<TensorType> declared =
        Optional.ofNullable(values.get(input.name())).flatMap(Value::type);
    if (!input.dims().isEmpty() || declared.isEmpty() || declared.get().dims().isPresent()) {
      return input.dims();
    }
    int rank = of(input).rank();
    return Stream.<Dim>generate(Dim.Unknown::new).limit(rank < 0 ? GUESSED_RANK : rank).toList();
  }
}

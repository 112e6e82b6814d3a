package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The operands and settings of a function that was called on tensors. */
record OperationCall(LayerContext layer, List<KerasTensor> inputs) {
  /** An operand: at a position, or under one of the names. */
  Optional<Argument> operand(int position, String... names) {
    Optional<Argument> found = layer.argument(position, names.length > 0 ? names[0] : "");
    for (String name : names) {
      found = found.isPresent() ? found : layer.argument(-1, name);
    }
    return found;
  }

  /** As {@link #operand}, as a list of one or none. */
  List<Argument> operands(int position, String... names) {
    return operand(position, names).stream().toList();
  }

  /** The tensor at a position or under a name; a constant becomes one like {@code other}. */
  KerasTensor tensor(KerasTensor other, int position, String... names) {
    Argument found =
        operand(position, names)
            .orElseThrow(() -> layer.malformed("expected an operand " + List.of(names)));
    if (found instanceof Argument.Constant constant) {
      return constant(other, constant.value());
    }
    return found instanceof Argument.Many many && many.refs().isEmpty()
        ? constant(other, json(many))
        : layer.tensors(found).get(0);
  }

  /** The first tensor of the call. */
  KerasTensor x() {
    return inputs.stream()
        .findFirst()
        .or(layer::anyTensor)
        .orElseThrow(() -> layer.malformed("expected a tensor"));
  }

  private KerasTensor constant(KerasTensor other, Json said) {
    List<Double> numbers = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    collect(unwrapped(said), numbers, dims, 0);
    long[] shape = dims.stream().mapToLong(dim -> dim).toArray();
    boolean whole = numbers.stream().allMatch(number -> number == Math.rint(number));
    DataType type = other.type().isFloat() || whole ? other.type() : DataType.FLOAT;
    return KerasTensor.plain(
        layer.ops().constant(Elements.tensor(type, Shape.of(shape), numbers::get)), type, shape);
  }

  private static Json unwrapped(Json said) {
    Json inner = said;
    while (inner.isObject()) {
      inner = inner.first("value", "config").orElseThrow(() -> said.unexpected("numbers"));
    }
    return inner;
  }

  private void collect(Json said, List<Double> numbers, List<Long> dims, int depth) {
    if (!said.isList()) {
      numbers.add(said.number());
      return;
    }
    List<Json> items = said.items();
    if (dims.size() == depth) {
      dims.add((long) items.size());
    } else if (dims.get(depth) != items.size() || depth > 8) {
      throw said.unexpected("a regular array");
    }
    items.forEach(item -> collect(item, numbers, dims, depth + 1));
  }

  /** A setting: passed with the call, or kept in the configuration. */
  Optional<Json> setting(int position, String... names) {
    Optional<Json> found =
        operand(position, names)
            .filter(Argument.Constant.class::isInstance)
            .map(argument -> ((Argument.Constant) argument).value());
    if (found.isPresent()) {
      return found;
    }
    Optional<Argument> many = operand(position, names).filter(one -> one.refs().isEmpty());
    if (many.isPresent() && many.get() instanceof Argument.Many list) {
      return Optional.of(json(list));
    }
    return layer.config().first(names);
  }

  private static Json json(Argument.Many list) {
    StringBuilder text = new StringBuilder("[");
    for (Argument item : list.items()) {
      text.append(text.length() > 1 ? "," : "");
      text.append(
          item instanceof Argument.Many inner
              ? json(inner)
              : item instanceof Argument.Constant one ? one.value() : "null");
    }
    return Json.parse(text.append(']').toString(), "an argument");
  }
}

package io.espalier.runtime;

import io.espalier.graph.Dim;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The dimensions of a session's inputs that are not fixed. Each has a key: the symbol's name, or
 * {@code input[axis]} where it has none.
 */
final class Extents {
  private final Map<String, ExtentKind> kinds = new LinkedHashMap<>();
  private final Map<String, Long> preferred = new LinkedHashMap<>();
  private final Map<String, Long> fixed = new LinkedHashMap<>();
  private final Map<Port, List<Dim>> dims = new LinkedHashMap<>();

  Extents(List<Port> inputs, Uses uses) {
    int highest = inputs.stream().mapToInt(input -> uses.dims(input).size()).max().orElse(0);
    for (Port input : inputs) {
      List<Dim> known = uses.dims(input);
      dims.put(input, known);
      Port ranked = new Port(input.name(), input.kind(), input.dataType(), known);
      for (int axis = 0; axis < known.size(); axis++) {
        declare(ranked, axis, known.size() < highest, uses);
      }
    }
  }

  private void declare(Port input, int axis, boolean others, Uses uses) {
    Dim dim = input.dims().get(axis);
    if (dim instanceof Dim.Known) {
      return;
    }
    OptionalLong hint = uses.sizeOf(input, axis);
    if (dim instanceof Dim.Symbol symbol) {
      for (String name : DimExpression.names(symbol.name())) {
        kinds.putIfAbsent(name, ExtentKind.of(input, axis, name, others));
        if (name.equals(symbol.name())) {
          hint.ifPresent(size -> preferred.putIfAbsent(name, size));
        }
      }
    } else {
      String key = key(input.name(), axis);
      kinds.put(key, ExtentKind.of(input, axis, "", others));
      hint.ifPresent(size -> preferred.put(key, size));
    }
  }

  static String key(String input, int axis) {
    return input + "[" + axis + "]";
  }

  /** The free dimensions' keys with what they count. */
  Map<String, ExtentKind> kinds() {
    return Collections.unmodifiableMap(kinds);
  }

  /** The keys of the dimensions of {@code kind} that may be chosen. */
  List<String> open(ExtentKind kind) {
    return kinds.keySet().stream()
        .filter(key -> kinds.get(key) == kind && !fixed.containsKey(key))
        .toList();
  }

  boolean isOpen(String key) {
    return kinds.containsKey(key) && !fixed.containsKey(key);
  }

  /**
   * Fixes a size that the user names.
   *
   * @throws ModelException if no input has such a dimension
   */
  void fix(String key, long size) {
    if (!kinds.containsKey(key)) {
      throw new ModelException(
          "dimension '%s': the model's free dimensions are %s".formatted(key, kinds.keySet()));
    }
    fixed.put(key, size);
  }

  /** Fixes the dimensions that a given value of {@code input} decides. */
  void fix(Port input, Shape shape) {
    List<Dim> known = dims.get(input);
    if (known.size() != shape.rank() && !known.isEmpty()) {
      throw mismatch(input, shape);
    }
    for (int axis = 0; axis < known.size(); axis++) {
      Dim dim = known.get(axis);
      if (dim instanceof Dim.Known size && size.size() != shape.dim(axis)) {
        throw mismatch(input, shape);
      }
      String key = dim instanceof Dim.Symbol symbol ? symbol.name() : key(input.name(), axis);
      if (kinds.containsKey(key)) {
        Long before = fixed.put(key, shape.dim(axis));
        if (before != null && before != shape.dim(axis)) {
          throw new ModelException(
              "input '%s': dimension '%s' is %d here and %d elsewhere"
                  .formatted(input.name(), key, shape.dim(axis), before));
        }
      }
    }
  }

  private static ModelException mismatch(Port input, Shape shape) {
    return new ModelException(
        "input '%s': expected %s, got shape %s".formatted(input.name(), input, shape));
  }

  /** The sizes to try first: fixed ones, ones that weights demand, the likeliest of their kind. */
  Map<String, Long> first() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    kinds.forEach((key, kind) -> sizes.put(key, kind.sizes().get(0)));
    imitateKnownSides(sizes);
    sizes.putAll(preferred);
    sizes.putAll(fixed);
    addTotals(sizes);
    return sizes;
  }

  /** Where an image has one side fixed, the other is likely the same. */
  private void imitateKnownSides(Map<String, Long> sizes) {
    dims.forEach(
        (input, known) -> {
          for (int axis = 1; known.size() == 4 && axis < 4; axis++) {
            String key = key(input.name(), axis);
            String symbol = known.get(axis) instanceof Dim.Symbol s ? s.name() : key;
            int other =
                axis == 2 ? (kinds.get(key(input.name(), 1)) == ExtentKind.SPATIAL ? 1 : 3) : 2;
            if (kinds.get(symbol) == ExtentKind.SPATIAL
                && known.get(other) instanceof Dim.Known side
                && side.size() > 4) {
              sizes.put(symbol, side.size() < 64 ? 320 : side.size());
            }
          }
        });
  }

  /** A mask over past and present tokens is as long as both together. */
  private void addTotals(Map<String, Long> sizes) {
    long past = sizeOf(ExtentKind.PAST, sizes);
    long now = sizeOf(ExtentKind.SEQUENCE, sizes);
    if (past < 0 || now < 0) {
      return;
    }
    for (String key : kinds.keySet()) {
      String name = key.toLowerCase(java.util.Locale.ROOT);
      if (isOpen(key)
          && (name.contains("total") || name.contains("attention_mask"))
          && kinds.get(key) == ExtentKind.SEQUENCE) {
        sizes.put(key, past + now);
      }
    }
  }

  /** The size of the first dimension of that kind; -1 if there is none. */
  long sizeOf(ExtentKind kind, Map<String, Long> sizes) {
    for (Map.Entry<String, ExtentKind> extent : kinds.entrySet()) {
      String name = extent.getKey().toLowerCase(java.util.Locale.ROOT);
      if (extent.getValue() == kind && !name.contains("total") && !name.contains("mask")) {
        return sizes.get(extent.getKey());
      }
    }
    return -1;
  }

  /** The shape of {@code input} under these sizes. */
  Shape shape(Port input, Map<String, Long> sizes) {
    List<Long> shape = new ArrayList<>();
    List<Dim> known = dims.get(input);
    for (int axis = 0; axis < known.size(); axis++) {
      Dim dim = known.get(axis);
      if (dim instanceof Dim.Known size) {
        shape.add(size.size());
      } else if (dim instanceof Dim.Symbol symbol) {
        shape.add(DimExpression.value(symbol.name(), sizes).orElse(1L));
      } else {
        shape.add(sizes.get(key(input.name(), axis)));
      }
    }
    return Shape.of(shape.stream().mapToLong(Long::longValue).toArray());
  }
}

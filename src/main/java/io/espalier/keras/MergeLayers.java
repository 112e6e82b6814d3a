package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;

/** Layers of {@code keras.layers.merging}. */
final class MergeLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("Add", elementwise(MergeLayers::sum)),
          entry("Subtract", elementwise((layer, x) -> layer.ops().sub(x.get(0), x.get(1)))),
          entry("Multiply", elementwise(MergeLayers::product)),
          entry("Average", elementwise(MergeLayers::mean)),
          entry("Maximum", elementwise((layer, x) -> many(layer, "Max", x))),
          entry("Minimum", elementwise((layer, x) -> many(layer, "Min", x))),
          entry(
              "Concatenate",
              LayerRule.merging(
                  (layer, x) -> concatenate(layer, x, layer.config().integer("axis", -1)))),
          entry(
              "Dot",
              LayerRule.merging((layer, x) -> dot(layer, x, layer.config().integers("axes")))),
          entry("Merge", LayerRule.merging(MergeLayers::kerasOne)));

  private MergeLayers() {}

  private static LayerRule elementwise(BiFunction<LayerContext, List<Value>, Value> operation) {
    return LayerRule.merging((layer, inputs) -> elementwise(layer, inputs, operation));
  }

  private static KerasTensor elementwise(
      LayerContext layer,
      List<KerasTensor> inputs,
      BiFunction<LayerContext, List<Value>, Value> operation) {
    if (inputs.size() < 2) {
      throw layer.malformed("expected two inputs or more, got " + inputs.size());
    }
    Alignment aligned = Alignment.of(layer, inputs);
    return aligned.result(operation.apply(layer, aligned.values())).withMask(mask(layer, inputs));
  }

  /**
   * A step counts if it does in all inputs that have a mask. Of Keras 3, if it does in one of them,
   * and only where all have one.
   */
  private static Value mask(LayerContext layer, List<KerasTensor> inputs) {
    if (layer.dialect().isThree()) {
      boolean all = inputs.stream().allMatch(input -> input.mask() != null);
      return all
          ? inputs.stream()
              .map(KerasTensor::mask)
              .distinct()
              .reduce((a, b) -> layer.ops().call("Or", a, b))
              .orElse(null)
          : null;
    }
    return inputs.stream()
        .map(KerasTensor::mask)
        .filter(Objects::nonNull)
        .distinct()
        .reduce(layer.ops()::and)
        .orElse(null);
  }

  private static Value sum(LayerContext layer, List<Value> terms) {
    return terms.size() == 2
        ? layer.ops().add(terms.get(0), terms.get(1))
        : many(layer, "Sum", terms);
  }

  private static Value product(LayerContext layer, List<Value> factors) {
    return factors.stream().reduce(layer.ops()::mul).orElseThrow();
  }

  private static Value mean(LayerContext layer, List<Value> terms) {
    return many(layer, "Mean", terms);
  }

  private static Value many(LayerContext layer, String opType, List<Value> values) {
    return layer.ops().call(opType, values.toArray(Value[]::new));
  }

  /** Tensors side by side along an axis. */
  static KerasTensor concatenate(LayerContext layer, List<KerasTensor> given, long saidAxis) {
    List<KerasTensor> inputs =
        given.stream().map(x -> x.layout().isFlat() ? layer.asPlain(x) : x).toList();
    if (inputs.size() == 1) {
      return inputs.get(0);
    }
    int rank = inputs.get(0).rank();
    int axis = Math.toIntExact(saidAxis < 0 ? saidAxis + rank : saidAxis);
    boolean fit =
        axis >= 0 && axis < rank && inputs.stream().allMatch(input -> input.rank() == rank);
    if (!fit) {
      throw layer.malformed(
          "axis %d does not fit inputs %s"
              .formatted(saidAxis, inputs.stream().map(KerasTensor::shapeText).toList()));
    }
    Alignment aligned = Alignment.of(layer, inputs);
    long[] dims = inputs.get(0).dims().clone();
    long[] sizes = inputs.stream().mapToLong(input -> input.dim(axis)).toArray();
    dims[axis] = Arrays.stream(sizes).anyMatch(size -> size < 0) ? -1 : Arrays.stream(sizes).sum();
    Value y = layer.ops().concat(aligned.layout().axisOf(axis), aligned.values());
    Value mask = axis == 1 ? oneBehindTheOther(layer, inputs) : mask(layer, inputs);
    return new KerasTensor(y, aligned.type(), dims, aligned.layout(), mask);
  }

  /** The masks of inputs whose steps follow each other; without a mask all count. */
  private static Value oneBehindTheOther(LayerContext layer, List<KerasTensor> inputs) {
    if (inputs.stream().allMatch(input -> input.mask() == null)) {
      return null;
    }
    Ops ops = layer.ops();
    List<Value> masks = new ArrayList<>();
    for (KerasTensor input : inputs) {
      Value all =
          input.mask() == null
              ? ops.filled(ops.shape(layer.plain(input), 0, 2), DataType.BOOL, 1)
              : input.mask();
      masks.add(all);
    }
    return ops.concat(1, masks);
  }

  /** Products summed along an axis of each, for each sample. */
  static KerasTensor dot(LayerContext layer, List<KerasTensor> inputs, long[] said) {
    if (inputs.size() != 2) {
      throw layer.malformed("expected two inputs, got " + inputs.size());
    }
    Ops ops = layer.ops();
    KerasTensor a = layer.floating(layer.asPlain(inputs.get(0)));
    KerasTensor b = layer.floating(layer.asPlain(inputs.get(1)));
    int axisA = axis(layer, a, said[0]);
    int axisB = axis(layer, b, said[said.length - 1]);
    Value x = a.value();
    Value y = b.value();
    if (layer.config().flag("normalize", false)) {
      x = NormLayers.unitLength(layer, x, axisA);
      y = NormLayers.unitLength(layer, y, axisB);
    }
    if (a.rank() == 2 && b.rank() == 2) {
      return layer.result(ops.reduceSum(ops.mul(x, y), new long[] {1}, true), a.dim(0), 1);
    }
    String letters = "abcdefghijklmnop";
    String free = letters.substring(1, a.rank());
    StringBuilder left = new StringBuilder("a" + free);
    char shared = left.charAt(axisA);
    StringBuilder right = new StringBuilder("a");
    StringBuilder result = new StringBuilder(left).deleteCharAt(axisA);
    long[] dims = new long[a.rank() + b.rank() - 3 + 0];
    int at = 0;
    for (int axis = 0; axis < a.rank(); axis++) {
      if (axis != axisA) {
        dims[at++] = a.dim(axis);
      }
    }
    for (int axis = 1; axis < b.rank(); axis++) {
      char letter = axis == axisB ? shared : letters.charAt(a.rank() + axis);
      right.append(letter);
      if (axis != axisB) {
        result.append(letter);
        dims[at++] = b.dim(axis);
      }
    }
    String equation = left + "," + right + "->" + result;
    Value product = ops.call("Einsum", Map.of("equation", Attribute.of(equation)), x, y);
    return layer.result(product, dims);
  }

  private static int axis(LayerContext layer, KerasTensor x, long said) {
    int axis = Math.toIntExact(said < 0 ? said + x.rank() : said);
    if (axis < 1 || axis >= x.rank()) {
      throw layer.malformed("axes: expected axes of " + x.shapeText() + ", got " + said);
    }
    return axis;
  }

  /** Keras 1: one layer for all, with a mode. */
  private static KerasTensor kerasOne(LayerContext layer, List<KerasTensor> inputs) {
    Json config = layer.config();
    String mode = config.text("mode", "sum");
    return switch (mode) {
      case "sum" -> elementwise(layer, inputs, MergeLayers::sum);
      case "mul" -> elementwise(layer, inputs, MergeLayers::product);
      case "ave" -> elementwise(layer, inputs, MergeLayers::mean);
      case "max" -> elementwise(layer, inputs, (l, x) -> many(l, "Max", x));
      case "concat" -> concatenate(layer, inputs, config.integer("concat_axis", -1));
      case "dot" -> dot(layer, inputs, kerasOneAxes(config));
      default ->
          throw layer.unsupported(
              "mode '" + mode + "': a function of its own, or one that is not imported");
    };
  }

  private static long[] kerasOneAxes(Json config) {
    Json axes = config.get("dot_axes");
    if (axes.isList() && !axes.items().isEmpty() && axes.items().get(0).isList()) {
      return new long[] {axes.items().get(0).integers()[0], axes.items().get(1).integers()[0]};
    }
    return axes.integers();
  }
}

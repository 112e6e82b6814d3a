package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.Elements;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Poolings to a size that is said. Output i of n, over an axis of m, is that of the elements from
 * floor(i · m / n) to ceil((i + 1) · m / n).
 */
final class AdaptivePooling {
  static final Map<String, LayerRule> RULES = rules();

  /** Each output is a node where the windows are not of one size. */
  private static final long MOST_OUTPUTS = 1000;

  private AdaptivePooling() {}

  private static Map<String, LayerRule> rules() {
    Map<String, LayerRule> rules = new TreeMap<>();
    for (int axes = 1; axes <= 3; axes++) {
      int n = axes;
      rules.put(
          "AdaptiveAveragePooling" + n + "D", LayerRule.one((layer, x) -> pool(layer, x, n, true)));
      rules.put(
          "AdaptiveMaxPooling" + n + "D", LayerRule.one((layer, x) -> pool(layer, x, n, false)));
    }
    return rules;
  }

  private static KerasTensor pool(LayerContext layer, KerasTensor input, int axes, boolean mean) {
    Image x = Image.of(layer, input, axes);
    long[] wanted = Windows.perAxis(layer.config(), "output_size", axes, 1);
    boolean even = true;
    for (int axis = 0; axis < axes; axis++) {
      long size = x.space()[axis];
      if (size < 0) {
        throw layer.unsupported("expected an image of known size, got " + input.shapeText());
      }
      if (wanted[axis] < 1 || wanted[axis] > MOST_OUTPUTS) {
        throw layer.malformed("output_size: expected 1 to " + MOST_OUTPUTS);
      }
      even &= size >= wanted[axis] && size % wanted[axis] == 0;
    }
    Value y = even ? even(layer, x, wanted, mean) : x.value();
    for (int axis = 0; !even && axis < axes; axis++) {
      y =
          mean
              ? means(layer, y, axis + 2, axes + 2, x.space()[axis], wanted[axis])
              : largest(layer.ops(), y, axis + 2, x.space()[axis], wanted[axis]);
    }
    return x.result(layer, y, x.channels(), wanted);
  }

  private static Value even(LayerContext layer, Image x, long[] wanted, boolean mean) {
    long[] size = new long[wanted.length];
    for (int axis = 0; axis < size.length; axis++) {
      size[axis] = x.space()[axis] / wanted[axis];
    }
    Map<String, Attribute> attributes =
        Map.of("kernel_shape", Attribute.of(size), "strides", Attribute.of(size));
    return layer.ops().call(mean ? "AveragePool" : "MaxPool", attributes, x.value());
  }

  private static long begin(long i, long size, long wanted) {
    return i * size / wanted;
  }

  private static long end(long i, long size, long wanted) {
    return ((i + 1) * size + wanted - 1) / wanted;
  }

  /** Means along one axis, as a product with the shares of the elements in them. */
  private static Value means(
      LayerContext layer, Value x, int axis, int rank, long size, long wanted) {
    Ops ops = layer.ops();
    Value shares =
        ops.constant(
            Elements.tensor(
                layer.type(),
                Shape.of(size, wanted),
                i -> {
                  long from = begin(i % wanted, size, wanted);
                  long to = end(i % wanted, size, wanted);
                  long at = i / wanted;
                  return at >= from && at < to ? 1.0 / (to - from) : 0;
                }));
    long[] order = new long[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i == axis ? rank - 1 : i == rank - 1 ? axis : i;
    }
    return ops.transpose(ops.matMul(ops.transpose(x, order), shares), order);
  }

  private static Value largest(Ops ops, Value x, int axis, long size, long wanted) {
    List<Value> parts = new ArrayList<>();
    for (long i = 0; i < wanted; i++) {
      long[] from = {begin(i, size, wanted)};
      long[] to = {end(i, size, wanted)};
      Value window = ops.slice(x, from, to, new long[] {axis}, new long[] {1});
      parts.add(ops.call("ReduceMax", Map.of("keepdims", Attribute.of(1)), window, ops.ints(axis)));
    }
    return parts.size() == 1 ? parts.get(0) : ops.concat(axis, parts);
  }
}

package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Attention of several heads, each with projections of its own. */
final class HeadAttention {
  private final LayerContext layer;
  private final Ops ops;
  private final long heads;
  private final long groups;
  private final long keySize;
  private final long valueSize;

  private HeadAttention(LayerContext layer, long heads, long groups, long keySize, long valueSize) {
    this.layer = layer;
    this.ops = layer.ops();
    this.heads = heads;
    this.groups = groups;
    this.keySize = keySize;
    this.valueSize = valueSize;
  }

  static List<KerasTensor> multiHead(LayerContext layer, List<KerasTensor> inputs) {
    long heads = layer.config().integer("num_heads");
    long keySize = layer.config().integer("key_dim");
    long valueSize = layer.config().integer("value_dim", keySize);
    return new HeadAttention(layer, heads, heads, keySize, valueSize).emit(inputs);
  }

  static List<KerasTensor> groupedQuery(LayerContext layer, List<KerasTensor> inputs) {
    Json config = layer.config();
    long heads = config.integer("num_query_heads");
    long groups = config.integer("num_key_value_heads");
    long size = config.integer("head_dim");
    if (groups < 1 || heads % groups != 0) {
      throw layer.malformed("num_key_value_heads: expected a divisor of " + heads);
    }
    return new HeadAttention(layer, heads, groups, size, size).emit(inputs);
  }

  private List<KerasTensor> emit(List<KerasTensor> inputs) {
    if (layer.config().flag("use_gate", false)) {
      throw layer.unsupported("use_gate is not imported");
    }
    KerasTensor given = argument(0, "query", inputs);
    KerasTensor query = steps(given);
    KerasTensor value = steps(argument(1, "value", inputs));
    KerasTensor key = layer.tensor(2, "key").map(this::steps).orElse(value);
    Value q = split(project("query", "query_dense", query, heads, keySize), heads, keySize);
    Value k = project("key", "key_dense", key, groups, keySize);
    Value v = split(project("value", "value_dense", value, groups, valueSize), groups, valueSize);
    Value scaled = ops.mul(q, layer.number(1 / Math.sqrt(keySize)));
    Value scores = ops.matMul(scaled, turned(k));
    Value weights = AttentionMasks.softmax(layer, scores, mask(query, key, value));
    Value mixed = ops.transpose(ops.matMul(weights, repeated(v, valueSize)), 0, 2, 1, 3);
    Value joined = ops.reshape(mixed, 0, 0, heads * valueSize);
    KerasTensor y = output(joined, query);
    KerasTensor result = given.rank() == 3 ? y.withMask(given.mask()) : back(y, given);
    boolean returnsWeights =
        layer.constant(-1, "return_attention_scores").map(Json::flag).orElse(false);
    return returnsWeights
        ? List.of(result, layer.result(weights, query.dim(0), heads, query.dim(1), key.dim(1)))
        : List.of(result);
  }

  /** The result with the axes of the query. */
  private KerasTensor back(KerasTensor y, KerasTensor query) {
    int[] order = order(query);
    long[] dims = new long[query.rank()];
    for (int i = 0; i < dims.length - 1; i++) {
      dims[i] = i == 0 ? query.dim(0) : layer.known(query, order[i]);
    }
    dims[dims.length - 1] = y.lastDim();
    long[] shape = dims.clone();
    shape[0] = -1;
    KerasTensor parted =
        KerasTensor.plain(layer.ops().reshape(layer.plain(y), shape), y.type(), dims);
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return ReshapingLayers.view(parted, inverse);
  }

  private KerasTensor argument(int position, String name, List<KerasTensor> inputs) {
    return layer
        .tensor(position, name)
        .or(() -> inputs.stream().skip(position).findFirst())
        .orElseThrow(() -> layer.malformed("expected the argument '" + name + "'"));
  }

  /** The axes that are attended to; all between batch and features where nothing is said. */
  private int[] attended(KerasTensor x) {
    int[] axes =
        layer
            .config()
            .find("attention_axes")
            .map(said -> Arrays.stream(said.integers()).mapToInt(Math::toIntExact).toArray())
            .orElse(IntStream.range(1, x.rank() - 1).toArray());
    if (axes.length == 0 || Arrays.stream(axes).anyMatch(axis -> axis < 1 || axis > x.rank() - 2)) {
      throw layer.malformed("attention_axes: expected axes from 1 to " + (x.rank() - 2));
    }
    return axes;
  }

  /** The axes that count as further samples, those attended to, the features. */
  private int[] order(KerasTensor x) {
    int[] attended = attended(x);
    IntStream others =
        IntStream.range(0, x.rank() - 1)
            .filter(axis -> Arrays.stream(attended).noneMatch(one -> one == axis));
    return IntStream.concat(
            IntStream.concat(others, Arrays.stream(attended)), IntStream.of(x.rank() - 1))
        .toArray();
  }

  /** [batch, steps, features], in which several axes may have become one. */
  private KerasTensor steps(KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(input));
    if (x.rank() == 3) {
      return x;
    }
    if (x.rank() < 3) {
      throw layer.malformed("expected an input of rank 3 or more, got " + x.shapeText());
    }
    int[] attended = attended(x);
    long features = layer.known(x, x.rank() - 1);
    if (attended.length == x.rank() - 2) {
      return ReshapingLayers.reshape(layer, x, -1, features);
    }
    if (layer.tensor(-1, "attention_mask").isPresent()) {
      throw layer.unsupported("masks what it attends to along some axes, which is not imported");
    }
    long steps =
        Arrays.stream(attended)
            .mapToLong(axis -> layer.known(x, axis))
            .reduce(1, Math::multiplyExact);
    Value ordered = layer.plain(ReshapingLayers.view(x, order(x)));
    return layer.result(ops.reshape(ordered, -1, steps, features), -1, steps, features);
  }

  /** A projection to all heads side by side. */
  private Value project(String name, String attribute, KerasTensor x, long count, long size) {
    LayerContext part = part(name, attribute);
    long features = layer.known(x, 2);
    Value kernel =
        part.weight(
            "kernel", tensor -> flat(tensor, features, count * size), features, count, size);
    Value y = part.ops().matMul(x.value(), kernel);
    return usesBias()
        ? part.ops().add(y, part.weight("bias", tensor -> flat(tensor, count * size), count, size))
        : y;
  }

  private KerasTensor output(Value joined, KerasTensor query) {
    LayerContext part = part("attention_output", "output_dense");
    long units =
        layer
            .config()
            .find("output_shape")
            .map(Json::integers)
            .filter(dims -> dims.length == 1)
            .map(dims -> dims[0])
            .orElse(query.dim(2));
    Value kernel =
        part.weight(
            "kernel", tensor -> flat(tensor, heads * valueSize, units), heads, valueSize, units);
    Value y = part.ops().matMul(joined, kernel);
    y = usesBias() ? part.ops().add(y, part.weight("bias", units)) : y;
    return layer.result(y, query.dim(0), query.dim(1), units);
  }

  private LayerContext part(String name, String attribute) {
    LayerSpec spec =
        new LayerSpec(
            "EinsumDense", "", name, layer.config(), List.of(), java.util.Optional.empty());
    return layer.part(attribute, spec);
  }

  private boolean usesBias() {
    return layer.config().flag("use_bias", true);
  }

  private static Tensor flat(Tensor tensor, long... dims) {
    return Tensors.reshape(tensor, dims);
  }

  /** [batch, steps, count · size] as [batch, count, steps, size]. */
  private Value split(Value x, long count, long size) {
    return ops.transpose(ops.reshape(x, 0, 0, count, size), 0, 2, 1, 3);
  }

  /** [batch, steps, groups · size] as [batch, heads, size, steps]. */
  private Value turned(Value keys) {
    return groups == heads
        ? ops.transpose(ops.reshape(keys, 0, 0, heads, keySize), 0, 2, 3, 1)
        : ops.transpose(repeated(split(keys, groups, keySize), keySize), 0, 1, 3, 2);
  }

  /** Each head's keys or values as often as query heads share them. */
  private Value repeated(Value x, long size) {
    if (groups == heads) {
      return x;
    }
    Value tiled = ops.call("Tile", ops.unsqueeze(x, 2), ops.ints(1, 1, heads / groups, 1, 1));
    return ops.reshape(tiled, 0, heads, -1, size);
  }

  /** Boolean, broadcast to [batch, heads, queries, keys]; null where all count. */
  private Value mask(KerasTensor query, KerasTensor key, KerasTensor value) {
    List<Value> masks = new ArrayList<>();
    if (query.mask() != null) {
      masks.add(ops.unsqueeze(query.mask(), 1, 3));
    }
    if (value.mask() != null) {
      masks.add(ops.unsqueeze(value.mask(), 1, 2));
    }
    if (key.mask() != null && key.mask() != value.mask()) {
      masks.add(ops.unsqueeze(key.mask(), 1, 2));
    }
    layer
        .tensor(-1, "attention_mask")
        .ifPresent(
            given -> {
              Value bool = ops.cast(layer.plain(given), DataType.BOOL);
              masks.add(given.rank() == 3 ? ops.unsqueeze(bool, 1) : bool);
            });
    if (layer.constant(-1, "use_causal_mask").map(Json::flag).orElse(false)) {
      masks.add(AttentionMasks.causal(ops, query.value(), key.value(), 1, 1));
    }
    return masks.stream().reduce(ops::and).orElse(null);
  }
}

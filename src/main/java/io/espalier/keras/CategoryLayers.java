package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Layers of {@code keras.layers.preprocessing} that make numbers into categories. */
final class CategoryLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("CategoryEncoding", CategoryLayers::encoding),
          entry("Discretization", LayerRule.one(CategoryLayers::discretization)));

  private CategoryLayers() {}

  private static List<KerasTensor> encoding(LayerContext layer, List<KerasTensor> inputs) {
    if (inputs.isEmpty() || layer.tensor(1, "count_weights").isPresent()) {
      throw layer.unsupported("count_weights are not imported");
    }
    String mode = layer.config().text("output_mode", "multi_hot");
    Json tokens =
        layer
            .config()
            .first("num_tokens", "max_tokens")
            .orElseThrow(() -> layer.unsupported("does not say how many categories there are"));
    return List.of(encoded(layer, inputs.get(0), mode, tokens.integer()));
  }

  /** How many of the boundaries are no larger than each element. */
  private static KerasTensor discretization(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.draft().cast(layer.asPlain(input), DataType.FLOAT, layer.ops());
    double[] bounds =
        layer
            .config()
            .first("bin_boundaries", "bins")
            .orElseThrow(() -> layer.unsupported("does not say its boundaries"))
            .items()
            .stream()
            .mapToDouble(Json::number)
            .toArray();
    Ops ops = layer.ops();
    Value limits =
        ops.constant(Elements.tensor(DataType.FLOAT, Shape.of(bounds.length), i -> bounds[i]));
    Value above = ops.call("GreaterOrEqual", ops.unsqueeze(x.value(), x.rank()), limits);
    Value bins = ops.reduceSum(ops.cast(above, DataType.INT64), new long[] {x.rank()}, false);
    KerasTensor indices = KerasTensor.plain(bins, DataType.INT64, x.dims());
    String mode = layer.config().text("output_mode", "int");
    return encoded(layer, indices, mode, bounds.length + 1);
  }

  /** Indices as they are, as a row with a one in it each, or as a row for all of a sample. */
  private static KerasTensor encoded(
      LayerContext layer, KerasTensor input, String mode, long depth) {
    KerasTensor x = layer.draft().cast(layer.asPlain(input), DataType.INT64, layer.ops());
    if (mode.equals("int")) {
      return x;
    }
    Ops ops = layer.ops();
    boolean lastIsOne = x.rank() > 1 && x.lastDim() == 1;
    if (mode.equals("one_hot")) {
      KerasTensor bare =
          lastIsOne
              ? KerasTensor.plain(
                  ops.squeeze(x.value(), x.rank() - 1),
                  x.type(),
                  Arrays.copyOf(x.dims(), x.rank() - 1))
              : x;
      return rows(layer, bare, depth);
    }
    KerasTensor wide =
        x.rank() == 1 ? KerasTensor.plain(ops.unsqueeze(x.value(), 1), x.type(), x.dim(0), 1) : x;
    KerasTensor rows = rows(layer, wide, depth);
    int axis = rows.rank() - 2;
    long[] dims = Arrays.copyOf(wide.dims(), wide.rank());
    dims[dims.length - 1] = depth;
    Value y =
        switch (mode) {
          case "count" -> ops.reduceSum(rows.value(), new long[] {axis}, false);
          case "multi_hot", "binary" ->
              ops.call(
                  "ReduceMax", Map.of("keepdims", Attribute.of(0)), rows.value(), ops.ints(axis));
          default -> throw layer.unsupported("output_mode '" + mode + "' is not imported");
        };
    return layer.result(y, dims);
  }

  /** Along a new last axis, one at each index; indices out of range have none. */
  static KerasTensor rows(LayerContext layer, KerasTensor x, long depth) {
    Ops ops = layer.ops();
    long[] numbers = java.util.stream.LongStream.range(0, depth).toArray();
    Value same = ops.equal(ops.unsqueeze(x.value(), x.rank()), ops.ints(numbers));
    long[] dims = Arrays.copyOf(x.dims(), x.rank() + 1);
    dims[x.rank()] = depth;
    return layer.result(ops.cast(same, layer.type()), dims);
  }
}

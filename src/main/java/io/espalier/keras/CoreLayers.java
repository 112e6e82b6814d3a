package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Map;

/** Layers of {@code keras.layers.core}. */
final class CoreLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("Dense", LayerRule.one(CoreLayers::dense)),
          entry("EinsumDense", LayerRule.one(EinsumDense::emit)),
          entry("Embedding", LayerRule.one(CoreLayers::embedding)),
          entry("Masking", LayerRule.one(CoreLayers::masking)),
          entry("Identity", (layer, inputs) -> inputs));

  private CoreLayers() {}

  /** {@code activation(x · kernel + bias)}, along the last axis. */
  private static KerasTensor dense(LayerContext layer, KerasTensor input) {
    Json config = layer.config();
    KerasTensor x = layer.floating(input);
    long units = config.integer("units");
    Layout layout = x.layout();
    boolean known = layer.instance().values().containsKey("kernel");
    Value kernel =
        layer.weight(
            "kernel",
            tensor -> layout.isFlat() ? rows(tensor, layout) : tensor,
            x.lastDim(),
            units);
    if (layout.isFlat() && !known) {
      layer.draft().rowsLieLike(kernel, layout);
    }
    if (x.rank() == 2) {
      Value row = layer.draft().rowOf(x, kernel, layer.ops());
      x = new KerasTensor(row, x.type(), x.dims(), Layout.plain(2), x.mask());
    } else if (!layout.keepsLast()) {
      x = layer.asPlain(x);
    }
    boolean biased = config.flag("use_bias", true);
    Value bias = biased ? layer.weight("bias", units) : null;
    long[] dims = x.dims().clone();
    dims[dims.length - 1] = units;
    Value y;
    if (x.rank() == 2) {
      y =
          biased
              ? layer.ops().call("Gemm", x.value(), kernel, bias)
              : layer.ops().matMul(x.value(), kernel);
    } else {
      y = layer.ops().matMul(x.value(), kernel);
      y = biased ? layer.ops().add(y, bias) : y;
    }
    return Activations.apply(
        layer, new KerasTensor(y, layer.type(), dims, x.layout(), x.mask()), "activation");
  }

  /** A kernel's rows in the order in which a flattened image lies. */
  private static Tensor rows(Tensor kernel, Layout layout) {
    int rank = layout.order().length;
    long units = kernel.shape().dim(1);
    long[] dims = Arrays.copyOf(layout.flat(), rank + 1);
    dims[rank] = units;
    int[] axes = Arrays.copyOf(layout.order(), rank + 1);
    axes[rank] = rank;
    return Tensors.reshape(
        Tensors.permute(Tensors.reshape(kernel, dims), axes), kernel.shape().dim(0), units);
  }

  /** Rows of a table, by index. Index 0 is masked where {@code mask_zero} says so. */
  private static KerasTensor embedding(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(input);
    long width = layer.config().integer("output_dim");
    Value table = layer.weight("embeddings", layer.config().integer("input_dim", -1), width);
    DataType indexType = x.type() == DataType.INT32 ? DataType.INT32 : DataType.INT64;
    Value indices = x.type() == indexType ? x.value() : layer.ops().cast(x.value(), indexType);
    long[] dims = Arrays.copyOf(x.dims(), x.rank() + 1);
    dims[x.rank()] = width;
    KerasTensor y = layer.result(layer.ops().gather(table, indices, 0), dims);
    if (!layer.config().flag("mask_zero", false)) {
      return y;
    }
    Value zero = layer.ops().scalar(indexType, 0);
    return y.withMask(layer.ops().not(layer.ops().equal(indices, zero)));
  }

  /** Sets the steps to zero whose features are all {@code mask_value}, and masks them. */
  private static KerasTensor masking(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.floating(layer.asPlain(input));
    Value same = layer.ops().equal(x.value(), layer.number(layer.config().number("mask_value", 0)));
    Value counts = layer.ops().cast(layer.ops().not(same), layer.type());
    Value any =
        layer
            .ops()
            .call(
                "ReduceMax",
                Map.of("keepdims", Attribute.of(1)),
                counts,
                layer.ops().ints(x.rank() - 1));
    Value mask = layer.ops().cast(layer.ops().squeeze(any, x.rank() - 1), DataType.BOOL);
    return x.with(layer.ops().mul(x.value(), any)).withMask(mask);
  }
}

package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Elements;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/** Layers around another layer. */
final class WrapperLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("TimeDistributed", LayerRule.one(WrapperLayers::timeDistributed)),
          entry("SpectralNormalization", WrapperLayers::wrapped),
          entry("PruneLowMagnitude", WrapperLayers::pruned));

  /** What tfmot keeps beside the weights of a layer that it prunes. */
  private static final Set<String> PRUNING_STATE = Set.of("threshold", "pruning_step");

  private WrapperLayers() {}

  private static LayerSpec inner(LayerContext layer) {
    return new ArchitectureReader(layer.dialect()).layer(layer.config().get("layer"));
  }

  /** The layer itself: in inference the wrapper does nothing. */
  private static List<KerasTensor> wrapped(LayerContext layer, List<KerasTensor> inputs) {
    return layer.part("layer", inner(layer)).emit(inputs);
  }

  /** The same layer at each step: steps become further samples of the batch. */
  private static KerasTensor timeDistributed(LayerContext layer, KerasTensor input) {
    LayerContext part =
        layer.instance().parts().containsKey("layer")
            ? layer.part("layer", layer.instance().parts().get("layer").spec())
            : layer.part("layer", inner(layer));
    String className = part.spec().className();
    boolean alongLastAxis =
        className.equals("Dense") || className.equals("Activation") || className.equals("Dropout");
    if (alongLastAxis) {
      return part.emit(List.of(input)).get(0);
    }
    KerasTensor x = layer.asPlain(input);
    if (x.rank() < 3) {
      throw layer.malformed("expected an input of rank 3 or more, got " + x.shapeText());
    }
    Ops ops = layer.ops();
    long[] dims = new long[x.rank() - 1];
    System.arraycopy(x.dims(), 2, dims, 1, x.rank() - 2);
    dims[0] = -1;
    if (!KerasTensor.plain(null, x.type(), dims).isKnown()) {
      throw layer.unsupported("takes steps whose dimensions are not known: " + x.shapeText());
    }
    Value flat = ops.reshape(x.value(), dims);
    KerasTensor y =
        layer.asPlain(part.emit(List.of(KerasTensor.plain(flat, x.type(), dims))).get(0));
    long[] back = new long[y.rank() + 1];
    System.arraycopy(y.dims(), 1, back, 2, y.rank() - 1);
    back[0] = x.dim(0);
    back[1] = x.dim(1);
    Value result;
    if (x.dim(1) >= 0 && y.isKnown()) {
      result = ops.reshape(y.value(), back);
    } else {
      Value rest = ops.shape(y.value(), 1, y.rank());
      result = ops.reshape(y.value(), ops.concat(0, List.of(ops.shape(x.value(), 0, 2), rest)));
    }
    return KerasTensor.plain(result, y.type(), back).withMask(x.mask());
  }

  /** The wrapped layer, with tfmot's masks applied to its weights. */
  private static List<KerasTensor> pruned(LayerContext layer, List<KerasTensor> inputs) {
    if (!layer.instance().parts().containsKey("layer")) {
      LayerWeights weights =
          layer.instance().weights() instanceof ListedWeights listed
              ? new ListedWeights(masked(listed.row()))
              : layer.instance().weights().part("layer");
      layer.part("layer", inner(layer), weights);
    }
    LayerInstance part = layer.instance().parts().get("layer");
    return layer.part("layer", part.spec()).emit(inputs);
  }

  private static List<ListedWeights.Named> masked(List<ListedWeights.Named> row) {
    List<ListedWeights.Named> weights = new ArrayList<>();
    List<Tensor> masks = new ArrayList<>();
    for (ListedWeights.Named weight : row) {
      String last = weight.name().replaceFirst(".*/", "").replaceFirst("_\\d+$", "");
      if (last.equals("mask")) {
        masks.add(weight.tensor().get());
      } else if (!PRUNING_STATE.contains(last)) {
        weights.add(weight);
      }
    }
    List<ListedWeights.Named> result = new ArrayList<>();
    for (ListedWeights.Named weight : weights) {
      Tensor tensor = weight.tensor().get();
      Tensor mask =
          masks.stream()
              .filter(one -> Arrays.equals(one.shape().dims(), tensor.shape().dims()))
              .findFirst()
              .orElse(null);
      masks.remove(mask);
      boolean isBias = tensor.shape().rank() < 2;
      result.add(
          mask == null || isBias
              ? weight
              : new ListedWeights.Named(weight.name(), () -> product(tensor, mask)));
    }
    return result;
  }

  private static Tensor product(Tensor tensor, Tensor mask) {
    IntToDoubleFunction a = Elements.of(tensor).orElseThrow();
    IntToDoubleFunction b = Elements.of(mask).orElseThrow();
    return Elements.tensor(
        tensor.dataType(), tensor.shape(), i -> b.applyAsDouble(i) == 0 ? 0 : a.applyAsDouble(i));
  }
}

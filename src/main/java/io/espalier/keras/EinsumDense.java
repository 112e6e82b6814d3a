package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A product that an equation says, as in {@code ab,bc->ac}, plus a bias along some of its axes. */
final class EinsumDense {
  private EinsumDense() {}

  static KerasTensor emit(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(input));
    String equation = layer.config().text("equation").replace(" ", "");
    String[] sides = equation.split("->|,");
    if (sides.length != 3 || !equation.contains("->")) {
      throw layer.malformed("equation: expected one like ab,bc->ac, got " + equation);
    }
    String terms = sides[0].replace("...", "");
    String results = sides[2].replace("...", "");
    Value kernel = layer.weight("kernel", any(sides[1].length()));
    Shape kernelShape = kernel.initializer().orElseThrow().shape();
    Map<Character, Long> sizes = new HashMap<>();
    int elided = x.rank() - terms.length();
    boolean elidedInFront = sides[0].startsWith("...");
    for (int i = 0; i < terms.length(); i++) {
      sizes.put(terms.charAt(i), x.dim(elidedInFront ? i + elided : i));
    }
    for (int i = 0; i < sides[1].length(); i++) {
      sizes.put(sides[1].charAt(i), kernelShape.dim(i));
    }
    long[] dims = new long[results.length() + elided];
    for (int i = 0; i < results.length(); i++) {
      dims[elidedInFront ? i + elided : i] = sizes.get(results.charAt(i));
    }
    for (int i = 0; i < elided; i++) {
      int axis = elidedInFront ? i : dims.length - elided + i;
      dims[axis] = x.dim(elidedInFront ? i : x.rank() - elided + i);
    }
    Value y =
        layer.ops().call("Einsum", Map.of("equation", Attribute.of(equation)), x.value(), kernel);
    if (layer.config().has("bias_axes")) {
      String axes = layer.config().text("bias_axes");
      int first = axes.chars().map(results::indexOf).min().orElse(0);
      int rank = results.length() - first + (elidedInFront ? 0 : elided);
      y = layer.ops().add(y, layer.weight("bias", any(rank)));
    }
    return Activations.apply(layer, layer.result(y, dims), "activation");
  }

  private static long[] any(int rank) {
    long[] dims = new long[rank];
    Arrays.fill(dims, -1);
    return dims;
  }
}

package io.espalier.network;

import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * {@code F(x) + x} (He et al. 2015, arXiv:1512.03385). Where F changes the shape, x is projected by
 * a convolution of kernel 1 and the stride that it takes, or by a dense layer: {@code skip}.
 *
 * @param layers F
 */
public record Residual(List<Layer> layers) implements Layer {
  public Residual {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("residual: expected layers, got none");
    }
  }

  @Override
  public String kind() {
    return "residual";
  }

  @Override
  public Shape outputShape(Shape in) {
    Shape out = Network.outputShape(layers, in);
    projection(in, out);
    return out;
  }

  private static Optional<Layer> projection(Shape in, Shape out) {
    if (in.equals(out)) {
      return Optional.empty();
    }
    if (out.rank() == 1 && in.rank() == 1) {
      return Optional.of(new Dense(out.dim(0)));
    }
    if (out.rank() == in.rank()) {
      Layer skip =
          new Conv(out.dim(0), new Window(List.of(1L), strides(in, out), List.of(1L), List.of(0L)));
      if (skip.outputShape(in).equals(out)) {
        return Optional.of(skip);
      }
    }
    throw new IllegalArgumentException(
        "residual: expected layers from [%s] to that shape, or to one that strides lead to, got [%s]"
            .formatted(in, out));
  }

  private static List<Long> strides(Shape in, Shape out) {
    return IntStream.range(1, in.rank())
        .mapToObj(axis -> (in.dim(axis) + out.dim(axis) - 1) / out.dim(axis))
        .toList();
  }

  @Override
  public double parameters(Shape in) {
    double own = Network.parameters(layers, in);
    return own
        + projection(in, Network.outputShape(layers, in))
            .map(skip -> skip.parameters(in))
            .orElse(0.0);
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    Value changed = emission.emit(layers, x, in);
    Value kept =
        projection(in, Network.outputShape(layers, in))
            .map(skip -> emission.emit(List.of(new Named("skip", skip)), x, in))
            .orElse(x);
    return emission.call("Add", Map.of(), changed, kept);
  }
}

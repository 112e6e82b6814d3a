package io.espalier.network;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Map;
import java.util.Optional;

/**
 * A convolution in one to three dimensions, with {@code weight} [filters, channels / groups,
 * kernel…] and {@code bias} [filters].
 *
 * @param groups into which channels and filters are divided; channels are a multiple of it
 * @param bias whether there is one; it starts at 0
 * @param initializer of the weight; absent: the network's
 */
public record Conv(
    long filters, Window window, long groups, boolean bias, Optional<Initializer> initializer)
    implements Layer {
  public Conv {
    if (filters > Network.WIDEST) {
      throw new IllegalArgumentException(
          "conv: expected at most %d filters, got %d".formatted(Network.WIDEST, filters));
    }
    if (filters < 1 || groups < 1 || filters % groups != 0) {
      throw new IllegalArgumentException(
          "conv: expected a multiple of the groups as number of filters, got %d filters in %d"
                  .formatted(filters, groups)
              + " groups");
    }
  }

  /** In one group, with bias, and the network's initializer. */
  public Conv(long filters, Window window) {
    this(filters, window, 1, true, Optional.empty());
  }

  @Override
  public String kind() {
    return "conv";
  }

  @Override
  public Shape outputShape(Shape in) {
    Shape out = window.outputShape(kind(), in, filters);
    if (in.dim(0) % groups != 0) {
      throw new IllegalArgumentException(
          "conv: expected a multiple of %d channels, the groups, got [%s]".formatted(groups, in));
    }
    return out;
  }

  @Override
  public double parameters(Shape in) {
    return weightShape(in).elements() + (bias ? filters : 0);
  }

  private Shape weightShape(Shape in) {
    long[] kernel = window.kernel(in.rank() - 1);
    long[] dims = new long[kernel.length + 2];
    dims[0] = filters;
    dims[1] = in.dim(0) / groups;
    System.arraycopy(kernel, 0, dims, 2, kernel.length);
    return Shape.of(dims);
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    Shape shape = weightShape(in);
    Value weight = emission.weight("weight", shape, Fans.outIn(shape), initializer);
    Map<String, Attribute> attributes = window.attributes(in);
    attributes.put("dilations", window.dilations(in));
    attributes.put("group", Attribute.of(groups));
    return bias
        ? emission.call("Conv", attributes, x, weight, emission.filled("bias", filters, 0))
        : emission.call("Conv", attributes, x, weight);
  }
}

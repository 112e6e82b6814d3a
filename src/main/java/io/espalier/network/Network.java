package io.espalier.network;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A network as a list of layers.
 *
 * @param input the shape of a sample
 * @param initializer of weights whose layer has none of its own
 */
public record Network(Shape input, Initializer initializer, List<Layer> layers) {
  /** The opset of the models, which onnxruntime reads since 1.12. */
  public static final long OPSET = 17;

  private static final long IR_VERSION = 8;

  /** A larger model is no single protobuf file. */
  private static final double MOST_PARAMETERS = 500_000_000;

  static final long WIDEST = 1 << 24;

  /**
   * Checks that the layers fit together.
   *
   * @throws IllegalArgumentException if not; the message names the layer
   */
  public Network {
    layers = List.copyOf(layers);
    if (input.rank() < 1 || input.elements() < 1) {
      throw new IllegalArgumentException(
          "input: expected [features] or [channels, sizes...], all at least 1, got [%s]"
              .formatted(input));
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers: expected at least one");
    }
    outputShape(layers, input);
    double parameters = parameters(layers, input);
    if (parameters > MOST_PARAMETERS) {
      throw new IllegalArgumentException(
          "layers: expected at most %,.0f parameters, got %,.0f"
              .formatted(MOST_PARAMETERS, parameters));
    }
  }

  /** Describes a network layer by layer; weights are He's unless told otherwise. */
  public static Builder of(long... input) {
    return new Builder(Shape.of(input));
  }

  /** The shape of a sample's output. */
  public Shape output() {
    return outputShape(layers, input);
  }

  static Shape outputShape(List<Layer> layers, Shape in) {
    Shape shape = in;
    for (int i = 0; i < layers.size(); i++) {
      try {
        shape = layers.get(i).outputShape(shape);
      } catch (IllegalArgumentException | MalformedModelException e) {
        String name = layers.get(i) instanceof Named named ? " (" + named.name() + ")" : "";
        throw new IllegalArgumentException(
            "layer %d%s: %s".formatted(i + 1, name, e.getMessage()), e);
      }
    }
    return shape;
  }

  static double parameters(List<Layer> layers, Shape in) {
    Shape shape = in;
    double parameters = 0;
    for (Layer layer : layers) {
      parameters += layer.parameters(shape);
      shape = layer.outputShape(shape);
    }
    return parameters;
  }

  /** The number of elements of all weights, biases and running statistics. */
  public long parameters() {
    return (long) parameters(layers, input);
  }

  /**
   * The network with weights drawn for this seed: input {@code input}, output {@code output}, both
   * float with a batch that is left open.
   */
  public Model model(long seed) {
    Graph graph = new Graph("network", null);
    Value x = graph.addInput("input");
    x.setType(batched(input));
    Value y = new Emission(graph, initializer, seed, "").emit(layers, x, input);
    graph.rename(y, "output");
    y.setType(batched(output()));
    graph.addOutput(y);
    return new Model(IR_VERSION, Map.of("", OPSET), graph, List.of());
  }

  private static TensorType batched(Shape sample) {
    List<Dim> dims = new ArrayList<>();
    dims.add(new Dim.Symbol("batch"));
    Arrays.stream(sample.dims()).forEach(size -> dims.add(new Dim.Known(size)));
    return new TensorType(DataType.FLOAT, Optional.of(dims));
  }

  /** A network in the making; each call adds a layer. */
  public static final class Builder {
    private final Shape input;
    private final List<Layer> layers = new ArrayList<>();
    private Initializer initializer = Initializer.named("he-normal");

    private Builder(Shape input) {
      this.input = input;
    }

    /** The initializer of weights whose layer has none of its own, by name. */
    public Builder initializer(String name) {
      initializer = Initializer.named(name);
      return this;
    }

    /** Any layer. */
    public Builder add(Layer layer) {
      layers.add(layer);
      return this;
    }

    /** Gives the last layer a name. */
    public Builder named(String name) {
      layers.add(new Named(name, layers.remove(layers.size() - 1)));
      return this;
    }

    public Builder dense(long units) {
      return add(new Dense(units));
    }

    /** A convolution that moves by one element, without padding. */
    public Builder conv(long filters, long kernel) {
      return add(new Conv(filters, Window.of(kernel, 1)));
    }

    /** A convolution that keeps the image's size. */
    public Builder convSame(long filters, long kernel) {
      return add(new Conv(filters, Window.same(kernel)));
    }

    /** The largest of windows that lie side by side. */
    public Builder maxPool(long size) {
      return add(new Pool(Pool.Form.MAX, Optional.of(Window.of(size, size))));
    }

    /** The mean of windows that lie side by side. */
    public Builder averagePool(long size) {
      return add(new Pool(Pool.Form.AVERAGE, Optional.of(Window.of(size, size))));
    }

    /** The mean of each channel. */
    public Builder globalAveragePool() {
      return add(new Pool(Pool.Form.AVERAGE, Optional.empty()));
    }

    public Builder batchNorm() {
      return add(BatchNorm.DEFAULT);
    }

    public Builder relu() {
      return activation("relu");
    }

    /** A function by its name, see {@link Activation.Function}. */
    public Builder activation(String name) {
      return add(Activation.of(name));
    }

    /** Dropout of this share of the elements. */
    public Builder dropout(double rate) {
      return add(new Dropout(rate));
    }

    /** Attention of the steps of a sample to each other. */
    public Builder attention() {
      return add(new Attention());
    }

    public Builder flatten() {
      return add(new Flatten());
    }

    /** The layers that {@code body} adds, with a connection past them. */
    public Builder residual(UnaryOperator<Builder> body) {
      return add(new Residual(body.apply(new Builder(input)).layers));
    }

    /**
     * The network.
     *
     * @throws IllegalArgumentException if the layers do not fit together
     */
    public Network build() {
      return new Network(input, initializer, layers);
    }
  }
}

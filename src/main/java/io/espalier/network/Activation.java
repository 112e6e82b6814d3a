package io.espalier.network;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A function of each element, or of each sample's classes.
 *
 * @param alpha the slope or limit of the functions that have one; absent: ONNX' default, 0.01 for
 *     {@code leaky-relu}, 1 for {@code elu}
 */
public record Activation(Function function, Optional<Double> alpha) implements Layer {
  /** The functions. */
  public enum Function {
    RELU("relu", "Relu"),
    LEAKY_RELU("leaky-relu", "LeakyRelu"),
    ELU("elu", "Elu"),
    SELU("selu", "Selu"),
    SIGMOID("sigmoid", "Sigmoid"),
    TANH("tanh", "Tanh"),
    SOFTPLUS("softplus", "Softplus"),
    SOFTMAX("softmax", "Softmax"),
    LOG_SOFTMAX("log-softmax", "LogSoftmax");

    private final String text;
    private final String operator;

    Function(String text, String operator) {
      this.text = text;
      this.operator = operator;
    }

    /**
     * The function of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Function named(String name) {
      for (Function function : values()) {
        if (function.text.equals(name)) {
          return function;
        }
      }
      throw new IllegalArgumentException(
          "activation: expected one of "
              + Arrays.stream(values()).map(Function::toString).collect(Collectors.joining(", "))
              + ", got '"
              + name
              + "'");
    }

    @Override
    public String toString() {
      return text;
    }
  }

  public Activation {
    boolean takesAlpha = function == Function.LEAKY_RELU || function == Function.ELU;
    if (alpha.isPresent() && !takesAlpha) {
      throw new IllegalArgumentException("alpha: only leaky-relu and elu have one");
    }
  }

  /** The function of that name, see {@link Function#named}. */
  public static Activation of(String name) {
    return new Activation(Function.named(name), Optional.empty());
  }

  @Override
  public String kind() {
    return function.toString();
  }

  @Override
  public Shape outputShape(Shape in) {
    return in;
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    Map<String, Attribute> attributes =
        switch (function) {
          case SOFTMAX, LOG_SOFTMAX -> Map.of("axis", Attribute.of(1));
          default ->
              alpha.isPresent()
                  ? Map.of("alpha", Attribute.of(alpha.get().floatValue()))
                  : Map.of();
        };
    return emission.call(function.operator, attributes, x);
  }
}

package io.espalier.prune;

import io.espalier.graph.Attribute;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.OptionalInt;

/**
 * A float constant that operators multiply their input with: an initializer, or what a {@code
 * Constant} node holds. However many nodes use it, it is one weight.
 */
public final class Weight {
  private final Value value;
  private final OptionalInt inputAxis;
  private final OptionalInt columnsFrom;

  /** A weight; {@code value} has a {@link Value#constant}. */
  Weight(Value value, OptionalInt inputAxis, OptionalInt columnsFrom) {
    this.value = value;
    this.inputAxis = inputAxis;
    this.columnsFrom = columnsFrom;
  }

  /** The initializer, or the output of the {@code Constant} node. */
  public Value value() {
    return value;
  }

  public String name() {
    return value.name();
  }

  /** What the graph holds now. */
  public Tensor tensor() {
    return value.constant().orElseThrow();
  }

  public Shape shape() {
    return tensor().shape();
  }

  public long elements() {
    return shape().elements();
  }

  /**
   * The axis of the tensor along which its operators sum products, which is that of N:M groups;
   * absent when it is not known or users disagree.
   */
  public OptionalInt inputAxis() {
    return inputAxis;
  }

  /**
   * The axis of the tensor along which its operators' output channels lie: the last of the matrix's
   * rows, or the first of its columns, whichever products are not summed along. Absent when {@link
   * #inputAxis} or {@link #columnsFrom} is.
   */
  public OptionalInt outputAxis() {
    if (inputAxis.isEmpty() || columnsFrom.isEmpty()) {
      return OptionalInt.empty();
    }
    int split = columnsFrom.getAsInt();
    return OptionalInt.of(inputAxis.getAsInt() >= split ? split - 1 : split);
  }

  /**
   * Where the tensor's dimensions divide into those of its matrix's rows and those of its columns:
   * the first axis of the columns. Convolutions have the matrix [O, I·kH·kW], transposed ones [I,
   * O·kH·kW], recurrent ones [directions·gates·H, I], all others that of their last two dimensions
   * as stored, one below the other. Absent when the weight has no such matrix.
   */
  public OptionalInt columnsFrom() {
    return columnsFrom;
  }

  /** Puts {@code tensor}, which must have the same type and shape, in its place in the graph. */
  public void replace(Tensor tensor) {
    Tensor old = tensor();
    if (tensor.dataType() != old.dataType() || !tensor.shape().equals(old.shape())) {
      throw new IllegalArgumentException(
          "%s: expected a %s tensor of shape %s, got %s of shape %s"
              .formatted(name(), old.dataType(), old.shape(), tensor.dataType(), tensor.shape()));
    }
    if (value.initializer().isPresent()) {
      value.setInitializer(tensor);
    } else {
      Node constant = value.producer().orElseThrow();
      constant.setAttribute("value", new Attribute.TensorAttribute(tensor));
    }
  }

  @Override
  public String toString() {
    return name();
  }
}

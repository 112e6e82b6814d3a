package io.espalier.train;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Floats;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.pass.TrainingInputs;
import io.espalier.prune.SharedValues;
import io.espalier.prune.Weight;
import io.espalier.prune.WeightSharing;
import io.espalier.runtime.HostTensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A weight of the imported model while it trains: fed from a tensor, moved by its gradient, and put
 * back where it came from.
 */
final class TrainedWeight implements AutoCloseable {
  private final Value original;
  private final Tensor initial;
  private final String input;
  private final HostTensor room;
  private final Optional<HostTensor> gradient;
  private final Parameter parameter;
  private float[] sum;
  private boolean summed;
  private SharedValues shared;
  private short[] codes;

  /**
   * A weight.
   *
   * @param trains whether it has a gradient; without, only masks change it
   */
  TrainedWeight(TrainingInputs.Weight weight, boolean trains, int moments, Treatment treatment) {
    this.original = weight.original();
    this.initial = weight.initial();
    this.input = weight.input().name();
    int size = Math.toIntExact(initial.shape().elements());
    float[] values = new float[size];
    Floats.read(initial, 0, values, 0, size, Floats.scratch(size));
    List<HostTensor> rooms = HostTensor.of(DataType.FLOAT, initial.shape(), trains ? 2 : 1);
    this.room = rooms.get(0);
    this.gradient = trains ? Optional.of(rooms.get(1)) : Optional.empty();
    this.parameter =
        new Parameter(
            input,
            values,
            trains ? moments : 0,
            this::readGradient,
            FloatSink.of(room.floats()),
            treatment);
    parameter.publish();
  }

  private void readGradient(float[] into, int from, int to) {
    if (sum != null) {
      System.arraycopy(sum, from, into, from, to - from);
    } else {
      gradient.ifPresent(tensor -> tensor.floats().get(from, into, from, to - from));
    }
  }

  /**
   * Adds the gradient of the latest run to a sum, which the parameter reads from then on.
   *
   * @param first whether a new sum begins
   */
  void addGradient(float share, boolean first) {
    if (gradient.isEmpty()) {
      return;
    }
    float[] latest = parameter.gradient();
    gradient.get().floats().get(0, latest);
    if (first) {
      sum = sum == null ? new float[latest.length] : sum;
      summed = true;
      Arrays.fill(sum, 0);
    }
    Stretch.addMultiple(sum, latest, 0, latest.length, share);
  }

  /** Lets elements share the values of a codebook from now on, if they do not yet. */
  void share(WeightSharing sharing, Weight weight, long seed) {
    float[] values = parameter.weights().clone();
    shared = sharing.fit(values, weight, seed);
    codes = shared.codes(values);
    shared.apply(values, codes);
    if (!Arrays.equals(values, parameter.weights())) {
      parameter.restart(values);
    }
  }

  /**
   * Gives all elements that share a value the sum of their gradients, so that they go on sharing it
   * (Han et al. 2016, section 3.3).
   */
  void tie() {
    if (codes == null || gradient.isEmpty()) {
      return;
    }
    if (sum == null) {
      sum = new float[codes.length];
      summed = false;
    }
    if (!summed) {
      gradient.get().floats().get(0, sum);
    }
    shared.sum(sum, codes);
  }

  /** The value of the imported model that holds it. */
  Value original() {
    return original;
  }

  String input() {
    return input;
  }

  HostTensor room() {
    return room;
  }

  Optional<HostTensor> gradient() {
    return gradient;
  }

  Parameter parameter() {
    return parameter;
  }

  /** Puts what the weight is now, rounded to the type it came with, into the imported model. */
  void putBack() {
    float[] values = parameter.weights();
    put(
        original,
        initial.dataType() == DataType.FLOAT
            ? ArrayTensor.of(initial.shape(), values)
            : Elements.tensor(initial.dataType(), initial.shape(), i -> values[i]));
  }

  /** Gives a constant of the imported model another tensor of its type and shape. */
  static void put(Value constant, Tensor tensor) {
    if (constant.initializer().isPresent()) {
      constant.setInitializer(tensor);
    } else {
      constant
          .producer()
          .orElseThrow()
          .setAttribute("value", new Attribute.TensorAttribute(tensor));
    }
  }

  /** A tensor of what a buffer holds now. */
  static Tensor frozen(HostTensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(tensor.bytes().remaining()).put(tensor.bytes()).flip();
    return new ArrayTensor(tensor.type(), tensor.shape(), bytes);
  }

  @Override
  public void close() {
    room.close();
    gradient.ifPresent(HostTensor::close);
  }
}

package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.Map;
import java.util.Optional;

/** Appends the distance of an output from that of a teacher, which is fed before its activation. */
final class TeacherLoss {
  private final Ops ops;
  private final Types types;
  private final double temperature;

  /** A distance, and the input that takes {@code head.raw()} of the teacher. */
  record Appended(Value loss, Value teacher) {}

  TeacherLoss(Ops ops, Types types, double temperature) {
    this.ops = ops;
    this.types = types;
    this.temperature = temperature;
  }

  /**
   * The divergence of distributions, or of binary ones; elsewhere the mean squared difference.
   *
   * @param classes whether an output without an activation holds logits of classes
   */
  Appended append(OutputHead head, boolean classes) {
    Value teacher = ops.graph().newValue("teacher." + head.output().name());
    teacher.setType(new TensorType(DataType.FLOAT, Optional.of(Shapes.dims(types, head.raw()))));
    ops.graph().makeInput(teacher);
    Value student = TargetLoss.widened(ops, head.raw(), types);
    Value loss =
        switch (head.activation()) {
          case SOFTMAX, LOG_SOFTMAX -> divergence(student, teacher, head.axis());
          case SIGMOID -> binaryDivergence(student, teacher);
          case NONE ->
              classes ? divergence(student, teacher, head.axis()) : square(student, teacher);
        };
    return new Appended(loss, teacher);
  }

  /** T² Σ p (ln p - ln q) / positions, with p and q softened by the temperature T. */
  private Value divergence(Value student, Value teacher, int axis) {
    Map<String, Attribute> along = Map.of("axis", Attribute.of(axis));
    Value p = ops.call("Softmax", along, softened(teacher));
    Value lnP = ops.call("LogSoftmax", along, softened(teacher));
    Value lnQ = ops.call("LogSoftmax", along, softened(student));
    Value sum = ops.reduceSum(ops.mul(p, ops.sub(lnP, lnQ)), new long[] {axis}, false);
    Value mean = mean(sum);
    return temperature == 1
        ? mean
        : ops.mul(mean, ops.scalar(DataType.FLOAT, temperature * temperature));
  }

  private Value softened(Value logits) {
    return temperature == 1 ? logits : ops.mul(logits, ops.scalar(DataType.FLOAT, 1 / temperature));
  }

  /** s(x) - s(t) - s'(t) (x - t) with s the softplus: the divergence of two biased coins. */
  private Value binaryDivergence(Value student, Value teacher) {
    Value gap = ops.sub(ops.call("Softplus", student), ops.call("Softplus", teacher));
    Value slope = ops.mul(ops.sigmoid(teacher), ops.sub(student, teacher));
    return mean(ops.sub(gap, slope));
  }

  private Value square(Value student, Value teacher) {
    Value difference = ops.sub(student, teacher);
    return mean(ops.mul(difference, difference));
  }

  private Value mean(Value value) {
    return ops.call("ReduceMean", Map.of("keepdims", Attribute.of(0)), value);
  }
}

package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Appends the loss of an output against targets. Classes are moved to axis 1, axes of size 1 behind
 * them are dropped; float16 is widened.
 */
final class TargetLoss {
  private final Graph graph;
  private final Ops ops;
  private final OutputHead head;
  private final boolean weighted;
  private final double smoothing;
  private final List<Dim> dims;
  private final Value logits;

  /**
   * What was appended.
   *
   * @param targets what has to be fed
   * @param weights of the samples, or null
   * @param right how many positions are right, a float scalar, or null
   */
  record Appended(Value loss, Value targets, Value weights, Value right) {}

  private TargetLoss(Ops ops, OutputHead head, LossOptions options, Types types) {
    this.graph = ops.graph();
    this.ops = ops;
    this.head = head;
    this.weighted = options.weighted();
    this.smoothing = options.smoothing();
    Value raw = widened(ops, head.raw(), types);
    List<Dim> known = new ArrayList<>(Shapes.dims(types, head.raw()));
    boolean vector = head.rank() > 2 && otherAxes(known).stream().allMatch(Shapes::isOne);
    if (head.rank() < 3 || head.activation() == Activation.SIGMOID) {
      this.logits = raw;
    } else if (vector) {
      this.logits = ops.reshape(raw, 0, -1);
      known = new ArrayList<>(List.of(known.get(0), known.get(head.axis())));
    } else if (head.axis() == 1) {
      this.logits = raw;
    } else {
      long[] order =
          LongStream.concat(
                  LongStream.of(0, head.axis()),
                  LongStream.range(1, head.rank()).filter(axis -> axis != head.axis()))
              .toArray();
      this.logits = ops.transpose(raw, order);
      known.add(1, known.remove(head.axis()));
    }
    this.dims = known;
  }

  private List<Dim> otherAxes(List<Dim> known) {
    List<Dim> others = new ArrayList<>(known);
    others.remove(head.axis());
    others.remove(0);
    return others;
  }

  static Value widened(Ops ops, Value value, Types types) {
    boolean isFloat = types.dataType(value).filter(type -> type == DataType.FLOAT).isPresent();
    return isFloat ? value : ops.cast(value, DataType.FLOAT);
  }

  static Appended append(
      Ops ops, OutputHead head, LossKind kind, LossOptions options, Types types) {
    TargetLoss loss = new TargetLoss(ops, head, options, types);
    return switch (kind) {
      case LABELS -> loss.labels();
      case DISTRIBUTIONS -> loss.distributions();
      case BINARY -> loss.binary();
      case SQUARED_ERROR -> loss.error(types, true);
      case ABSOLUTE_ERROR -> loss.error(types, false);
    };
  }

  private Value input(String name, DataType dataType, List<Dim> shape) {
    Value input = graph.newValue(name);
    input.setType(new TensorType(dataType, Optional.of(shape)));
    graph.makeInput(input);
    return input;
  }

  private Appended labels() {
    List<Dim> positions = new ArrayList<>(dims);
    positions.remove(1);
    Value labels = input("labels", DataType.INT64, positions);
    Map<String, Attribute> reduction =
        Map.of("reduction", Attribute.of(weighted || smoothing > 0 ? "none" : "mean"));
    OperatorId operator = OperatorId.of("SoftmaxCrossEntropyLoss");
    Value entropy = ops.call(operator, reduction, 1, logits, labels).get(0);
    Value each = smoothing > 0 ? smoothed(entropy, logarithm()) : entropy;
    return finish(each, labels, ops.equal(best(logits), labels));
  }

  private Value best(Value scores) {
    return ops.call("ArgMax", Map.of("axis", Attribute.of(1), "keepdims", Attribute.of(0)), scores);
  }

  private Appended distributions() {
    Value targets = input("targets", DataType.FLOAT, dims);
    Value logarithm = logarithm();
    Value entropy = ops.neg(ops.reduceSum(ops.mul(targets, logarithm), new long[] {1}, false));
    Value each = smoothing > 0 ? smoothed(entropy, logarithm) : entropy;
    return finish(each, targets, ops.equal(best(logits), best(targets)));
  }

  private Value logarithm() {
    return ops.call("LogSoftmax", Map.of("axis", Attribute.of(1)), logits);
  }

  /** The cross-entropy of targets of which a share is spread over all classes. */
  private Value smoothed(Value entropy, Value logarithm) {
    Value even = ops.neg(ops.reduceMean(logarithm, new long[] {1}, false));
    return ops.add(
        ops.mul(entropy, ops.scalar(DataType.FLOAT, 1 - smoothing)),
        ops.mul(even, ops.scalar(DataType.FLOAT, smoothing)));
  }

  /** ln(1 + e^x) - x t: the binary cross-entropy of t and the sigmoid of x, for any x. */
  private Appended binary() {
    Value targets = input("targets", DataType.FLOAT, dims);
    Value half = ops.scalar(DataType.FLOAT, 0.5);
    Value aims = targets;
    if (smoothing > 0) {
      Value kept = ops.mul(targets, ops.scalar(DataType.FLOAT, 1 - smoothing));
      aims = ops.add(kept, ops.scalar(DataType.FLOAT, smoothing / 2));
    }
    Value each = ops.sub(ops.call("Softplus", logits), ops.mul(logits, aims));
    Value zero = ops.scalar(DataType.FLOAT, 0);
    Value right = ops.not(ops.call("Xor", ops.greater(logits, zero), ops.greater(targets, half)));
    return finish(each, targets, right);
  }

  private Appended error(Types types, boolean squared) {
    Value targets = input("targets", DataType.FLOAT, Shapes.dims(types, head.output()));
    Value difference = ops.sub(widened(ops, head.output(), types), targets);
    Value each = squared ? ops.mul(difference, difference) : ops.call("Abs", difference);
    return finish(each, targets, null);
  }

  /** The mean over samples and positions; with weights, the mean of weighted samples. */
  private Appended finish(Value each, Value targets, Value hits) {
    Value right = hits == null ? null : total("ReduceSum", ops.cast(hits, DataType.FLOAT));
    if (!weighted) {
      return new Appended(total("ReduceMean", each), targets, null, right);
    }
    Value weights = input("sample_weights", DataType.FLOAT, List.of(dims.get(0)));
    Value perSample = ops.reshape(each, 0, -1);
    perSample = ops.reduceMean(perSample, new long[] {1}, false);
    return new Appended(total("ReduceMean", ops.mul(perSample, weights)), targets, weights, right);
  }

  private Value total(String reduction, Value value) {
    return ops.call(reduction, Map.of("keepdims", Attribute.of(0)), value);
  }
}

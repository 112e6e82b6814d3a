package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Map;

/** Gradients of operators that are losses. Class weights are not trained. */
final class LossGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("SoftmaxCrossEntropyLoss", each(LossGradients::crossEntropy)),
          entry(
              "NegativeLogLikelihoodLoss",
              each((g, ops) -> ops.neg(ops.mul(oneHot(g, ops), perSample(g, ops))))));

  private LossGradients() {}

  /** (softmax x - one-hot labels) times the gradient of each sample's loss. */
  private static Value crossEntropy(GradientContext g, Ops ops) {
    Value softmax = ops.call("Softmax", Map.of("axis", Attribute.of(1)), g.x());
    return ops.mul(ops.sub(softmax, oneHot(g, ops)), perSample(g, ops));
  }

  private static Value oneHot(GradientContext g, Ops ops) {
    Value classes = ops.shape(g.x(), 1, 2);
    Value values = ops.cast(ops.ints(0, 1), g.dataType());
    return ops.call("OneHot", Map.of("axis", Attribute.of(1)), g.x(1), classes, values);
  }

  /** The gradient of each label's loss, with an axis of size 1 for the classes. */
  private static Value perSample(GradientContext g, Ops ops) {
    String reduction = g.node().stringAttribute("reduction", "mean");
    Value weights = ops.unsqueeze(labelWeights(g, ops), 1);
    return switch (reduction) {
      case "none" -> ops.mul(ops.unsqueeze(g.dy(), 1), weights);
      case "sum" -> ops.mul(g.dy(), weights);
      default -> ops.mul(ops.div(g.dy(), total(ops, weights)), weights);
    };
  }

  private static Value total(Ops ops, Value weights) {
    return ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), weights);
  }

  /** The weight of each label's class, 0 for labels to be ignored. */
  private static Value labelWeights(GradientContext g, Ops ops) {
    DataType labels = g.dataType(g.x(1));
    Value ignored = ops.scalar(labels, g.node().intAttribute("ignore_index", Integer.MIN_VALUE));
    Value counts = g.mask(ops.not(ops.equal(g.x(1), ignored)));
    if (!g.has(2)) {
      return counts;
    }
    Value kept = ops.mul(g.x(1), ops.cast(counts, labels));
    return ops.mul(counts, ops.gather(g.x(2), kept, 0));
  }
}

package io.espalier.gradient;

import io.espalier.graph.OperatorId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The rules of all families. */
public final class GradientRules {
  /**
   * Operators whose outputs do not depend on their float inputs, or only in steps: the gradient is
   * zero, which is not the same as unknown.
   */
  public static final Set<String> NOT_DIFFERENTIABLE =
      Set.of(
          "And",
          "ArgMax",
          "ArgMin",
          "BitShift",
          "BlackmanWindow",
          "BitwiseAnd",
          "BitwiseNot",
          "BitwiseOr",
          "BitwiseXor",
          "Bernoulli",
          "Ceil",
          "Constant",
          "ConstantOfShape",
          "Equal",
          "EyeLike",
          "Floor",
          "Greater",
          "GreaterOrEqual",
          "HammingWindow",
          "HannWindow",
          "Hardmax",
          "ImageDecoder",
          "IsInf",
          "IsNaN",
          "Less",
          "LessOrEqual",
          "MelWeightMatrix",
          "Multinomial",
          "NonMaxSuppression",
          "NonZero",
          "Not",
          "OptionalHasElement",
          "Or",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "RegexFullMatch",
          "Round",
          "SequenceEmpty",
          "SequenceLength",
          "Shape",
          "Sign",
          "Size",
          "StringConcat",
          "StringNormalizer",
          "StringSplit",
          "TfIdfVectorizer",
          "Unique",
          "Xor");

  private static final Map<String, GradientRule> ALL = collect();

  private GradientRules() {}

  private static Map<String, GradientRule> collect() {
    Map<String, GradientRule> all = new TreeMap<>();
    for (Map<String, GradientRule> family :
        List.of(
            ElementwiseGradients.RULES,
            ActivationGradients.RULES,
            ReductionGradients.RULES,
            ShapeGradients.RULES,
            IndexGradients.RULES,
            ScatterGradients.RULES,
            MatrixGradients.RULES,
            EinsumGradients.RULES,
            ConvGradients.RULES,
            PoolGradients.RULES,
            ResizeGradients.RULES,
            NormGradients.RULES,
            RecurrentGradients.RULES,
            QuantizationGradients.RULES,
            LossGradients.RULES)) {
      family.forEach(
          (operator, rule) -> {
            if (all.put(operator, rule) != null || NOT_DIFFERENTIABLE.contains(operator)) {
              throw new IllegalStateException("two rules for operator " + operator);
            }
          });
    }
    return Collections.unmodifiableMap(all);
  }

  /** The rule of an operator; absent if there is none, or none is needed. */
  public static Optional<GradientRule> of(OperatorId operator) {
    return Optional.ofNullable(ALL.get(operator.toString()));
  }

  /** The operators with a rule, sorted; those of other domains as in {@code com.microsoft.Gelu}. */
  public static Set<String> operators() {
    return ALL.keySet();
  }
}

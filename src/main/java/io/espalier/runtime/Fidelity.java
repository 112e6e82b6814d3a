package io.espalier.runtime;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How near the outputs of a changed model are to those of the model it was made from, on the same
 * inputs.
 *
 * @param samples that both models were run on
 * @param elements output elements that were compared as numbers
 * @param maxAbsDiff largest absolute difference of two of them; infinite where exactly one is NaN
 *     or both are infinite with different signs; 0 if none were compared
 * @param meanAbsDiff their mean
 * @param top1Agreement share of samples for which both models have the same class first; absent
 *     unless the outputs look like a classifier's
 * @param bitEqual whether every output is the same in type, shape and every bit
 * @param notCompared what could not be compared as numbers and is not equal either, one phrase per
 *     output
 */
public record Fidelity(
    long samples,
    long elements,
    double maxAbsDiff,
    double meanAbsDiff,
    OptionalDouble top1Agreement,
    boolean bitEqual,
    List<String> notCompared) {
  public Fidelity {
    notCompared = List.copyOf(notCompared);
  }
}

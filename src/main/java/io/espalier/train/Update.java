package io.espalier.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One update of all parameters, in this order: gradient of the loss plus that of the penalties;
 * mask; norm and clipping; decay, coupled or decoupled; optimizer; proximal step and constraint;
 * mask; publication.
 *
 * <p>Memory is passed over once, in blocks that stay in the processor's cache between the parts, or
 * twice where clipping needs a norm first. The work is cut into slices whose bounds depend on the
 * parameters only, and sums are taken per slice and added up in order, so every number of threads
 * gives the same bits.
 */
public final class Update {
  private static final int BLOCK = 1024;
  private static final int SLICE = 64 * BLOCK;

  private final List<Parameter> parameters;
  private final Optimizer optimizer;
  private final Clipping clipping;
  private final Workers workers;
  private final Slice[] slices;
  private final double[] penalties;
  private final double[] squares;

  /** Elements {@code from} to {@code to} of parameter number {@code parameter}. */
  private record Slice(int parameter, int from, int to) {}

  /**
   * What an update saw.
   *
   * @param penalty the sum of all penalties before the update
   * @param gradientNorm the norm over all gradients, penalties' included, before clipping; NaN
   *     where clipping did not ask for it
   */
  public record Outcome(double penalty, double gradientNorm) {}

  /** Updates of {@code parameters}, whose moments must be those of {@code optimizer}. */
  public Update(
      List<Parameter> parameters, Optimizer optimizer, Clipping clipping, Workers workers) {
    this.parameters = List.copyOf(parameters);
    this.optimizer = optimizer;
    this.clipping = clipping;
    this.workers = workers;
    List<Slice> cut = new ArrayList<>();
    for (int p = 0; p < parameters.size(); p++) {
      Parameter parameter = parameters.get(p);
      if (parameter.moments().length != optimizer.moments()) {
        throw new IllegalArgumentException(
            "%s: expected %d moments, got %d"
                .formatted(parameter.name(), optimizer.moments(), parameter.moments().length));
      }
      for (int from = 0; from < parameter.size(); from += SLICE) {
        cut.add(new Slice(p, from, Math.min(SLICE, parameter.size() - from) + from));
      }
    }
    this.slices = cut.toArray(Slice[]::new);
    this.penalties = new double[slices.length];
    this.squares = new double[slices.length];
  }

  /**
   * Updates all parameters by the gradients they can now read.
   *
   * @param step from 1
   */
  public Outcome apply(long step, double learningRate) {
    Optimizer.Rule rule = optimizer.at(step, learningRate);
    double norm = Double.NaN;
    if (clipping instanceof Clipping.GlobalNorm || clipping instanceof Clipping.Norm) {
      workers.run(slices.length, this::gather);
      norm = Math.sqrt(Arrays.stream(squares).sum());
      float[] factors = factors(norm);
      workers.run(slices.length, slice -> moveScaled(slice, rule, learningRate, factors));
    } else {
      workers.run(slices.length, slice -> move(slice, rule, learningRate));
    }
    double penalty = 0;
    for (double part : penalties) {
      penalty += part;
    }
    return new Outcome(penalty, norm);
  }

  private float[] factors(double norm) {
    float[] factors = new float[parameters.size()];
    if (clipping instanceof Clipping.GlobalNorm global) {
      Arrays.fill(factors, (float) Clipping.factor(norm, global.max(), global.dialect()));
    } else if (clipping instanceof Clipping.Norm each) {
      double[] sums = new double[factors.length];
      for (int s = 0; s < slices.length; s++) {
        sums[slices[s].parameter] += squares[s];
      }
      for (int p = 0; p < factors.length; p++) {
        factors[p] = (float) Clipping.factor(Math.sqrt(sums[p]), each.max(), Dialect.KERAS);
      }
    }
    return factors;
  }

  private void gather(int number) {
    Slice slice = slices[number];
    Parameter parameter = parameters.get(slice.parameter);
    double penalty = 0;
    double square = 0;
    for (int from = slice.from; from < slice.to; from += BLOCK) {
      int to = Math.min(from + BLOCK, slice.to);
      penalty += gather(parameter, from, to);
      square += Stretch.sumOfSquares(parameter.gradient(), from, to);
    }
    penalties[number] = penalty;
    squares[number] = square;
  }

  private void move(int number, Optimizer.Rule rule, double learningRate) {
    Slice slice = slices[number];
    Parameter parameter = parameters.get(slice.parameter);
    double penalty = 0;
    for (int from = slice.from; from < slice.to; from += BLOCK) {
      int to = Math.min(from + BLOCK, slice.to);
      penalty += gather(parameter, from, to);
      if (clipping instanceof Clipping.Value value) {
        Stretch.clamp(parameter.gradient(), from, to, (float) value.max());
      }
      move(parameter, from, to, rule, learningRate);
    }
    penalties[number] = penalty;
  }

  private void moveScaled(int number, Optimizer.Rule rule, double learningRate, float[] factors) {
    Slice slice = slices[number];
    Parameter parameter = parameters.get(slice.parameter);
    float factor = factors[slice.parameter];
    for (int from = slice.from; from < slice.to; from += BLOCK) {
      int to = Math.min(from + BLOCK, slice.to);
      if (factor != 1) {
        Stretch.scale(parameter.gradient(), from, to, factor);
      }
      move(parameter, from, to, rule, learningRate);
    }
  }

  private static double gather(Parameter parameter, int from, int to) {
    float[] gradient = parameter.gradient();
    parameter.source().read(gradient, from, to);
    Penalty penalty = parameter.treatment().penalty();
    double value = penalty.isNone() ? 0 : penalty.add(parameter.weights(), gradient, from, to);
    if (parameter.mask() != null) {
      Stretch.multiply(gradient, parameter.mask(), from, to);
    }
    return value;
  }

  private void move(
      Parameter parameter, int from, int to, Optimizer.Rule rule, double learningRate) {
    float[] weights = parameter.weights();
    Treatment treatment = parameter.treatment();
    if (optimizer.weightDecay() != 0 && treatment.decays()) {
      Stretch.scale(weights, from, to, (float) (1 - learningRate * optimizer.weightDecay()));
    }
    if (treatment.coupledDecay() != 0) {
      Stretch.addMultiple(
          parameter.gradient(), weights, from, to, (float) treatment.coupledDecay());
    }
    rule.apply(weights, parameter.moments(), parameter.gradient(), from, to);
    if (treatment.proximalL1() != 0) {
      Stretch.softThreshold(weights, from, to, (float) (learningRate * treatment.proximalL1()));
    }
    if (treatment.nonNegative()) {
      Stretch.raiseToZero(weights, from, to);
    }
    if (parameter.mask() != null) {
      Stretch.multiply(weights, parameter.mask(), from, to);
    }
    parameter.published().write(weights, from, to);
  }
}

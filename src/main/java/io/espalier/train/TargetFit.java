package io.espalier.train;

import io.espalier.data.Targets;
import io.espalier.graph.Dim;
import io.espalier.graph.ModelException;
import io.espalier.pass.Activation;
import io.espalier.pass.LossKind;
import io.espalier.pass.OutputHead;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * How targets fit an output of a model, seen sample by sample; axes of size 1 make no difference.
 *
 * @param head the output
 * @param dims its sizes without the batch; -1 is not known
 * @param form what the targets are
 */
record TargetFit(OutputHead head, long[] dims, Form form) {
  /** What targets are. */
  enum Form {
    /** A class for each position: for [N, C] one, for [N, C, H, W] an image of them. */
    CLASSES,
    /** A number for each element of the output. */
    NUMBERS
  }

  /** The fit of some targets, if they do. */
  static Optional<TargetFit> of(OutputHead head, List<Dim> output, Targets targets) {
    long[] dims =
        output.stream().skip(1).mapToLong(d -> d instanceof Dim.Known k ? k.size() : -1).toArray();
    TargetFit classes = new TargetFit(head, dims, Form.CLASSES);
    TargetFit numbers = new TargetFit(head, dims, Form.NUMBERS);
    if (classes.classes() != 1 && alike(targets.sample().dims(), classes.positions())) {
      return Optional.of(classes);
    }
    return alike(targets.sample().dims(), dims) ? Optional.of(numbers) : Optional.empty();
  }

  private static boolean alike(long[] some, long[] others) {
    long[] a = Arrays.stream(some).filter(size -> size != 1).toArray();
    long[] b = Arrays.stream(others).filter(size -> size != 1).toArray();
    boolean alike = a.length == b.length;
    for (int i = 0; alike && i < a.length; i++) {
      alike = a[i] == b[i] || b[i] < 0;
    }
    return alike;
  }

  /** How many classes the output tells apart; -1 if that is not known. */
  long classes() {
    return dims.length == 0 ? 1 : dims[head.axis() - 1];
  }

  /** The sizes of the axes that are not the classes'. */
  long[] positions() {
    return dims.length == 0
        ? dims
        : LongStream.range(0, dims.length)
            .filter(axis -> axis != head.axis() - 1)
            .map(axis -> dims[(int) axis])
            .toArray();
  }

  /**
   * The loss: what was asked for in the form that the targets have, or what suits the output.
   *
   * @throws ModelException if classes are needed and the targets are none
   */
  LossKind kind(Targets targets, Optional<LossKind> asked) {
    if (form == Form.CLASSES) {
      targets.requireWhole();
      requireOnePosition(asked, targets);
      return asked.orElseGet(() -> LossKind.fitting(head.activation(), true));
    }
    boolean oneHot = classes() > 1 && targets.classes().isPresent();
    LossKind kind = asked.orElseGet(() -> LossKind.fitting(head.activation(), oneHot));
    if (kind == LossKind.LABELS && classes() == 1) {
      throw new ModelException(
          "--loss cross-entropy: output '%s' has one number, expected two classes or more; binary"
                  .formatted(head.output().name())
              + " or mse judge one number");
    }
    return kind == LossKind.LABELS && !oneHot ? LossKind.DISTRIBUTIONS : kind;
  }

  private void requireOnePosition(Optional<LossKind> asked, Targets targets) {
    boolean entropy =
        asked.map(kind -> kind == LossKind.LABELS).orElse(head.activation() != Activation.SIGMOID);
    if (!entropy && targets.size() > 1) {
      throw new ModelException(
          "%s: %s per sample are classes of output '%s' %s, which cross-entropy judges; binary and"
                  .formatted(
                      targets.where(),
                      targets.sample(),
                      head.output().name(),
                      Arrays.toString(dims))
              + " mse expect a number for each of its elements");
    }
  }

  /** What targets for an output would look like, for messages. */
  static String expected(OutputHead head, List<Dim> output) {
    TargetFit fit =
        new TargetFit(
            head,
            output.stream()
                .skip(1)
                .mapToLong(d -> d instanceof Dim.Known k ? k.size() : -1)
                .toArray(),
            Form.NUMBERS);
    String numbers = "numbers of shape " + text(fit.dims);
    return "for output '%s' ".formatted(head.output().name())
        + (fit.classes() == 1
            ? numbers
            : "classes of shape " + text(fit.positions()) + " or " + numbers);
  }

  private static String text(long[] dims) {
    return Arrays.toString(dims).replace("-1", "?");
  }
}

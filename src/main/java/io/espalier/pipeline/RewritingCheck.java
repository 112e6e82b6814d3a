package io.espalier.pipeline;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.runtime.Datum;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.Samples;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/** Runs a model as it was before a rewriting that changes no outputs, and as it is after it. */
final class RewritingCheck implements AutoCloseable {
  /** Of the largest element of an output: the rounding of weights, a few layers later. */
  private static final double TOLERANCE = 1e-3;

  private static final double HALF_TOLERANCE = 3e-2;

  /**
   * What is done to a model.
   *
   * @param exact whether every bit of the outputs stays, but for what onnxruntime optimizes in
   *     another way
   * @param advice what to do where that fails
   */
  record Step(String name, boolean exact, String advice) {}

  static final Step FOLDING = new Step("folding", false, "leave out --fold-batch-normalization");

  static final Step STRIPPING = new Step("stripping", false, "--no-strip");

  static final Step RAISING = new Step("raising", true, "leave out --opset");

  private final InputModel input;
  private final SessionOptions options;
  private final Session before;
  private final Samples samples;
  private final String obstacle;
  private double rounding;

  private RewritingCheck(
      InputModel input, SessionOptions options, Session before, SampleInputs.Found found) {
    this.input = input;
    this.options = options;
    this.before = before;
    this.samples = found.samples().orElse(null);
    this.obstacle = found.failure().orElse("no inputs were found on which the model runs");
  }

  /** Opens the model as it is now; where it does not run, {@link #after} says so. */
  static RewritingCheck before(
      InputModel input, SessionOptions asked, SampleInputs.Options inputs) {
    SessionOptions options = input.safe(asked);
    Session session = null;
    SampleInputs.Found found;
    try {
      session = Session.open(input.model(), options);
      found = SampleInputs.find(input.model(), session, inputs);
    } catch (ModelException e) {
      found = new SampleInputs.Found(Optional.empty(), Optional.of(e.getMessage()));
    }
    return new RewritingCheck(input, options, session, found);
  }

  /**
   * Compares the model as it is now.
   *
   * @param step what was done to it
   * @return that it was not compared, and why, if so
   * @throws ModelException if an output is another than before
   */
  Optional<Refusal> after(Step step) {
    if (samples == null || samples.drawsRandom()) {
      String why = samples == null ? obstacle : "the model draws random numbers";
      return Optional.of(new Refusal(step.name(), "not verified: " + why));
    }
    try (Session now = Session.open(input.model(), options)) {
      for (Map<String, Datum> batch : samples.batches()) {
        compare(step, before.run(batch), now.run(batch));
      }
    }
    return step.exact() && rounding > 0
        ? Optional.of(
            new Refusal(
                step.name(),
                "outputs moved by up to %.3g: onnxruntime optimizes the new form in another way"
                    .formatted(rounding)))
        : Optional.empty();
  }

  private void compare(Step step, Map<String, Datum> old, Map<String, Datum> now) {
    old.forEach(
        (output, datum) -> {
          if (datum instanceof Datum.Numbers a && now.get(output) instanceof Datum.Numbers b) {
            compare(step, output, a.tensor(), b.tensor());
          }
        });
  }

  private void compare(Step step, String output, Tensor a, Tensor b) {
    if (step.exact() && a.shape().equals(b.shape()) && a.bytes().equals(b.bytes())) {
      return;
    }
    IntToDoubleFunction was = Elements.of(a).orElseThrow();
    IntToDoubleFunction is = Elements.of(b).orElseThrow();
    double largest = 1e-6;
    double difference = 0;
    for (int i = 0; i < a.shape().elements(); i++) {
      double x = was.applyAsDouble(i);
      double y = is.applyAsDouble(i);
      if (Double.isFinite(x)) {
        largest = Math.max(largest, Math.abs(x));
        difference = Math.max(difference, Double.isNaN(y) ? Double.MAX_VALUE : Math.abs(x - y));
      }
    }
    rounding = Math.max(rounding, difference);
    if (difference > (isHalf() ? HALF_TOLERANCE : TOLERANCE) * largest) {
      throw new ModelException(
          ("%s: output '%s' changed by up to %.3g where its largest element is %.3g, expected only"
                  + " rounding; %s")
              .formatted(step.name(), output, difference, largest, step.advice()));
    }
  }

  private boolean isHalf() {
    return input.model().graph().constants().stream()
        .map(Value::constant)
        .flatMap(Optional::stream)
        .map(Tensor::dataType)
        .anyMatch(type -> type == DataType.FLOAT16 || type == DataType.BFLOAT16);
  }

  @Override
  public void close() {
    if (before != null) {
      before.close();
    }
  }
}

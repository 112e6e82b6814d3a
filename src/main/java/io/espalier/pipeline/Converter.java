package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Refusal;
import io.espalier.keras.InputLayout;
import io.espalier.report.Conversion;
import io.espalier.report.Report;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import io.espalier.storage.StorageOptions;
import io.espalier.storage.StorageResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Brings a model into the ONNX format, without changing what it computes. */
public final class Converter {
  /**
   * What is to be done.
   *
   * @param architecture the JSON of the model that the file holds the weights of, where it holds
   *     nothing else
   * @param layout of images among the inputs; absent: as the model has it
   * @param output where the model goes; absent: {@code NAME.onnx} beside the input
   * @param force whether an existing file that is not of our making may be replaced
   * @param verify whether onnxruntime opens the result before it is moved into place, and makes
   *     every encoded weight anew
   * @param opset of the default domain that the model is brought to; absent: it keeps its own
   * @param storage how the weights are written
   */
  public record Plan(
      Path model,
      Optional<Path> architecture,
      Optional<InputLayout> layout,
      Optional<Path> output,
      boolean force,
      boolean verify,
      Optional<Long> opset,
      StorageOptions storage) {

    public Plan {
      if (storage.dropWeightInputs() && storage.form() == StorageOptions.Form.DENSE) {
        throw new UsageException("--drop-weight-inputs: nothing is encoded with --storage dense");
      }
    }
  }

  private Converter() {}

  /**
   * Converts a model.
   *
   * @throws io.espalier.graph.ModelException if it is no model that can be read, or if onnxruntime
   *     does not open the result
   * @throws UsageException if a file is in the output's place that must not be replaced
   * @throws IOException if a file cannot be read or written
   */
  public static Conversion convert(Plan plan, Listener listener) throws IOException {
    Stages.begin(listener, "reading");
    try (InputModel input = InputModel.open(plan.model(), plan.architecture(), plan.layout())) {
      Path target = plan.output().orElseGet(() -> OutputModel.beside(plan.model(), ".onnx"));
      StorageStage.resolved(plan.storage(), input);
      try (OutputModel output = OutputModel.prepare(target, plan.force(), input, plan.storage())) {
        Report.Parameters parameters =
            ConstantCensus.take(input.model(), listener).parameters(List.of());
        List<Refusal> refusals = new ArrayList<>();
        Long opset = input.model().opsets().get("");
        boolean raised = raise(plan, input, listener, refusals);
        StorageResult stored =
            StorageStage.run(input, plan.storage(), target, plan.verify(), listener);
        Stages.begin(listener, "writing");
        if (input.keras().isPresent()
            || raised
            || stored.changed()
            || plan.storage().externalFrom().isPresent()) {
          Provenance.record(input.model(), FileFigures.hash(plan.model()), "convert");
          output.write();
        } else {
          output.copy();
        }
        refusals.addAll(stored.refusals());
        Runs runs = new Runs(null, null, null);
        if (plan.verify() && stored.weights().isEmpty()) {
          Stages.begin(listener, "verifying");
          verify(input, output.openable()).ifPresent(refusals::add);
        } else if (plan.verify()) {
          runs = run(input, output.openable(), listener, refusals);
        }
        long bytes = output.finish(Optional.empty());
        Stages.begin(listener, "publishing");
        output.publish();
        return done(
            plan, input, target, bytes, parameters, raised ? opset : null, stored, runs, refusals);
      }
    }
  }

  /** Whether the model was brought to a newer opset; outputs that moved are a refusal. */
  private static boolean raise(
      Plan plan, InputModel input, Listener listener, List<Refusal> refusals) throws IOException {
    if (plan.opset().isEmpty()) {
      return false;
    }
    long opset = plan.opset().get();
    OpsetRaise.plan(input.model(), opset);
    if (input.model().opsets().get("") == opset) {
      return false;
    }
    Stages.begin(listener, RewritingCheck.RAISING.name());
    if (!plan.verify()) {
      OpsetRaise.run(input.model(), opset);
      return true;
    }
    try (RewritingCheck check =
        RewritingCheck.before(input, SessionOptions.DEFAULT, SampleInputs.Options.seeded(0))) {
      OpsetRaise.run(input.model(), opset);
      check.after(RewritingCheck.RAISING).ifPresent(refusals::add);
    }
    return true;
  }

  /** What was seen of both models, as in {@link Conversion}. */
  private record Runs(Report.Fidelity outputs, Report.Latency latency, Report.Opening opening) {}

  /** Runs a model whose weights were laid down in another way, and the one that came in. */
  private static Runs run(InputModel input, Path written, Listener listener, List<Refusal> refusals)
      throws IOException {
    Stages.begin(listener, "verifying");
    Optional<Verifier> opened =
        Verifier.open(
            Recipe.Data.none(),
            Recipe.Execution.usual(),
            false,
            listener,
            input,
            written,
            refusals);
    if (opened.isEmpty()) {
      return new Runs(null, null, null);
    }
    try (Verifier verifier = opened.get()) {
      Report.Opening opening = verifier.open(input, written);
      try {
        OutputComparison outputs = verifier.compare(input);
        refusals.addAll(outputs.refusals());
        Stages.begin(listener, "measuring");
        return new Runs(outputs.fidelity(), verifier.time(), opening);
      } catch (ModelException e) {
        refusals.add(new Refusal("outputs", "not compared: " + e.getMessage()));
        return new Runs(null, null, opening);
      }
    }
  }

  /** Has onnxruntime open the result, unless it does not open an ONNX model that came in either. */
  private static Optional<Refusal> verify(InputModel input, Path output) throws IOException {
    SessionOptions options = input.safe(SessionOptions.DEFAULT);
    try {
      Session.open(output, options).close();
      return Optional.empty();
    } catch (ModelException e) {
      if (input.keras().isEmpty() && !opens(input, options)) {
        return Optional.of(Verifier.notVerified(e));
      }
      throw e;
    }
  }

  private static boolean opens(InputModel input, SessionOptions options) throws IOException {
    try {
      input.session(options).close();
      return true;
    } catch (ModelException e) {
      return false; // said of the result already
    }
  }

  private static Conversion done(
      Plan plan,
      InputModel input,
      Path target,
      long bytes,
      Report.Parameters parameters,
      Long raisedFrom,
      StorageResult stored,
      Runs runs,
      List<Refusal> refusals)
      throws IOException {
    Model model = input.model();
    List<Node> nodes = model.graph().nodes();
    return new Conversion(
        Conversion.SCHEMA_VERSION,
        Version.current(),
        plan.model().toString(),
        target.toString(),
        Files.size(plan.model()),
        bytes,
        input.keras().map(keras -> keras.writer()).orElse(null),
        input.keras().map(keras -> keras.layers().size()).orElse(null),
        nodes.size(),
        (int) nodes.stream().filter(node -> node.is("Transpose")).count(),
        model.opsets().getOrDefault("", 0L),
        raisedFrom,
        parameters.total(),
        plan.verify() && refusals.stream().noneMatch(one -> one.where().equals(Verifier.WHERE)),
        runs.outputs(),
        runs.latency(),
        stored.weights().isEmpty()
            ? null
            : new Report.Storage(
                StorageStage.rows(stored),
                Report.Ratios.of(parameters, bytes, null),
                runs.opening()),
        Stream.concat(input.refusals().stream(), refusals.stream())
            .map(refusal -> new Report.RefusalRow(refusal.where(), refusal.reason()))
            .toList());
  }
}

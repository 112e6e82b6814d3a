package io.espalier.pipeline;

import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import io.espalier.pass.FoldBatchNormalization;
import io.espalier.pass.Strip;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.PruningOptions;
import io.espalier.quantize.DynamicQuantization;
import io.espalier.quantize.Quantization;
import io.espalier.quantize.QuantizationResult;
import io.espalier.quantize.SizeQuantization;
import io.espalier.quantize.StaticQuantization;
import io.espalier.report.Report;
import io.espalier.runtime.OptimizedOperators;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Makes weights integers, where the recipe asks for it. */
final class QuantizingStage {
  /** Of onnxruntime's integer operators, those that multiply by weights. */
  private static final Pattern INTEGER_KERNEL =
      Pattern.compile("QLinearConv|QLinearMatMul|QGemm|MatMulInteger|ConvInteger|QuantizeMatMul$");

  private final Recipe recipe;
  private final InputModel input;
  private final Listener listener;
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Report.Calibration calibration;
  private Report.Quantization figures;
  private boolean changed;

  private QuantizingStage(Recipe recipe, InputModel input, Listener listener) {
    this.recipe = recipe;
    this.input = input;
    this.listener = listener;
  }

  /** Quantizes the input's model in place. */
  static QuantizingStage run(Recipe recipe, InputModel input, Listener listener)
      throws IOException {
    QuantizingStage stage = new QuantizingStage(recipe, input, listener);
    if (recipe.rewriting().quantization().isPresent()) {
      Stages.begin(listener, "quantizing");
      stage.run(recipe.rewriting().quantization().get());
    }
    return stage;
  }

  private void run(Quantization goal) throws IOException {
    if (recipe.storage().dropWeightInputs()) {
      Graph graph = input.model().graph();
      graph.initializers().stream().filter(Value::isGraphInput).forEach(graph::makeConstant);
    }
    QuantizationResult result = quantized(goal);
    refusals.addAll(result.refusals());
    changed = !result.weights().isEmpty();
    boolean opened = changed && recipe.verification().verify();
    Integer kernels = opened && !(goal instanceof Quantization.Size) ? integerKernels() : null;
    figures = figures(goal, result, kernels);
  }

  private QuantizationResult quantized(Quantization goal) throws IOException {
    Model model = input.model();
    if (goal instanceof Quantization.Size size) {
      return new SizeQuantization(size).run(model, weights());
    }
    if (goal instanceof Quantization.Dynamic dynamic) {
      return raise(DynamicQuantization.OPSET)
          ? new DynamicQuantization(dynamic, types()).run(model, weights())
          : new QuantizationResult(List.of(), 0, List.of());
    }
    Quantization.Static fixed = (Quantization.Static) goal;
    if (!raise(StaticQuantization.OPSET)) {
      return new QuantizationResult(List.of(), 0, List.of());
    }
    if (model.graph().nodes().stream().anyMatch(node -> node.is("Dropout"))) {
      refusals.addAll(new Strip().run(model).refusals());
    }
    refusals.addAll(new FoldBatchNormalization(types()).run(model).refusals());
    CalibrationSamples samples = CalibrationSamples.open(recipe, input, fixed.samples(), listener);
    calibration =
        new Report.Calibration(
            fixed.calibration().name().toLowerCase(Locale.ROOT), samples.count(), samples.data());
    return new StaticQuantization(fixed, types(), samples).run(model, weights());
  }

  private Types types() {
    return new OrtEngine().types(input.model());
  }

  /** Whether the model is at that opset now, or at a newer one. */
  private boolean raise(long opset) {
    Model model = input.model();
    long now = model.opsets().getOrDefault("", Ops.OPSET);
    if (now >= opset) {
      return true;
    }
    if (recipe.rewriting().opset().isPresent()) {
      throw new UsageException(
          "--opset %d: --quantize %s needs %d"
              .formatted(now, recipe.rewriting().quantization().orElseThrow(), opset));
    }
    List<Refusal> refused = OpsetRaise.obstacles(model, Ops.OPSET);
    if (!refused.isEmpty()) {
      refusals.add(new Refusal("--quantize", "needs opset %d, has %d".formatted(opset, now)));
      refusals.addAll(refused);
      return false;
    }
    OpsetRaise.run(model, Ops.OPSET);
    notes.add(
        "raised from opset %d to %d, IR version %d: integer operators need %d"
            .formatted(now, Ops.OPSET, model.irVersion(), opset));
    return true;
  }

  private PrunableWeights weights() {
    PruningOptions options =
        new PruningOptions(
            0,
            PruningOptions.of(0).scope(),
            PruningOptions.of(0).granularity(),
            PruningOptions.of(0).criterion(),
            List.of(),
            recipe.rewriting().quantizeExclude(),
            Map.of(),
            PruningOptions.DEFAULT_MIN_SIZE,
            true,
            true);
    PrunableWeights weights = PrunableWeights.find(input.model(), options);
    if (!weights.unmatchedGlobs().isEmpty()) {
      throw new UsageException(
          "--quantize-exclude %s: names no weight of the model, nor a node that uses one"
              .formatted(weights.unmatchedGlobs().get(0).glob()));
    }
    return weights;
  }

  private Report.Quantization figures(
      Quantization goal, QuantizationResult result, Integer kernels) {
    long before = 0;
    long after = 0;
    double worst = 0;
    for (QuantizationResult.WeightRow row : result.weights()) {
      before += row.bytesBefore();
      after += row.bytesAfter();
      worst = Math.max(worst, row.maxError());
    }
    int weights = result.weights().size();
    return new Report.Quantization(
        goal.toString(),
        weights,
        before,
        after,
        worst,
        kernels == null ? null : Math.min(kernels, weights),
        calibration);
  }

  /**
   * On how many layers onnxruntime computes on integers: one that it does not fuse computes in
   * floats all the same.
   */
  private int integerKernels() throws IOException {
    Map<String, Integer> operators =
        OptimizedOperators.count(
            input.model(), RuntimeOptions.session(recipe.data(), recipe.execution()));
    operators.keySet().removeIf(operator -> !INTEGER_KERNEL.matcher(operator).find());
    return operators.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** What the report says of it; null where nothing was asked for. */
  Report.Quantization figures() {
    return figures;
  }

  boolean changed() {
    return changed;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  List<String> notes() {
    return notes;
  }
}

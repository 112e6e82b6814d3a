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
import io.espalier.runtime.OptimizedOperators;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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
    notes.add(summary(goal, result));
    if (changed && recipe.verification().verify() && !(goal instanceof Quantization.Size)) {
      notes.add(kernels(result.weights().size()));
    }
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
    notes.addAll(samples.notes());
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

  private static String summary(Quantization goal, QuantizationResult result) {
    long before = 0;
    long after = 0;
    double worst = 0;
    for (QuantizationResult.WeightRow row : result.weights()) {
      before += row.bytesBefore();
      after += row.bytesAfter();
      worst = Math.max(worst, row.maxError());
    }
    return String.format(
        Locale.ROOT,
        "quantized for %s: %d weights, %,d bytes became %,d; largest error of an element %.3g",
        goal,
        result.weights().size(),
        before,
        after,
        worst);
  }

  /**
   * What onnxruntime makes of it: a layer that it does not fuse computes in floats all the same.
   */
  private String kernels(int layers) throws IOException {
    Map<String, Integer> operators =
        OptimizedOperators.count(
            input.model(), RuntimeOptions.session(recipe.data(), recipe.execution()));
    operators.keySet().removeIf(operator -> !INTEGER_KERNEL.matcher(operator).find());
    int found = operators.values().stream().mapToInt(Integer::intValue).sum();
    return "onnxruntime computes %d of %d quantized layers on integers: %s"
        .formatted(
            Math.min(found, layers),
            layers,
            operators.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", ")));
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

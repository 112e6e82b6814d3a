package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.pass.OpsetUpgrade;
import io.espalier.runtime.OrtEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Brings a model to a newer opset of the default domain. */
final class OpsetRaise {
  private OpsetRaise() {}

  /**
   * The opset that a text asks for.
   *
   * @throws UsageException if models cannot be brought to it
   */
  static long parse(String text) {
    long opset = RecipeOptions.whole("--opset", text);
    if (opset < OpsetUpgrade.OLDEST || opset > Ops.OPSET) {
      throw new UsageException(
          "--opset: expected %d to %d, got %d".formatted(OpsetUpgrade.OLDEST, Ops.OPSET, opset));
    }
    return opset;
  }

  /**
   * Checks that a model can be brought to an opset; the model stays as it is.
   *
   * @return what will be done, in words
   * @throws UsageException if the model is at a newer one
   * @throws UnsupportedModelException if a node has no counterpart there
   */
  static String plan(Model model, long opset) {
    Long now = model.opsets().get("");
    if (now == null) {
      throw new UsageException("--opset: the model uses no operator of the default domain");
    }
    if (now > opset) {
      throw new UsageException(
          "--opset %d: the model is at opset %d, and models are only raised".formatted(opset, now));
    }
    if (now == opset) {
      return "--opset %d: the model is at that opset already".formatted(opset);
    }
    List<Refusal> refused = obstacles(model, opset);
    if (!refused.isEmpty()) {
      throw new UnsupportedModelException(
          "--opset %d: ".formatted(opset)
              + refused.stream()
                  .map(refusal -> refusal.where() + " " + refusal.reason())
                  .collect(Collectors.joining("; ")));
    }
    long ir = Math.max(model.irVersion(), OpsetUpgrade.irVersion(opset));
    return "raised from opset %d to %d, IR version %d to %d"
        .formatted(now, opset, model.irVersion(), ir);
  }

  /** Why a model cannot be brought to an opset; empty if it can. */
  static List<Refusal> obstacles(Model model, long opset) {
    List<Refusal> refused = new ArrayList<>();
    if (!model.functions().isEmpty()) {
      refused.add(new Refusal("model functions", "keep the opset that they import"));
      return refused;
    }
    Model trial = ModelCopy.of(model, OpsetUpgrade.irVersion(opset)).model();
    return new OpsetUpgrade(types(trial), opset).run(trial).refusals();
  }

  /** Brings a model that has no {@link #obstacles} to an opset, in place. */
  static void run(Model model, long opset) {
    new OpsetUpgrade(types(model), opset).run(model);
  }

  /** What onnxruntime infers; what the model declares, where it does not open it. */
  private static Types types(Model model) {
    try {
      return new OrtEngine().types(model);
    } catch (ModelException e) {
      return Types.declared();
    }
  }
}

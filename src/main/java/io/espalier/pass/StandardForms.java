package io.espalier.pass;

import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says in standard operators what nodes of the main graph say in operators that optimizers and
 * exporters made up, as onnxruntime's kernels on the CPU define them (ContribOperators.md), and in
 * those that came after opset 21 or have the gradient of simpler ones. For a model at opset {@link
 * Ops#OPSET}.
 */
final class StandardForms implements Pass {
  private static final Map<String, StandardForm> ALL = collect();

  private final Types types;

  /** For the model whose values {@code types} knows. */
  StandardForms(Types types) {
    this.types = types;
  }

  private static Map<String, StandardForm> collect() {
    Map<String, StandardForm> all = new TreeMap<>();
    List.of(
            FusedForms.FORMS,
            NormForms.FORMS,
            AttentionForms.FORMS,
            StandardAttention.FORMS,
            MovingForms.FORMS,
            SamplingForms.FORMS)
        .forEach(all::putAll);
    return Collections.unmodifiableMap(all);
  }

  /** The forms, by operator; those of other domains as in {@code com.microsoft.Gelu}. */
  static Map<String, StandardForm> all() {
    return ALL;
  }

  /** Whether there is anything to do. */
  static boolean concern(Model model) {
    return model.graph().nodes().stream().anyMatch(StandardForms::isConcerned);
  }

  private static boolean isConcerned(Node node) {
    return ALL.containsKey(node.operator().toString());
  }

  /** Rewrites; a node that is refused stays as it is. */
  @Override
  public PassResult run(Model model) {
    int changes = 0;
    List<Refusal> refusals = new ArrayList<>();
    Ops ops = new Ops(model.graph());
    for (Node node : List.copyOf(model.graph().nodes())) {
      if (isConcerned(node)) {
        try {
          rewrite(new Upgrade(node, ops, types, Ops.OPSET));
          changes++;
        } catch (RefusedException e) {
          refusals.add(new Refusal(node.label(), "cannot be trained through: " + e.getMessage()));
        }
      }
    }
    return new PassResult(changes, refusals);
  }

  private static void rewrite(Upgrade u) {
    Node node = u.node();
    List<Value> results = new ArrayList<>(ALL.get(node.operator().toString()).emit(u, u.ops()));
    while (results.size() < node.outputs().size()) {
      results.add(null);
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      boolean used = output != null && (!output.uses().isEmpty() || output.isGraphOutput());
      if (used && results.get(i) == null) {
        throw u.refuse("its output " + i + " is used");
      }
    }
    Inlining.replace(node, results);
  }
}

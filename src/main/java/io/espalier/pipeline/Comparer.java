package io.espalier.pipeline;

import io.espalier.graph.Floats;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.report.ModelDifference;
import io.espalier.report.ModelDifference.ChangedConstant;
import io.espalier.report.ModelDifference.ChangedNode;
import io.espalier.report.ModelDifference.Constant;
import io.espalier.report.ModelDifference.Contents;
import io.espalier.report.Report;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out in what two models differ: as files, as graphs, and in what they give. */
public final class Comparer {
  /** What is compared, on what, and what is demanded of the outputs. */
  public record Plan(
      Path a, Path b, Recipe.Data data, Recipe.Gates gates, Recipe.Execution execution) {
    public Plan {
      gates.requireJudge(data);
    }
  }

  private final Plan plan;
  private final Listener listener;
  private final InputModel a;
  private final InputModel b;
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean allCompared;
  private Report.Fidelity outputs;
  private Report.Accuracy accuracy;

  private Comparer(Plan plan, Listener listener, InputModel a, InputModel b) {
    this.plan = plan;
    this.listener = listener;
    this.a = a;
    this.b = b;
  }

  /**
   * Compares the models. Outputs are left out, and a refusal says why, where one of the models does
   * not run or takes other inputs.
   *
   * @throws ModelException if one is no model that can be read, or if data were named and do not
   *     fit
   * @throws InterruptedRunException if the listener cancelled
   * @throws IOException if a file cannot be read
   */
  public static ModelDifference compare(Plan plan, Listener listener) throws IOException {
    Stages.begin(listener, "reading");
    try (InputModel a = InputModel.open(plan.a());
        InputModel b = InputModel.open(plan.b())) {
      return new Comparer(plan, listener, a, b).compare();
    }
  }

  private ModelDifference compare() throws IOException {
    ModelParts inA = ModelParts.of(a.model());
    ModelParts inB = ModelParts.of(b.model());
    ModelDifference.Nodes nodes = nodes(inA.nodes(), inB.nodes());
    Stages.begin(listener, "comparing constants");
    ModelDifference.Constants constants = constants(inA.constants(), inB.constants());
    ModelDifference.Side sideA = side(a, inA);
    ModelDifference.Side sideB = side(b, inB);
    Stages.begin(listener, "comparing outputs");
    runBoth();
    return new ModelDifference(
        ModelDifference.SCHEMA_VERSION,
        Version.current(),
        sideA,
        sideB,
        constants.changed().isEmpty() && a.sameContents(b),
        (double) sideA.bytes() / sideB.bytes(),
        Declarations.differences(a.model(), b.model()),
        nodes,
        constants,
        outputs,
        accuracy,
        GateCheck.onRuns(plan.gates(), allCompared ? outputs : null, accuracy),
        refusals.stream()
            .map(refusal -> new Report.RefusalRow(refusal.where(), refusal.reason()))
            .toList(),
        notes);
  }

  private ModelDifference.Side side(InputModel model, ModelParts parts) throws IOException {
    Report.Parameters parameters =
        ConstantCensus.take(model.model(), listener).parameters(List.of());
    return new ModelDifference.Side(
        model.path().toString(),
        model.bytes(),
        parts.nodes().size(),
        parameters.total(),
        parameters.nonzero());
  }

  private static ModelDifference.Nodes nodes(Map<String, Node> inA, Map<String, Node> inB) {
    List<ModelDifference.Node> onlyInA = new ArrayList<>();
    List<ModelDifference.Node> onlyInB = new ArrayList<>();
    List<ChangedNode> changed = new ArrayList<>();
    int same = 0;
    for (String name : union(inA, inB)) {
      Node one = inA.get(name);
      Node other = inB.get(name);
      if (other == null) {
        onlyInA.add(new ModelDifference.Node(name, one.operator().toString()));
      } else if (one == null) {
        onlyInB.add(new ModelDifference.Node(name, other.operator().toString()));
      } else {
        List<String> what = NodeDifference.of(one, other);
        if (what.isEmpty()) {
          same++;
        } else {
          changed.add(new ChangedNode(name, one.operator().toString(), what));
        }
      }
    }
    return new ModelDifference.Nodes(same, onlyInA, onlyInB, changed);
  }

  private ModelDifference.Constants constants(Map<String, Tensor> inA, Map<String, Tensor> inB) {
    List<Constant> onlyInA = new ArrayList<>();
    List<Constant> onlyInB = new ArrayList<>();
    List<ChangedConstant> changed = new ArrayList<>();
    int same = 0;
    long done = 0;
    Set<String> names = union(inA, inB);
    for (String name : names) {
      Stages.progress(listener, done++, names.size());
      Tensor one = inA.get(name);
      Tensor other = inB.get(name);
      if (other == null) {
        onlyInA.add(new Constant(name, contents(one)));
      } else if (one == null) {
        onlyInB.add(new Constant(name, contents(other)));
      } else {
        TensorDifference difference = TensorDifference.of(one, other);
        if (difference.same()) {
          same++;
        } else if (difference.comparable()) {
          changed.add(
              new ChangedConstant(name, contents(one), contents(other), difference.maxAbsDiff()));
        } else {
          refusals.add(new Refusal(name, "elements of type " + one.dataType() + " cannot be read"));
        }
      }
    }
    return new ModelDifference.Constants(same, onlyInA, onlyInB, changed);
  }

  private static Set<String> union(Map<String, ?> a, Map<String, ?> b) {
    Set<String> names = new LinkedHashSet<>(a.keySet());
    names.addAll(b.keySet());
    return names;
  }

  private static Contents contents(Tensor tensor) {
    long elements = tensor.shape().elements();
    boolean counted = ReportDraft.isCounted(tensor) && elements > 0;
    return new Contents(
        tensor.dataType().toString(),
        Arrays.stream(tensor.shape().dims()).boxed().toList(),
        elements,
        counted ? 1 - (double) Floats.countNonzero(tensor) / elements : null);
  }

  private void runBoth() throws IOException {
    SessionOptions options = RuntimeOptions.session(plan.data(), plan.execution());
    try (Session before = a.session(options);
        Session after = b.session(options)) {
      OutputComparison comparison =
          new OutputComparison(plan.data(), plan.execution(), listener, before, after, false);
      comparison.run(a.model());
      outputs = comparison.fidelity();
      accuracy = comparison.accuracy().stream().findFirst().orElse(null);
      allCompared = comparison.complete();
      refusals.addAll(comparison.refusals());
      notes.addAll(comparison.notes());
    } catch (ModelException e) {
      boolean asked = plan.data().data().isPresent() || plan.data().test().isPresent();
      if (asked || plan.execution().device().equals("cuda")) {
        throw e;
      }
      refusals.add(new Refusal("outputs", e.getMessage()));
    }
  }
}

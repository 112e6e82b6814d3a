package io.espalier.pass;

import io.espalier.graph.DataType;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Derives graphs for training, evaluation and teaching from a working copy, which stays as it is.
 */
public final class TrainingGraphs {
  private final WorkingCopy source;
  private final TrainingOptions options;
  private final ModelCopy copy;
  private final Graph graph;
  private final Ops ops;
  private final Types types;
  private final List<Refusal> refusals = new ArrayList<>();

  private TrainingGraphs(WorkingCopy source, TrainingOptions options, Engine engine) {
    this.source = source;
    this.options = options;
    this.copy = ModelCopy.of(source.model());
    this.graph = copy.model().graph();
    this.types = SampledRanks.of(copy.model(), engine);
    this.ops = new Ops(graph);
  }

  /**
   * Derives a graph that computes a loss.
   *
   * @throws UnsupportedModelException if the model has no output that a loss can be computed from
   */
  public static TrainingGraph derive(WorkingCopy source, TrainingOptions options, Engine engine) {
    return new TrainingGraphs(source, options, engine).run();
  }

  /**
   * A copy of the model that gives its float outputs as they are before their last activation, and
   * the scores that its other outputs are decided by.
   */
  public static Teacher teacher(WorkingCopy source, Engine engine) {
    Model model = ModelCopy.of(source.model()).model();
    Types types = SampledRanks.of(model, engine);
    Ops ops = new Ops(model.graph()).in("teacher");
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (OutputHead head : taught(model.graph(), types)) {
      Value raw = TargetLoss.widened(ops, head.raw(), types);
      outputs.put(head.output().name(), ops.call("Identity", raw));
    }
    model.graph().setOutputs(List.copyOf(outputs.values()));
    new DeadNodes().run(model);
    return new Teacher(model, outputs);
  }

  private TrainingGraph run() {
    List<Value> parameters = TrainableWeights.of(graph);
    for (Value integers : TrainableWeights.integers(graph)) {
      Tensor tensor = integers.initializer().orElseThrow();
      refusals.add(
          new Refusal(
              name(integers),
              "does not train: its elements are integers (" + tensor.dataType() + ")"));
    }
    List<OutputHead> heads =
        options.loss().distillation().isPresent() ? taught(graph, types) : heads(graph, types);
    TrainingForm form = new TrainingForm(ops, types);
    if (options.training()) {
      form.dropOut();
      form.giveAllSteps();
      form.takeBatchStatistics(
          mean -> original(mean) == null || options.follows().test(original(mean)));
    }
    refusals.addAll(form.refusals());
    List<TrainingInputs.Weight> weights = new ArrayList<>();
    for (Value parameter : parameters) {
      Value original = original(parameter);
      if (original != null && options.trains().test(original)) {
        weights.add(weight(parameter, original));
      }
    }
    List<TrainingInputs.Statistic> statistics = new ArrayList<>();
    for (TrainingForm.Statistics one : form.statistics()) {
      Tensor initial = one.running().initializer().orElseThrow();
      feed(one.running(), initial.dataType());
      statistics.add(
          new TrainingInputs.Statistic(
              original(one.running()), one.running(), one.updated(), initial));
    }
    return finish(new Loss(ops, types, options.loss()).append(heads), weights, form, statistics);
  }

  private TrainingGraph finish(
      Loss.Appended loss,
      List<TrainingInputs.Weight> weights,
      TrainingForm form,
      List<TrainingInputs.Statistic> statistics) {
    List<Value> outputs = new ArrayList<>();
    outputs.add(loss.loss());
    loss.right().ifPresent(outputs::add);
    statistics.forEach(statistic -> outputs.add(statistic.updated()));
    graph.setOutputs(outputs);
    new DeadNodes().run(copy.model());
    return new TrainingGraph(
        copy.model(),
        loss.loss(),
        loss.right(),
        loss.targets(),
        loss.sampleWeights(),
        loss.teachers(),
        weights,
        form.masks(),
        statistics,
        refusals);
  }

  private String name(Value value) {
    Value original = original(value);
    return original == null ? value.name() : original.name();
  }

  private Value original(Value value) {
    return source.original(copy.original(value));
  }

  /** Lets a parameter be fed, in at least 32 bits. */
  private TrainingInputs.Weight weight(Value parameter, Value original) {
    Tensor initial = original.constant().orElseThrow();
    DataType type = parameter.initializer().orElseThrow().dataType();
    boolean narrow = type.bits() == Short.SIZE;
    if (narrow) {
      List<Value.Use> uses = List.copyOf(parameter.uses());
      Value back = ops.before(graph.nodes().get(0)).cast(parameter, type);
      uses.forEach(use -> use.node().setInput(use.index(), back));
    }
    feed(parameter, narrow ? DataType.FLOAT : type);
    return new TrainingInputs.Weight(original, parameter, initial);
  }

  private void feed(Value value, DataType dataType) {
    Tensor initial = value.initializer().orElseThrow();
    value.setType(new TensorType(dataType, TensorType.of(initial).dims()));
    value.removeInitializer();
    graph.makeInput(value);
  }

  /** The ends of a model's float outputs. */
  private static List<OutputHead> heads(Graph graph, Types types) {
    return required(floats(graph, types), graph, types);
  }

  /** What a teacher can teach: the ends of float outputs, and what decides the others. */
  private static List<OutputHead> taught(Graph graph, Types types) {
    List<OutputHead> heads = floats(graph, types);
    heads.addAll(Decisions.of(graph, types, heads));
    return required(heads, graph, types);
  }

  private static List<OutputHead> floats(Graph graph, Types types) {
    List<OutputHead> heads = new ArrayList<>();
    for (Value declared : graph.outputs()) {
      Value output = behindMaps(declared);
      boolean isFloat = types.dataType(output).filter(DataType::isFloat).isPresent();
      if (isFloat && types.dims(output).filter(dims -> !dims.isEmpty()).isPresent()) {
        OutputHead head = OutputHead.of(output, types);
        if (!heads.contains(head)) { // an output may be declared twice
          heads.add(head);
        }
      }
    }
    return heads;
  }

  private static List<OutputHead> required(List<OutputHead> heads, Graph graph, Types types) {
    if (heads.isEmpty()) {
      throw new UnsupportedModelException(
          "no output can be judged: expected a float tensor of known rank, got "
              + graph.outputs().stream()
                  .map(output -> output + ": " + types.of(output).map(Object::toString).orElse("?"))
                  .toList());
    }
    return heads;
  }

  /** Classifiers of some exporters end in a map from class to probability; its tensor is judged. */
  private static Value behindMaps(Value output) {
    return output
        .producer()
        .filter(node -> node.operator().toString().equals("ai.onnx.ml.ZipMap"))
        .flatMap(node -> node.input(0))
        .orElse(output);
  }

  /**
   * What is known of the outputs that targets can judge, in the model's order.
   *
   * @throws UnsupportedModelException if there is none
   */
  public static List<OutputHead> heads(WorkingCopy source, Engine engine) {
    return heads(source.model().graph(), SampledRanks.of(source.model(), engine));
  }
}

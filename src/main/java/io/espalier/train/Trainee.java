package io.espalier.train;

import io.espalier.gradient.Backward;
import io.espalier.gradient.Gradients;
import io.espalier.graph.DataType;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Refusal;
import io.espalier.graph.TensorType;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import io.espalier.pass.TrainingGraph;
import io.espalier.pass.TrainingGraphs;
import io.espalier.pass.TrainingInputs;
import io.espalier.pass.TrainingOptions;
import io.espalier.pass.WorkingCopy;
import io.espalier.prune.Glob;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.Weight;
import io.espalier.prune.WeightSharing;
import io.espalier.runtime.BoundSession;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The weights and statistics of a model in training, and the graphs that they are fed to. Owns
 * their tensors; the sessions it is bound to have to be closed before.
 */
final class Trainee implements AutoCloseable {
  private final WorkingCopy copy;
  private final TrainingOptions options;
  private final Engine engine;
  private final TrainingGraph graph;
  private final Gradients gradients;
  private final List<TrainedWeight> weights = new ArrayList<>();
  private final List<RunningStatistic> statistics = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final Map<Value, Weight> prunable;

  /**
   * Derives the training graph with its gradients.
   *
   * @param prunable the weights that penalties hold down
   * @throws UnsupportedModelException if nothing of the model would train
   */
  Trainee(
      WorkingCopy copy,
      LossChoice loss,
      TrainingSettings settings,
      Map<Value, Weight> prunable,
      Engine engine) {
    this.copy = copy;
    this.engine = engine;
    this.prunable = prunable;
    Set<Value> wide = new LinkedHashSet<>();
    this.options =
        TrainingOptions.training(loss.options())
            .training(
                original -> {
                  boolean trainable = isTrainable(original);
                  if (!trainable) {
                    wide.add(original);
                  }
                  return trainable;
                })
            .following(original -> !isFrozen(original, settings));
    this.graph = TrainingGraphs.derive(copy, options, engine);
    wide.forEach(
        value ->
            refusals.add(
                new Refusal(value.name(), "does not train: only floats of 16 and 32 bits do")));
    refusals.addAll(copy.refusals());
    refusals.addAll(graph.refusals());
    List<Value> wanted =
        graph.weights().stream()
            .filter(weight -> !isFrozen(weight.original(), settings))
            .map(TrainingInputs.Weight::input)
            .toList();
    this.gradients =
        Backward.of(graph.model().graph(), graph.loss(), wanted, engine.types(graph.model()));
    refusals.addAll(gradients.refusals());
    if (gradients.of().isEmpty()) {
      throw new UnsupportedModelException("nothing of the model would train: " + reasons());
    }
    gradients.of().values().forEach(graph.model().graph()::addOutput);
    try {
      makeTensors(settings, prunable);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void makeTensors(TrainingSettings settings, Map<Value, Weight> prunable) {
    Treatment plain = Treatment.PLAIN.withCoupledDecay(settings.coupledDecay());
    Treatment held = plain.withPenalty(new ElasticNet(settings.l1(), settings.l2()));
    int moments = settings.optimizer().moments();
    for (TrainingInputs.Weight weight : graph.weights()) {
      boolean trains = gradients.of().containsKey(weight.input());
      Treatment usual = prunable.containsKey(weight.original()) ? held : plain;
      Treatment treatment = settings.particulars().of(weight.original().name(), usual);
      weights.add(new TrainedWeight(weight, trains, moments, treatment));
    }
    graph.statistics().forEach(statistic -> statistics.add(new RunningStatistic(statistic)));
  }

  private static boolean isTrainable(Value original) {
    DataType type = original.constant().orElseThrow().dataType();
    return type == DataType.FLOAT || type == DataType.FLOAT16 || type == DataType.BFLOAT16;
  }

  private static boolean isFrozen(Value original, TrainingSettings settings) {
    return settings.particulars().frozen().contains(original.name())
        || isFrozen(original, settings.freeze());
  }

  private static boolean isFrozen(Value original, List<String> globs) {
    Set<String> names = names(original);
    return globs.stream().anyMatch(glob -> new Glob(glob).matchesAny(names));
  }

  /** What a glob can call a weight: itself, or a node that uses it. */
  private static Set<String> names(Value original) {
    Set<String> names = new HashSet<>();
    names.add(original.name());
    original.uses().stream().map(Value.Use::node).map(Node::name).forEach(names::add);
    return names;
  }

  /**
   * The names of the prunable weights that settings freeze.
   *
   * @throws IllegalArgumentException if a glob names nothing in the model
   */
  static List<String> frozen(Graph model, PrunableWeights found, TrainingSettings settings) {
    for (String glob : settings.freeze()) {
      boolean known = model.constants().stream().anyMatch(value -> isFrozen(value, List.of(glob)));
      if (!known) {
        throw new IllegalArgumentException(
            "--freeze %s: names no weight of the model, nor a node that uses one".formatted(glob));
      }
    }
    return found.weights().stream()
        .map(weight -> weight.value())
        .filter(value -> isFrozen(value, settings))
        .map(Value::name)
        .toList();
  }

  private String reasons() {
    Set<String> reasons = new LinkedHashSet<>();
    refusals.forEach(refusal -> reasons.add(refusal.where() + ": " + refusal.reason()));
    return reasons.isEmpty()
        ? "no weight was found, or all are frozen"
        : reasons.stream().limit(3).collect(Collectors.joining("; "));
  }

  TrainingGraph graph() {
    return graph;
  }

  /** The same loss in inference form, which takes the same weights and statistics. */
  TrainingGraph evaluating() {
    TrainingGraph evaluating = TrainingGraphs.derive(copy, options.evaluating(), engine);
    Graph inference = evaluating.model().graph();
    for (TrainingInputs.Statistic statistic : graph.statistics()) {
      Optional<Value> fed = inference.find(statistic.input().name());
      fed.filter(value -> value.initializer().isPresent())
          .ifPresent(
              value -> {
                value.setType(TensorType.of(value.initializer().orElseThrow()));
                value.removeInitializer();
                inference.makeInput(value);
              });
    }
    return evaluating;
  }

  /** Binds weights and statistics, and gradients too if the session trains. */
  void bind(BoundSession session, boolean training) {
    for (TrainedWeight weight : weights) {
      if (session.takes(weight.input())) {
        session.input(weight.input(), weight.room());
      }
    }
    statistics.forEach(statistic -> statistic.bind(session, training));
    if (training) {
      for (int i = 0; i < weights.size(); i++) {
        Value gradient = gradients.of().get(graph.weights().get(i).input());
        weights.get(i).gradient().ifPresent(room -> session.output(gradient.name(), room));
      }
    }
  }

  List<TrainedWeight> weights() {
    return weights;
  }

  List<RunningStatistic> statistics() {
    return statistics;
  }

  /**
   * Lets parameters read sums of the gradients that runs leave, and adds those of the latest one.
   *
   * @param share what they are multiplied by
   * @param first whether a new sum begins
   */
  void addGradients(float share, boolean first) {
    weights.forEach(weight -> weight.addGradient(share, first));
  }

  /** Lets elements of prunable weights share few values from now on. */
  void share(WeightSharing sharing, long seed) {
    weights.stream()
        .filter(weight -> weight.gradient().isPresent() && prunable.containsKey(weight.original()))
        .forEach(weight -> share(weight, sharing, seed));
  }

  private void share(TrainedWeight trained, WeightSharing sharing, long seed) {
    Weight weight = prunable.get(trained.original());
    trained.share(sharing, weight, seed);
    sharing.refusal(weight).ifPresent(refusals::add);
  }

  /** Sums the gradients of elements that share a value. */
  void tie() {
    weights.forEach(TrainedWeight::tie);
  }

  /** The parameters that have gradients. */
  List<Parameter> parameters() {
    return weights.stream()
        .filter(weight -> weight.gradient().isPresent())
        .map(TrainedWeight::parameter)
        .toList();
  }

  /**
   * Checks that training did not go astray.
   *
   * @throws ModelException if a weight is no number
   */
  void requireNumbers(long step) {
    for (TrainedWeight weight : weights) {
      if (weight.gradient().isPresent() && !Stretch.isFinite(weight.parameter().weights())) {
        throw new ModelException(
            "step %d: '%s' holds what is not a number; try a lower --lr, another --optimizer, or a"
                    .formatted(step, weight.original().name())
                + " rise from zero (--lr-schedule fixed:warmup=100,by=step)");
      }
    }
  }

  /** A hash of the weights as they are now. */
  String hash() {
    Hash hash = new Hash();
    weights.forEach(weight -> hash.add(weight.parameter().weights()));
    return hash.text();
  }

  List<Refusal> refusals() {
    return refusals;
  }

  /** Puts all that training changed into the imported model. */
  void putBack() {
    for (TrainedWeight weight : weights) {
      if (weight.gradient().isPresent() || weight.parameter().mask() != null) {
        weight.putBack();
      }
    }
    statistics.forEach(RunningStatistic::putBack);
  }

  @Override
  public void close() {
    weights.forEach(TrainedWeight::close);
    statistics.forEach(RunningStatistic::close);
  }
}

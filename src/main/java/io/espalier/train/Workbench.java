package io.espalier.train;

import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.data.Targets;
import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.pass.BlockedConvolutions;
import io.espalier.pass.SeparateStatistics;
import io.espalier.pass.Teacher;
import io.espalier.pass.TrainingGraph;
import io.espalier.pass.TrainingGraphs;
import io.espalier.pass.WorkingCopy;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.PruningOptions;
import io.espalier.prune.Weight;
import io.espalier.prune.WeightSharing;
import io.espalier.random.RandomStream;
import io.espalier.runtime.BlockedLayout;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** All that a run needs before its first step: data, graphs, sessions, tensors, the plan. */
final class Workbench implements AutoCloseable {
  private final Engine engine = new OrtEngine();
  private final TrainingSettings settings;
  private final TrainingMachine machine;
  private final List<String> notes = new ArrayList<>();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Map<String, SampleTable> tables = new LinkedHashMap<>();
  private WorkingCopy copy;
  private LossChoice loss;
  private Trainee trainee;
  private BatchGradient gradient;
  private BatchOrder order;
  private RunLength length;
  private long sharesFrom = Long.MAX_VALUE;
  private Optional<Evaluation> evaluation = Optional.empty();
  private Optional<MaskUpdates> masks = Optional.empty();

  private Workbench(TrainingSettings settings, TrainingMachine machine) {
    this.settings = settings;
    this.machine = machine;
  }

  /** Prepares a run; see {@link Trainer#train}. */
  static Workbench of(
      Model model,
      TrainingData data,
      TrainingSettings settings,
      Optional<PruningOptions> pruning,
      TrainingMachine machine)
      throws IOException {
    Workbench bench = new Workbench(settings, machine);
    try {
      bench.prepare(model, data, pruning);
      return bench;
    } catch (IOException | RuntimeException | Error e) {
      bench.close();
      throw e;
    }
  }

  private void prepare(Model model, TrainingData data, Optional<PruningOptions> pruning)
      throws IOException {
    new SeparateStatistics().run(model);
    copy = WorkingCopy.of(model, engine);
    SampleTable samples = read(data.training(), data);
    tables.put("the samples of --data", samples);
    loss = LossChoice.of(copy, samples.targets(), settings, engine);
    if (loss.fit().isEmpty() && settings.distillation().orElseThrow().mix() < 1) {
      notes.add(
          "the data have no labels: the loss is the teacher's alone, whatever --distill-mix says");
    }
    PruningOptions kinds = pruning.orElse(PruningOptions.of(0));
    PrunableWeights found = PrunableWeights.find(model, kinds);
    List<String> frozen = Trainee.frozen(model.graph(), found, settings);
    Map<Value, Weight> prunable =
        found.weights().stream().collect(Collectors.toMap(Weight::value, weight -> weight));
    trainee = keep(new Trainee(copy, loss, settings, prunable, engine));
    Optional<TeacherSession> teacher = teacher(trainee.graph());
    LossGraph training = keep(lossGraph(trainee.graph(), samples, data.training(), teacher));
    trainee.bind(training.session(), true);
    ValidationSplit.Parts parts = split(samples, data);
    order(whole(parts.training()));
    int part = copy.fixedBatch().map(Math::toIntExact).orElse(order.batch());
    gradient = new BatchGradient(training, trainee, order.batch(), part);
    evaluation = evaluation(samples, parts, data);
    masks =
        pruning.map(
            options ->
                new MaskUpdates(
                    model,
                    without(frozen, options),
                    settings.sparsening().plan(options, length),
                    trainee.weights(),
                    machine));
    settings.sharing().ifPresent(this::shareLast);
  }

  private void shareLast(WeightSharing sharing) {
    int epochs = sharing.epochsOf(settings.epochs());
    sharesFrom = (long) (settings.epochs() - epochs) * length.stepsPerEpoch() + 1;
    boolean pruned = masks.map(updates -> updates.plan().isFinalAfter(sharesFrom)).orElse(true);
    if (!pruned) {
      throw new IllegalArgumentException(
          "--codebook-epochs %d: values are shared from step %d on, before the last is pruned"
              .formatted(epochs, sharesFrom));
    }
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }

  private SampleTable read(DataSource source, TrainingData data) throws IOException {
    Map<String, TensorType> inputs = new LinkedHashMap<>();
    for (Value input : copy.model().graph().requiredInputs()) {
      input.type().ifPresent(type -> inputs.put(input.name(), type));
    }
    Dataset dataset = Dataset.open(source, inputs, data.preprocessing());
    dataset.notes().stream().filter(note -> !notes.contains(note)).forEach(notes::add);
    return SampleTable.of(dataset);
  }

  private Optional<TeacherSession> teacher(TrainingGraph graph) {
    if (graph.teachers().isEmpty()) {
      return Optional.empty();
    }
    Teacher teacher = TrainingGraphs.teacher(copy, engine);
    return Optional.of(keep(new TeacherSession(teacher, graph.teachers(), machine.session())));
  }

  private LossGraph lossGraph(
      TrainingGraph graph,
      SampleTable samples,
      DataSource source,
      Optional<TeacherSession> teacher) {
    Optional<TargetWriter> targets =
        graph
            .targets()
            .map(input -> new TargetWriter(input, samples.targets().orElseThrow(), loss));
    targets.ifPresent(writer -> writer.requireInRange(source.text()));
    long block = BlockedLayout.channels(machine.session());
    if (block > 0) {
      new BlockedConvolutions(block, engine.types(graph.model())).run(graph.model());
    }
    return new LossGraph(graph, machine.session(), samples, targets, teacher, machine.seed());
  }

  private ValidationSplit.Parts split(SampleTable samples, TrainingData data) {
    if (settings.split().isEmpty() || data.validation().isPresent()) {
      return new ValidationSplit.Parts(IntStream.range(0, samples.samples()).toArray(), new int[0]);
    }
    try {
      return settings.split().get().split(samples.samples(), samples.targets(), machine.seed());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--validation-split: " + e.getMessage(), e);
    }
  }

  /** As many samples as fill batches of the size that the model fixes. */
  private int[] whole(int[] rows) {
    int size = copy.fixedBatch().map(Math::toIntExact).orElse(1);
    if (rows.length < size) {
      throw new IllegalArgumentException(
          "the model takes %d samples at a time, the data have %d".formatted(size, rows.length));
    }
    int left = rows.length % size;
    if (left > 0) {
      notes.add(
          "%d of %d samples are left out: the model takes %d at a time"
              .formatted(left, rows.length, size));
    }
    return Arrays.copyOf(rows, rows.length - left);
  }

  private void order(int[] rows) {
    int part = copy.fixedBatch().map(Math::toIntExact).orElse(1);
    int batch = Math.max(part, settings.batch() - settings.batch() % part);
    order = new BatchOrder(rows, batch, RandomStream.named(machine.seed(), "batches"));
    order.note().ifPresent(notes::add);
    if (batch != settings.batch()) {
      notes.add(
          "an update has %d samples, not the %d asked for: the model takes %d at a time"
              .formatted(batch, settings.batch(), part));
    }
    length = new RunLength(settings.epochs(), order.batches());
  }

  private Optional<Evaluation> evaluation(
      SampleTable samples, ValidationSplit.Parts parts, TrainingData data) throws IOException {
    SampleTable judged = samples;
    DataSource source = data.training();
    int[] rows = parts.validation();
    if (data.validation().isPresent()) {
      source = data.validation().get();
      judged = read(source, data);
      tables.put("the samples of --validation", judged);
      requireAlike(source, judged.targets(), samples.targets());
      rows = IntStream.range(0, judged.samples()).toArray();
    }
    if (rows.length == 0) {
      return Optional.empty();
    }
    TrainingGraph graph = trainee.evaluating();
    LossGraph inference = keep(lossGraph(graph, judged, source, teacher(graph)));
    trainee.bind(inference.session(), false);
    int batch = copy.fixedBatch().map(Math::toIntExact).orElse(order.batch());
    return Optional.of(new Evaluation(inference, whole(rows), batch));
  }

  private static void requireAlike(
      DataSource source, Optional<Targets> judged, Optional<Targets> training) {
    if (training.isPresent() && judged.isEmpty()) {
      throw new ModelException(
          "--validation " + source + ": expected labelled samples, as the training data are");
    }
    if (training.isPresent() && !judged.get().sample().equals(training.get().sample())) {
      throw new ModelException(
          "--validation %s: expected targets of shape %s per sample, as in the training data, got %s"
              .formatted(source, training.get().sample(), judged.get().sample()));
    }
  }

  private static PruningOptions without(List<String> names, PruningOptions options) {
    List<String> exclude = new ArrayList<>(options.exclude());
    exclude.addAll(names);
    return new PruningOptions(
        options.sparsity(),
        options.scope(),
        options.granularity(),
        options.criterion(),
        options.include(),
        exclude,
        options.layers(),
        options.minSize(),
        options.depthwise(),
        options.embeddings());
  }

  Trainee trainee() {
    return trainee;
  }

  BatchGradient gradient() {
    return gradient;
  }

  BatchOrder order() {
    return order;
  }

  RunLength length() {
    return length;
  }

  /** The step, from 1, before which weights begin to share values; after all if they do not. */
  long sharesFrom() {
    return sharesFrom;
  }

  long seed() {
    return machine.seed();
  }

  Optional<Evaluation> evaluation() {
    return evaluation;
  }

  Optional<MaskUpdates> masks() {
    return masks;
  }

  List<String> notes() {
    return notes;
  }

  /** Hashes of samples and of weights as they are now, by what they are called. */
  Map<String, String> hashes() {
    Map<String, String> hashes = new LinkedHashMap<>();
    tables.forEach((name, table) -> hashes.put(name, table.hash()));
    hashes.put("the weights of the model", trainee.hash());
    return hashes;
  }

  /** What to say before the first step. */
  List<String> plan() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "training: %d weights, %s of %d steps, %d samples a step"
            .formatted(
                trainee.parameters().size(),
                length.epochs() == 1 ? "1 epoch" : length.epochs() + " epochs",
                length.stepsPerEpoch(),
                order.batch()));
    if (gradient.runs() > 1) {
      lines.add(
          "the model takes %d samples at a time: a step is the mean of %d runs"
              .formatted(order.batch() / gradient.runs(), gradient.runs()));
    }
    masks.ifPresent(updates -> lines.addAll(updates.lines()));
    settings
        .sharing()
        .ifPresent(
            sharing ->
                lines.add(
                    "weights share %d values of a tensor from step %d on"
                        .formatted(sharing.entries(), sharesFrom)));
    return lines;
  }

  /** Closes all that is open, whatever closing one of them says. */
  @Override
  public void close() {
    IllegalStateException failure = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        failure = failure == null ? new IllegalStateException(e) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

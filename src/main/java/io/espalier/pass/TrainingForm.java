package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Gives the nodes that behave differently in training the form that they have there. */
final class TrainingForm {
  private static final OperatorId MUL = OperatorId.of("Mul");

  private final Graph graph;
  private final Ops ops;
  private final Types types;
  private final List<TrainingInputs.Mask> masks = new ArrayList<>();
  private final List<Statistics> statistics = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final Set<Value> followed = new HashSet<>();

  /** A running mean or variance of a node and the output with its update. */
  record Statistics(Value running, Value updated) {}

  TrainingForm(Ops ops, Types types) {
    this.graph = ops.graph();
    this.ops = ops;
    this.types = types;
  }

  List<TrainingInputs.Mask> masks() {
    return masks;
  }

  List<Statistics> statistics() {
    return statistics;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  /** Lets every Dropout with a rate drop what a mask input says. */
  void dropOut() {
    for (Node node : List.copyOf(graph.nodes())) {
      if (node.is("Dropout")) {
        dropOut(node);
      }
    }
  }

  private void dropOut(Node node) {
    float rate = rate(node);
    if (rate == 0) {
      return;
    }
    List<Dim> dims = types.dims(node.inputs().get(0)).orElse(List.of());
    boolean known =
        !dims.isEmpty() && dims.stream().skip(1).allMatch(dim -> dim instanceof Dim.Known);
    Optional<DataType> type = types.dataType(node.inputs().get(0));
    boolean maskUsed =
        node.outputs().size() > 1
            && node.outputs().get(1) != null
            && !node.outputs().get(1).uses().isEmpty();
    if (!known || type.isEmpty() || maskUsed || !(rate > 0 && rate < 1)) {
      String reason = maskUsed ? "its mask is used elsewhere" : "its shape or rate is not known";
      refusals.add(new Refusal(node.label(), "drops nothing: " + reason));
      return;
    }
    Value x = node.inputs().get(0);
    String name = node.name().isEmpty() ? node.outputs().get(0).name() : node.name();
    Value mask = graph.newValue(name + ".mask");
    mask.setType(new TensorType(DataType.FLOAT, Optional.of(dims)));
    graph.makeInput(mask);
    Value factor = type.get() == DataType.FLOAT ? mask : ops.before(node).cast(mask, type.get());
    Node product = graph.replace(node, MUL, node.outputs().subList(0, 1));
    product.addInput(x);
    product.addInput(factor);
    masks.add(new TrainingInputs.Mask(mask, rate, dims));
  }

  /** The rate; NaN if it is computed. */
  private static float rate(Node node) {
    Value ratio = node.input(1).orElse(null);
    if (ratio == null) {
      return 0.5f;
    }
    return ratio
        .constant()
        .flatMap(Elements::of)
        .map(element -> (float) element.applyAsDouble(0))
        .orElse(Float.NaN);
  }

  /** Lets every recurrent node give the outputs of all steps, from which gradients are computed. */
  void giveAllSteps() {
    for (Node node : List.copyOf(graph.nodes())) {
      boolean recurrent = node.is("LSTM") || node.is("GRU") || node.is("RNN");
      if (recurrent && node.outputs().get(0) == null) {
        List<Value> outputs = new ArrayList<>(node.outputs());
        outputs.set(0, graph.newValue(node.nameOrOutput() + ".steps"));
        Map<String, Attribute> attributes = Map.copyOf(node.attributes());
        List<Value> inputs = List.copyOf(node.inputs());
        Node whole = graph.replace(node, node.operator(), outputs);
        inputs.forEach(whole::addInput);
        attributes.forEach(whole::setAttribute);
      }
    }
  }

  /** Lets BatchNormalization take the statistics of the batch where its mean passes the test. */
  void takeBatchStatistics(Predicate<Value> follows) {
    for (Node node : List.copyOf(graph.nodes())) {
      if (!node.is("BatchNormalization") || !follows.test(node.inputs().get(3))) {
        continue;
      }
      if (node.intAttribute("training_mode", 0) == 0) {
        takeBatchStatistics(node);
      } else {
        refusals.add(
            new Refusal(
                node.label(),
                "keeps the model's statistics: it was exported in training mode and takes those of"
                    + " the batch in inference too"));
      }
    }
  }

  private void takeBatchStatistics(Node node) {
    Value mean = node.inputs().get(3);
    Value variance = node.inputs().get(4);
    if (valuesPerChannel(node) == 1) {
      String reason = "a batch has one value per channel, which has no variance";
      refusals.add(new Refusal(node.label(), "keeps the model's statistics: " + reason));
      return;
    }
    boolean constant = mean.initializer().isPresent() && variance.initializer().isPresent();
    if (!constant || !followed.add(mean) || !followed.add(variance)) {
      String reason = constant ? "another node follows them too" : "they are computed";
      refusals.add(new Refusal(node.label(), "keeps the model's statistics: " + reason));
      return;
    }
    Map<String, Attribute> attributes = Map.copyOf(node.attributes());
    List<Value> inputs = List.copyOf(node.inputs());
    Value batchMean = graph.newValue(mean.name() + ".batch");
    Value batchVariance = graph.newValue(variance.name() + ".batch");
    List<Value> outputs = List.of(node.outputs().get(0), batchMean, batchVariance);
    float momentum = node.floatAttribute("momentum", 0.9f);
    Node training = graph.replace(node, node.operator(), outputs);
    inputs.subList(0, 3).forEach(training::addInput);
    // onnxruntime writes the new statistics over the old ones, even where others read them
    Ops before = ops.before(training).in(node.nameOrOutput() + ".overwritten");
    training.addInput(before.neg(mean));
    training.addInput(before.neg(variance));
    attributes.forEach(training::setAttribute);
    training.setAttribute("training_mode", Attribute.of(1));
    // so that it gives the statistics of the batch, which the gradient needs too
    training.setAttribute("momentum", Attribute.of(0f));
    statistics.add(new Statistics(mean, followed(mean, batchMean, momentum)));
    statistics.add(new Statistics(variance, followed(variance, batchVariance, momentum)));
  }

  /** Values that a batch has for each channel; 0 if that is not fixed. */
  private long valuesPerChannel(Node node) {
    List<Dim> dims = types.dims(node.inputs().get(0)).orElse(List.of());
    long values = dims.isEmpty() ? 0 : 1;
    for (int axis = 0; axis < dims.size(); axis++) {
      if (axis != 1) {
        values *= Shapes.size(dims.get(axis)).orElse(0);
      }
    }
    return values;
  }

  private Value followed(Value running, Value batch, float momentum) {
    DataType type = running.initializer().orElseThrow().dataType();
    Ops here = ops.in(running.name() + ".updated");
    Value kept = here.mul(running, here.scalar(type, momentum));
    return here.add(kept, here.mul(batch, here.scalar(type, 1 - momentum)));
  }
}

package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Writes out loops of a constant, small number of rounds in a model's main graph: each round is a
 * copy of the body. Other loops stay, each with a refusal.
 */
final class Unrolling implements Pass {
  private static final long MOST_ROUNDS = 128;
  private static final long MOST_NODES = 20_000;

  private final Inlining inlining;
  private final Types types;

  /** For the model whose values {@code types} knows. */
  Unrolling(Inlining inlining, Types types) {
    this.inlining = inlining;
    this.types = types;
  }

  /** Whether there is anything to do. */
  static boolean concerns(Model model) {
    return model.graph().nodes().stream().anyMatch(node -> node.is("Loop") || node.is("Scan"));
  }

  @Override
  public PassResult run(Model model) {
    int changes = 0;
    List<Refusal> refusals = new ArrayList<>();
    for (Node node : List.copyOf(model.graph().nodes())) {
      try {
        if (node.is("Loop")) {
          unrollLoop(node);
          changes++;
        } else if (node.is("Scan")) {
          unrollScan(node);
          changes++;
        }
      } catch (RefusedException e) {
        refusals.add(new Refusal(node.label(), "stays a loop: " + e.getMessage()));
      }
    }
    return new PassResult(changes, refusals);
  }

  private static Graph body(Node node) {
    if (node.attributes().get("body") instanceof Attribute.GraphAttribute graph) {
      return graph.value();
    }
    throw new RefusedException("it has no body");
  }

  private static void requireFew(long rounds, Graph body) {
    if (rounds > MOST_ROUNDS || rounds * body.nodes().size() > MOST_NODES) {
      throw new RefusedException(
          "%d rounds of %d nodes are too many to write out".formatted(rounds, body.nodes().size()));
    }
  }

  /** The inputs are the number of rounds, a condition, and the states. */
  private void unrollLoop(Node node) {
    Graph body = body(node);
    OptionalLong rounds = node.input(0).map(Unrolling::number).orElse(OptionalLong.empty());
    if (rounds.isEmpty()) {
      throw new RefusedException("its number of rounds is computed");
    }
    boolean always =
        node.input(1).map(Unrolling::isTrue).orElse(true)
            && (isTrue(body.outputs().get(0))
                || source(body.outputs().get(0)) == body.inputs().get(1));
    if (!always) {
      throw new RefusedException("it ends by a condition that is computed");
    }
    requireFew(rounds.getAsLong(), body);
    int states = body.inputs().size() - 2;
    Ops ops = new Ops(node.graph()).before(node);
    List<Value> state = new ArrayList<>(node.inputs().subList(2, 2 + states));
    List<List<Value>> collected = new ArrayList<>();
    for (long round = 0; round < rounds.getAsLong(); round++) {
      List<Value> arguments = new ArrayList<>();
      arguments.add(ops.scalar(DataType.INT64, round));
      arguments.add(ops.scalar(DataType.BOOL, 1));
      arguments.addAll(state);
      List<Value> results = inlining.inline(body, arguments, Map.of(), node);
      state = new ArrayList<>(results.subList(1, 1 + states));
      collected.add(results.subList(1 + states, results.size()));
    }
    List<Value> results = new ArrayList<>(state);
    for (int i = states; i < node.outputs().size(); i++) {
      results.add(stacked(ops, collected, i - states, 0, false));
    }
    Inlining.replace(node, results);
  }

  /** The results of all rounds along a new axis. */
  private static Value stacked(
      Ops ops, List<List<Value>> rounds, int index, long axis, boolean backwards) {
    if (rounds.isEmpty()) {
      throw new RefusedException("it has no rounds");
    }
    List<Value> parts = new ArrayList<>();
    for (List<Value> round : rounds) {
      parts.add(backwards ? 0 : parts.size(), ops.unsqueeze(round.get(index), axis));
    }
    return parts.size() == 1 ? parts.get(0) : ops.concat(axis, parts);
  }

  /** The inputs are the states, then what is taken apart along an axis. */
  private void unrollScan(Node node) {
    Graph body = body(node);
    int taken = (int) node.intAttribute("num_scan_inputs", 0);
    int states = node.inputs().size() - taken;
    Value first = node.inputs().get(states);
    long axis = axis(node, "scan_input_axes", 0, first);
    long rounds =
        types
            .dims(first)
            .map(dims -> Shapes.size(dims.get((int) axis)))
            .orElse(OptionalLong.empty())
            .orElseThrow(() -> new RefusedException("its number of rounds is not known"));
    requireFew(rounds, body);
    Ops ops = new Ops(node.graph()).before(node);
    List<Value> state = new ArrayList<>(node.inputs().subList(0, states));
    List<List<Value>> collected = new ArrayList<>();
    for (long round = 0; round < rounds; round++) {
      List<Value> arguments = new ArrayList<>(state);
      for (int i = 0; i < taken; i++) {
        Value input = node.inputs().get(states + i);
        long at = is(node, "scan_input_directions", i) ? rounds - 1 - round : round;
        Value index = ops.scalar(DataType.INT64, at);
        arguments.add(ops.gather(input, index, axis(node, "scan_input_axes", i, input)));
      }
      List<Value> results = inlining.inline(body, arguments, Map.of(), node);
      state = new ArrayList<>(results.subList(0, states));
      collected.add(results.subList(states, results.size()));
    }
    List<Value> results = new ArrayList<>(state);
    for (int i = states; i < node.outputs().size(); i++) {
      long along =
          node.intsAttribute("scan_output_axes").map(List::size).orElse(0) > i - states
              ? node.intsAttribute("scan_output_axes").get().get(i - states)
              : 0;
      boolean backwards = is(node, "scan_output_directions", i - states);
      results.add(stacked(ops, collected, i - states, along, backwards));
    }
    Inlining.replace(node, results);
  }

  private long axis(Node node, String attribute, int index, Value value) {
    List<Long> axes = node.intsAttribute(attribute).orElse(List.of());
    long axis = index < axes.size() ? axes.get(index) : 0;
    int rank = types.dims(value).map(List::size).orElse(0);
    if (axis < 0 && rank == 0 || rank == 0 && index == 0) {
      throw new RefusedException("the rank of '" + value + "' is not known");
    }
    return axis < 0 ? axis + rank : axis;
  }

  private static boolean is(Node node, String attribute, int index) {
    List<Long> flags = node.intsAttribute(attribute).orElse(List.of());
    return index < flags.size() && flags.get(index) != 0;
  }

  private static Value source(Value value) {
    Value at = value;
    Optional<Node> node = at.producer();
    while (node.isPresent() && node.get().is("Identity")) {
      at = node.get().inputs().get(0);
      node = at.producer();
    }
    return at;
  }

  private static boolean isTrue(Value value) {
    OptionalLong number = number(value);
    return number.isPresent() && number.getAsLong() != 0;
  }

  /** The one number that a constant holds. */
  private static OptionalLong number(Value value) {
    Optional<Tensor> tensor = source(value).constant().filter(t -> t.shape().elements() == 1);
    return tensor
        .flatMap(Elements::of)
        .map(element -> OptionalLong.of((long) element.applyAsDouble(0)))
        .orElse(OptionalLong.empty());
  }
}

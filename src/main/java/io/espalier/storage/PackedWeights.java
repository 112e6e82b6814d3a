package io.espalier.storage;

import io.espalier.graph.Graph;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Weights that {@link WeightStorage} encoded, made anew without a runtime. They are known by the
 * names of what they are computed from: parts and results {@code weight.…}, shared constants {@code
 * decode.…}.
 */
public final class PackedWeights {
  private final Graph graph;
  private final long limit;
  private long decoded;

  private PackedWeights(Graph graph, long limit) {
    this.graph = graph;
    this.limit = limit;
  }

  /** The values of the main graph that nodes of ours compute, in the order of the nodes. */
  public static List<Value> find(Model model) {
    List<Value> found = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (node.outputs().size() == 1 && node.outputs().get(0) != null) {
        Value value = node.outputs().get(0);
        if (WeightArithmetic.knows(node)
            && isOurs(value, !WeightStorage.listsInitializers(model))) {
          found.add(value);
        }
      }
    }
    return found;
  }

  /**
   * Whether all that the value is computed from is named after it, or shared by weights.
   *
   * @param inputsAreFed whether what is listed among the graph's inputs is no constant
   */
  private static boolean isOurs(Value weight, boolean inputsAreFed) {
    String own = weight.name() + ".";
    boolean anyPart = false;
    Set<Value> seen = new HashSet<>();
    List<Value> pending = new ArrayList<>(inputs(weight));
    for (int i = 0; i < pending.size(); i++) {
      Value value = pending.get(i);
      if (!seen.add(value)) {
        continue;
      }
      boolean part = value.name().startsWith(own);
      boolean ours = part || value.name().startsWith(DecodingNodes.SHARED);
      if (!ours || inputsAreFed && value.isGraphInput()) {
        return false;
      }
      if (value.initializer().isPresent()) {
        anyPart |= part;
      } else if (value.producer().filter(WeightArithmetic::knows).isEmpty()) {
        return false;
      }
      pending.addAll(inputs(value));
    }
    return anyPart;
  }

  private static List<Value> inputs(Value value) {
    return value.producer().map(Node::inputs).orElse(List.of()).stream()
        .filter(input -> input != null)
        .toList();
  }

  /**
   * Puts tensors in the place of what computes them.
   *
   * @param limit the most bytes that they may have in all
   * @return how many weights were decoded
   * @throws MalformedModelException if the parts do not fit together
   * @throws UnsupportedModelException if the weights exceed the limit
   */
  public static int decode(Model model, long limit) {
    return new PackedWeights(model.graph(), limit).decode(find(model));
  }

  private int decode(List<Value> weights) {
    Set<Node> nodes = new LinkedHashSet<>();
    Set<Value> parts = new LinkedHashSet<>();
    for (Value weight : weights) {
      collect(weight, nodes, parts);
    }
    List<Tensor> tensors = weights.stream().map(this::tensor).toList();
    for (int i = 0; i < tensors.size(); i++) {
      graph.fold(weights.get(i).producer().orElseThrow(), tensors.get(i));
    }
    removeUnused(nodes, parts);
    return weights.size();
  }

  private static void collect(Value weight, Set<Node> nodes, Set<Value> parts) {
    List<Value> pending = new ArrayList<>(List.of(weight));
    for (int i = 0; i < pending.size(); i++) {
      Value value = pending.get(i);
      if (value.initializer().isPresent()) {
        parts.add(value);
      } else if (nodes.add(value.producer().orElseThrow())) {
        pending.addAll(inputs(value));
      }
    }
  }

  private Tensor tensor(Value weight) {
    try {
      Tensor tensor = new WeightArithmetic(limit - decoded).evaluate(weight);
      decoded += tensor.byteSize();
      return tensor;
    } catch (ModelException e) {
      String message = "weight '" + weight.name() + "', packed: " + e.getMessage();
      throw e instanceof UnsupportedModelException
          ? new UnsupportedModelException(message, e)
          : new MalformedModelException(message, e);
    }
  }

  /** Removes what computed the weights, last nodes first, unless somebody else takes it too. */
  private void removeUnused(Set<Node> nodes, Set<Value> parts) {
    List<Node> backwards = new ArrayList<>(graph.nodes());
    backwards.retainAll(nodes);
    Collections.reverse(backwards);
    for (Node node : backwards) {
      Value result = node.outputs().get(0);
      if (result.uses().isEmpty() && !result.isGraphOutput()) {
        graph.remove(node);
      }
    }
    for (Value part : parts) {
      if (part.uses().isEmpty() && !part.isGraphOutput()) {
        graph.remove(part);
      }
    }
  }
}

package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Refusal;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Removes from a model what only training needs: Dropout and Identity nodes, the training form of
 * BatchNormalization, dead nodes. In inference the model gives exactly what it gave; inputs and
 * outputs keep their names. Works at any opset, and leaves subgraphs and functions as they are.
 */
public final class Strip implements Pass {
  private static final int TRAINING_MODE = 2;

  private final List<Refusal> refusals = new ArrayList<>();
  private int changes;

  @Override
  public PassResult run(Model model) {
    Graph graph = model.graph();
    for (Node node : List.copyOf(graph.nodes())) {
      if (node.is("BatchNormalization") && node.intAttribute("training_mode", 0) != 0) {
        normalizeByStatistics(node);
      } else if (node.is("Identity") || node.is("Dropout") && isOff(node)) {
        bypass(graph, node);
      }
    }
    changes += new DeadNodes().run(model).changes();
    return new PassResult(changes, refusals);
  }

  /** Whether a Dropout passes its input on: it is not told to train, and nobody wants its mask. */
  private boolean isOff(Node node) {
    if (node.outputs().size() > 1
        && node.outputs().get(1) != null
        && (!node.outputs().get(1).uses().isEmpty() || node.outputs().get(1).isGraphOutput())) {
      refusals.add(new Refusal(node.label(), "stays: its mask is used"));
      return false;
    }
    boolean trains =
        node.input(TRAINING_MODE)
            .map(mode -> mode.constant().map(tensor -> tensor.bytes().get(0) != 0).orElse(true))
            .orElse(false);
    if (trains) {
      node.setInput(TRAINING_MODE, null);
      node.trimInputs();
      changes++;
    }
    return true;
  }

  /** Lets those who take a node's output take its input; an output of the graph keeps its name. */
  private void bypass(Graph graph, Node node) {
    Value from = node.inputs().get(0);
    Value to = node.outputs().get(0);
    if (SubgraphOutputs.contain(graph, to)) {
      return;
    }
    if (!to.isGraphOutput()) {
      to.replaceUsesWith(from);
    } else if (mayTakeName(graph, from)) {
      graph.substitute(node, List.of(from));
      changes++;
    }
  }

  /** Whether a value is an inner one, whose name nobody knows. */
  private static boolean mayTakeName(Graph graph, Value value) {
    return value.graph() == graph
        && value.producer().isPresent()
        && !value.isGraphOutput()
        && !SubgraphOutputs.contain(graph, value);
  }

  private void normalizeByStatistics(Node node) {
    for (Value output : node.outputs().subList(1, node.outputs().size())) {
      if (output != null && (!output.uses().isEmpty() || output.isGraphOutput())) {
        refusals.add(new Refusal(node.label(), "keeps its training form: its statistics are used"));
        return;
      }
    }
    Map<String, Attribute> attributes = node.attributes();
    List<Value> inputs = List.copyOf(node.inputs());
    OperatorId operator = node.operator();
    Node stripped = node.graph().replace(node, operator, node.outputs().subList(0, 1));
    inputs.forEach(stripped::addInput);
    attributes.forEach(
        (name, value) -> {
          if (!name.equals("training_mode")) {
            stripped.setAttribute(name, value);
          }
        });
    changes++;
  }
}

package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives recurrent nodes whose sequences are [batch, time, …] ({@code layout} 1, which onnxruntime
 * does not run) the layout [time, batch, …], between transpositions.
 */
final class TimeFirst implements Pass {
  private static final long[] SWAPPED = {1, 0, 2};

  @Override
  public PassResult run(Model model) {
    List<Node> found = new ArrayList<>();
    model.forEachGraph(
        graph -> graph.nodes().stream().filter(TimeFirst::concerns).forEach(found::add));
    found.forEach(TimeFirst::rewrite);
    return new PassResult(found.size(), List.of());
  }

  private static boolean concerns(Node node) {
    return (node.is("LSTM") || node.is("GRU") || node.is("RNN"))
        && node.intAttribute("layout", 0) == 1;
  }

  private static void rewrite(Node node) {
    Graph graph = node.graph();
    Ops before = new Ops(graph).in(node.nameOrOutput()).before(node);
    Value[] inputs = node.inputs().toArray(Value[]::new);
    for (int slot : new int[] {0, 5, 6}) {
      if (slot < inputs.length && inputs[slot] != null) {
        inputs[slot] = before.transpose(inputs[slot], SWAPPED);
      }
    }
    Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
    attributes.remove("layout");
    List<Value> results = before.call(node.operator(), attributes, node.outputs().size(), inputs);
    List<Value> turned = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      long[] axes = i == 0 ? new long[] {2, 0, 1, 3} : SWAPPED;
      turned.add(output == null ? null : before.transpose(results.get(i), axes));
    }
    Inlining.replace(node, turned);
  }
}

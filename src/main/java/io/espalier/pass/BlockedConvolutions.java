package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Has 2-D convolutions work on blocks of channels, which is up to twice as fast. onnxruntime does
 * so by itself where the weights are constant; in training they never are.
 *
 * <p>The operators of blocks are onnxruntime's own and exist on the CPU only, so this is for graphs
 * that are thrown away after the session they were made for.
 */
public final class BlockedConvolutions implements Pass {
  private static final String DOMAIN = "com.microsoft.nchwc";
  private static final OperatorId BLOCK = new OperatorId(DOMAIN, "ReorderInput", "");
  private static final OperatorId CONV = new OperatorId(DOMAIN, "Conv", "");
  private static final OperatorId UNBLOCK = new OperatorId(DOMAIN, "ReorderOutput", "");

  private final long block;
  private final Types types;
  private final Map<Value, Value> blocked = new HashMap<>();

  /**
   * A pass for one model.
   *
   * @param block channels in a block, as the processor has it
   * @param types of the model's values
   */
  public BlockedConvolutions(long block, Types types) {
    this.block = block;
    this.types = types;
  }

  @Override
  public PassResult run(Model model) {
    int changes = 0;
    for (Node node : List.copyOf(model.graph().nodes())) {
      if (fits(node)) {
        rewrite(model.graph(), node);
        changes++;
      }
    }
    if (changes > 0) {
      model.setOpset(DOMAIN, 1);
    }
    return new PassResult(changes, List.of());
  }

  private boolean fits(Node node) {
    return node.is("Conv")
        && node.intAttribute("group", 1) == 1
        && node.stringAttribute("auto_pad", "NOTSET").equals("NOTSET")
        && types.dataType(node.inputs().get(0)).filter(DataType.FLOAT::equals).isPresent()
        && node.inputs().get(1).constant().isEmpty()
        && types.shape(node.inputs().get(1)).filter(this::fits).isPresent();
  }

  private boolean fits(Shape weight) {
    return weight.rank() == 4
        && weight.dim(0) % block == 0
        && weight.dim(1) % block == 0
        && weight.dim(2) * weight.dim(3) > 1;
  }

  private void rewrite(Graph graph, Node node) {
    Ops ops = new Ops(graph).before(node).in(node.nameOrOutput() + ".blocked");
    Value x = node.inputs().get(0);
    Value images = blocked.computeIfAbsent(x, key -> ops.call(BLOCK, Map.of(), 1, key).get(0));
    Shape shape = types.shape(node.inputs().get(1)).orElseThrow();
    Map<String, Attribute> attributes = new HashMap<>(node.attributes());
    Value weight = weight(ops, node.inputs().get(1), shape);
    Optional<Node> relu = onlyRelu(node);
    relu.ifPresent(next -> attributes.put("activation", Attribute.of("Relu")));
    Value[] inputs =
        node.input(2)
            .map(bias -> new Value[] {images, weight, bias})
            .orElse(new Value[] {images, weight});
    Value result = ops.call(CONV, attributes, 1, inputs).get(0);
    Node last = relu.orElse(node);
    Node unblocked = graph.replace(last, UNBLOCK, last.outputs());
    unblocked.addInput(result);
    unblocked.setAttribute("channels", Attribute.of(shape.dim(0)));
    if (relu.isPresent()) {
      graph.remove(node);
    }
  }

  /** The activation, where nobody else uses what is activated. */
  private static Optional<Node> onlyRelu(Node node) {
    Value y = node.outputs().get(0);
    return y.uses().size() == 1 && !y.isGraphOutput()
        ? Optional.of(y.uses().get(0).node())
            .filter(user -> user.is("Relu") && user.graph() == node.graph())
        : Optional.empty();
  }

  /** [M, C, …] as [M / block, C / block, …, C within a block, M within a block]. */
  private Value weight(Ops ops, Value weight, Shape shape) {
    long[] cut = {
      shape.dim(0) / block, block, shape.dim(1) / block, block, shape.dim(2), shape.dim(3)
    };
    Value moved = ops.transpose(ops.reshape(weight, cut), 0, 2, 4, 5, 3, 1);
    return ops.reshape(moved, shape.dims());
  }
}

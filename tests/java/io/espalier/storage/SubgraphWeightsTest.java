package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.runtime.SessionEvaluator;
import io.espalier.storage.StorageOptions.Form;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights of branches are encoded in the main graph. */
class SubgraphWeightsTest {
  private static Tensor weight(double sparsity) {
    return EncodingTest.tensor(
        new EncodingTest.Case(DataType.FLOAT, Shape.of(30, 40), sparsity, 0, 13));
  }

  private static void branch(Node node, String attribute, double sparsity, boolean asNode) {
    Graph branch = new Graph(attribute, node.graph());
    Value weight = branch.declare("w");
    if (asNode) {
      branch
          .addNode("", OperatorId.of("Constant"), List.of(weight))
          .setAttribute("value", Attribute.of(weight(sparsity)));
    } else {
      weight.setInitializer(weight(sparsity));
    }
    Value product = branch.declare(attribute + ".y");
    Node matMul = branch.addNode("", OperatorId.of("MatMul"), List.of(product));
    matMul.addInput(node.graph().find("x").orElseThrow());
    matMul.addInput(weight);
    branch.addOutput(product);
    node.setAttribute(attribute, new Attribute.GraphAttribute(branch));
  }

  /** If(c) x · w else x · w, with different weights of one name. */
  private static Model model() {
    Graph graph = new Graph("g", null);
    graph.addInput("x").setType(TensorType.of(x()));
    graph.addInput("c").setType(TensorType.of(flag(true)));
    Node branches = graph.addNode("if", OperatorId.of("If"), List.of(graph.declare("y")));
    branches.addInput(graph.find("c").orElseThrow());
    branch(branches, "then_branch", 0.9, false);
    branch(branches, "else_branch", 0.8, true);
    graph.addOutput(graph.find("y").orElseThrow());
    return new Model(8, Map.of("", 13L), graph, List.of());
  }

  private static Tensor x() {
    float[] numbers = new float[60];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) Math.sin(i);
    }
    return ArrayTensor.of(Shape.of(2, 30), numbers);
  }

  private static Tensor flag(boolean value) {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {(byte) (value ? 1 : 0)});
    return new ArrayTensor(DataType.BOOL, Shape.of(), bytes);
  }

  private static ByteBuffer run(Model model, boolean condition) {
    Graph graph = model.graph();
    Value y = graph.find("y").orElseThrow();
    Map<Value, Tensor> fed =
        Map.of(
            graph.find("x").orElseThrow(), x(),
            graph.find("c").orElseThrow(), flag(condition));
    return new SessionEvaluator().evaluate(model, fed, List.of(y)).get(y).bytes();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void branchesTakeThemFromOutside(boolean condition) {
    Model model = model();
    ByteBuffer before = run(model, condition);
    StorageOptions options =
        new StorageOptions(Form.AUTO, Optional.empty(), 0, false, Optional.empty());
    StorageResult result =
        WeightStorage.store(model, options, false, Optional.of(new SessionEvaluator()));
    assertEquals(2, result.weights().stream().filter(w -> w.encoding().equals("gaps")).count());
    assertTrue(
        model.graph().initializers().stream()
            .noneMatch(part -> part.initializer().orElseThrow().byteSize() > 2000));
    assertEquals(before, run(model, condition));
    assertEquals(2, PackedWeights.decode(model, 1 << 20));
    assertEquals(
        List.of(weight(0.9).bytes(), weight(0.8).bytes()),
        model.graph().initializers().stream()
            .map(weight -> weight.initializer().orElseThrow().bytes())
            .toList());
    assertEquals(before, run(model, condition));
  }
}

package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InferredTypesTest {
  private final Graph graph = new Graph("g", null);
  private final Ops ops = new Ops(graph);
  private final Model model = new Model(10, Map.of("", Ops.OPSET), graph, List.of());

  @Test
  void tellsAScalarFromAnUnknownRank() {
    Value x = graph.addInput("x");
    x.setType(
        new TensorType(
            DataType.FLOAT, Optional.of(List.of(new Dim.Symbol("N"), new Dim.Known(3)))));
    Value shape = graph.addInput("shape");
    shape.setType(new TensorType(DataType.INT64, Optional.of(List.of(new Dim.Symbol("rank")))));
    Value doubled = ops.add(x, x);
    Value scalar = ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), x);
    Value anything = ops.reshape(x, shape);
    graph.addOutput(anything);

    Types types = InferredTypes.of(model);

    assertEquals("float[N,3]", types.of(doubled).orElseThrow().toString());
    assertEquals("float[]", types.of(scalar).orElseThrow().toString());
    assertEquals("float[...]", types.of(anything).orElseThrow().toString());
    assertEquals(List.of(anything), graph.outputs());
    assertEquals(3, graph.nodes().size());
  }

  @Test
  void evaluatesInnerValues() {
    Value x = graph.addInput("x");
    x.setType(new TensorType(DataType.FLOAT, Optional.of(List.of(new Dim.Known(2)))));
    Value inner = ops.mul(x, x);
    graph.addOutput(ops.neg(inner));
    ArrayTensor input = ArrayTensor.of(Shape.of(2), 3f, 4f);
    Map<Value, Tensor> found =
        new SessionEvaluator().evaluate(model, Map.of(x, input), List.of(inner));
    assertEquals(16f, found.get(inner).bytes().getFloat(4));
  }

  @Test
  void learnsSizesFromTwoRuns() {
    Value x = graph.addInput("x");
    List<Dim> dims = List.of(new Dim.Symbol("N"), new Dim.Unknown());
    x.setType(new TensorType(DataType.FLOAT, Optional.of(dims)));
    Value turned = ops.transpose(ops.reshape(x, ops.shape(x)), 1, 0);
    graph.addOutput(turned);
    Types types =
        SampledTypes.of(
            model,
            InferredTypes.of(model),
            Map.of(x, ArrayTensor.of(Shape.of(2, 3), new float[6])),
            Map.of(x, ArrayTensor.of(Shape.of(4, 3), new float[12])));
    assertEquals("float[3,batch]", types.of(turned).orElseThrow().toString().replace("N", "batch"));
  }
}

package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.runtime.OrtEngine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The expected gradients are those of PyTorch's fake_quantize functions. */
class QuantizationGradientsTest {
  private static final Engine ENGINE = new OrtEngine();
  private static final Shape SHAPE = Shape.of(2, 3);
  private static final ArrayTensor X =
      ArrayTensor.of(SHAPE, new float[] {-2, -1.3f, -0.26f, 0.1f, 1.26f, 1.4f});

  private final Graph graph = new Graph("quantized", null);
  private final Ops ops = new Ops(graph);
  private final Value x = graph.addInput("x");

  private Value zeroPoint(DataType type, long... numbers) {
    Shape shape = numbers.length == 1 ? Shape.of() : Shape.of(numbers.length);
    return ops.constant(Elements.tensor(type, shape, i -> numbers[i]));
  }

  /** The gradient of the sum of 1 y0 + 2 y1 + …, where y is what comes out of the pair. */
  private float[] gradient(Value scale, Value zero, long axis, boolean moved) {
    x.setType(TensorType.of(X));
    Map<String, Attribute> along = Map.of("axis", Attribute.of(axis));
    Value q = ops.call("QuantizeLinear", along, x, scale, zero);
    if (moved) {
      q = ops.reshape(ops.unsqueeze(q, 0), 2, 3);
    }
    Value y = ops.call("DequantizeLinear", along, q, scale, zero);
    Value factors = ops.constant(ArrayTensor.of(SHAPE, new float[] {1, 2, 3, 4, 5, 6}));
    Map<String, Attribute> scalar = Map.of("keepdims", Attribute.of(0));
    Value loss = ops.call("ReduceSum", scalar, ops.mul(y, factors));
    Model model = new Model(10, Map.of("", Ops.OPSET), graph, List.of());
    Gradients gradients = Backward.of(graph, loss, List.of(x), ENGINE.types(model));
    assertEquals(List.of(), gradients.refusals());
    Value wanted = gradients.of().get(x);
    Tensor found = ENGINE.evaluate(model, Map.of(x, X), List.of(wanted)).get(wanted);
    float[] numbers = new float[6];
    found.bytes().asFloatBuffer().get(numbers);
    return numbers;
  }

  @Test
  void passesWhereNothingIsCutOff() {
    Value scale = ops.scalar(DataType.FLOAT, 0.01);
    float[] expected = {0, 2, 3, 4, 0, 0};
    assertArrayEquals(expected, gradient(scale, zeroPoint(DataType.INT8, 3), 1, false));
  }

  @Test
  void passesUnsignedNumbersAndWhatMovesThem() {
    Value scale = ops.scalar(DataType.FLOAT, 0.01);
    float[] expected = {0, 2, 3, 4, 0, 0};
    assertArrayEquals(expected, gradient(scale, zeroPoint(DataType.UINT8, 130), 1, true));
  }

  @Test
  void takesScalesAlongAnAxis() {
    Value scale = ops.floats(0.01f, 0.02f);
    float[] expected = {0, 0, 3, 4, 5, 6};
    assertArrayEquals(expected, gradient(scale, zeroPoint(DataType.INT8, 0, 0), 0, false));
  }
}

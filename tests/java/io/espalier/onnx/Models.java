package io.espalier.onnx;

import com.google.protobuf.ByteString;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.OperatorSetIdProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.onnx.proto.OnnxProto.TensorShapeProto;
import io.espalier.onnx.proto.OnnxProto.TypeProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small models for tests, as messages. */
public final class Models {
  private Models() {}

  /** x [N,8] -> MatMul w1 [8,16] -> Add b1 -> Relu -> Gemm(w2 [4,16], transB) -> y [N,4]. */
  public static ModelProto.Builder perceptron() {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("perceptron")
            .addNode(node("MatMul", "hidden", List.of("x", "w1"), "h"))
            .addNode(node("Add", "bias", List.of("h", "b1"), "hb"))
            .addNode(node("Relu", "relu", List.of("hb"), "r"))
            .addNode(
                node("Gemm", "output", List.of("r", "w2", "b2"), "y").toBuilder()
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("transB")
                            .setType(AttributeProto.AttributeType.INT)
                            .setI(1)))
            .addInitializer(random("w1", 1, 8, 16))
            .addInitializer(random("b1", 2, 16))
            .addInitializer(random("w2", 3, 4, 16))
            .addInitializer(random("b2", 4, 4))
            .addInput(value("x", "N", 8))
            .addOutput(value("y", "N", 4))
            .build();
    return model(graph, 13);
  }

  /** A model of this graph at an opset of the default domain. */
  public static ModelProto.Builder model(GraphProto graph, int opset) {
    return ModelProto.newBuilder()
        .setIrVersion(7)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
        .setProducerName("test")
        .setGraph(graph);
  }

  /** A node with one output. */
  public static NodeProto node(String opType, String name, List<String> inputs, String output) {
    return NodeProto.newBuilder()
        .setOpType(opType)
        .setName(name)
        .addAllInput(inputs)
        .addOutput(output)
        .build();
  }

  /** A float tensor of seeded random elements. */
  public static TensorProto random(String name, long seed, long... dims) {
    int elements = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    ByteBuffer raw = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(seed);
    for (int i = 0; i < elements; i++) {
      raw.putFloat((float) random.nextGaussian());
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(1)
        .addAllDims(Arrays.stream(dims).boxed().toList())
        .setRawData(ByteString.copyFrom(raw.flip()))
        .build();
  }

  /** A float value whose dimensions are names or numbers. */
  public static ValueInfoProto value(String name, Object... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dim : dims) {
      TensorShapeProto.Dimension.Builder one = shape.addDimBuilder();
      if (dim instanceof Integer size) {
        one.setDimValue(size);
      } else {
        one.setDimParam((String) dim);
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape)))
        .build();
  }
}

package io.espalier.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WrittenFromNothingTest {
  private static ModelProto write(Model model) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new OnnxWriter(model, "data").write(Channels.newChannel(bytes));
    return ModelProto.parseFrom(bytes.toByteArray());
  }

  @Test
  void readsBackWhatWasMade() throws IOException {
    Graph graph = new Graph("made", null);
    Value x = graph.addInput("x");
    x.setType(
        new TensorType(
            DataType.FLOAT, Optional.of(List.of(new Dim.Symbol("N"), new Dim.Unknown()))));
    Ops ops = new Ops(graph);
    Value y = ops.transpose(ops.add(x, ops.scalar(DataType.FLOAT, 0.5)), 1, 0);
    graph.addOutput(y);
    Node custom = graph.addNode("c", new OperatorId("own", "F", ""), List.of(graph.newValue("c1")));
    custom.addInput(null);
    custom.addInput(y);
    custom.setAttribute("name", Attribute.of("text"));
    custom.setAttribute("rate", Attribute.of(0.25f));
    custom.setAttribute("table", Attribute.of(ArrayTensor.of(Shape.of(2), 1L, 2L)));
    Graph body = new Graph("F", null);
    body.addOutput(new Ops(body).neg(body.addInput("a")));
    Function function = new Function(custom.operator(), body);
    Model model = new Model(10, Map.of("", Ops.OPSET), graph, List.of(function));

    ModelProto written = write(model);

    assertEquals(21, written.getOpsetImport(0).getVersion());
    assertEquals("own", written.getFunctions(0).getDomain());
    Model back =
        OnnxFile.open(ByteBuffer.wrap(written.toByteArray()), Path.of("made.onnx")).model();
    assertEquals("float[N,?]", back.graph().inputs().get(0).type().orElseThrow().toString());
    assertEquals(3, back.graph().nodes().size());
    assertEquals(custom.attributes().keySet(), back.graph().nodes().get(2).attributes().keySet());
    assertTrue(back.graph().nodes().get(2).input(0).isEmpty());
    assertEquals(written, write(back));
  }

  @Test
  void addsToAndRemovesFromWhatWasRead() throws IOException {
    ModelProto before = Models.perceptron().build();
    OnnxFile file = OnnxFile.open(ByteBuffer.wrap(before.toByteArray()), Path.of("m.onnx"));
    Graph graph = file.model().graph();
    Value output = graph.outputs().get(0);
    Node last = output.producer().orElseThrow();
    Value halved = new Ops(graph).mul(output, new Ops(graph).scalar(DataType.FLOAT, 0.5));
    graph.setOutputs(List.of(halved));
    last.setAttribute("note", Attribute.of(7));

    GraphProto written = write(file.model()).getGraph();

    assertEquals(before.getGraph().getNodeCount() + 1, written.getNodeCount());
    assertEquals(before.getGraph().getInitializerCount() + 1, written.getInitializerCount());
    assertEquals(halved.name(), written.getOutput(0).getName());
    int changed = before.getGraph().getNodeCount() - 1;
    assertEquals(before.getGraph().getNode(0), written.getNode(0));
    NodeProto.Builder expected = before.getGraph().getNode(changed).toBuilder();
    assertEquals(7, written.getNode(changed).getAttribute(expected.getAttributeCount()).getI());

    last.removeAttribute("note");
    graph.setOutputs(List.of(output));
    graph.remove(halved.producer().orElseThrow());
    graph.initializers().stream()
        .filter(value -> value.uses().isEmpty())
        .toList()
        .forEach(graph::remove);
    assertEquals(before, write(file.model()));
  }

  @Test
  void givesAReplacedTensorItsNewShape() throws IOException {
    OnnxFile file =
        OnnxFile.open(
            ByteBuffer.wrap(Models.perceptron().build().toByteArray()), Path.of("m.onnx"));
    Value weight = file.model().graph().find("w1").orElseThrow();
    weight.setInitializer(ArrayTensor.of(Shape.of(3, 2), new float[6]));
    GraphProto written = write(file.model()).getGraph();
    assertEquals(List.of(3L, 2L), written.getInitializer(0).getDimsList());
    assertFalse(written.getInitializer(0).getRawData().isEmpty());
  }
}

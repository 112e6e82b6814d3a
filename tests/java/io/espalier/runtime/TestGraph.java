package io.espalier.runtime;

import com.google.protobuf.ByteString;
import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.onnx.Models;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A small model for one test, a node at a time; it can be opened as a session and as a graph. */
final class TestGraph {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");

  TestGraph input(String name, DataType type, Object... dims) {
    graph.addInput(value(name, type, dims));
    return this;
  }

  TestGraph output(String name, DataType type, Object... dims) {
    graph.addOutput(value(name, type, dims));
    return this;
  }

  TestGraph floats(String name, long seed, long... dims) {
    graph.addInitializer(Models.random(name, seed, dims));
    return this;
  }

  TestGraph ints(String name, long... elements) {
    ByteBuffer raw = ByteBuffer.allocate(8 * elements.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(elements).forEach(raw::putLong);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(7)
            .addDims(elements.length)
            .setRawData(ByteString.copyFrom(raw.flip())));
    return this;
  }

  TestGraph node(String opType, String inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder(Models.node(opType, output, List.of(inputs.split(" ")), output))
            .addAllAttribute(List.of(attributes)));
    return this;
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto attribute(String name, TestGraph body) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(body.graph)
        .build();
  }

  private static ValueInfoProto value(String name, DataType type, Object... dims) {
    ValueInfoProto.Builder value = Models.value(name, dims).toBuilder();
    value.getTypeBuilder().getTensorTypeBuilder().setElemType(type.code());
    return value.build();
  }

  ByteBuffer bytes() {
    return ByteBuffer.wrap(Models.model(graph.build(), 13).build().toByteArray());
  }

  Session open() {
    return Session.open("test", bytes(), SessionOptions.DEFAULT);
  }

  Model model() {
    ByteBuffer bytes = bytes();
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    return OnnxFile.open(direct, Path.of("test.onnx")).model();
  }
}

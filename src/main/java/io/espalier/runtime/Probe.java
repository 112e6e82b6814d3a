package io.espalier.runtime;

import io.espalier.graph.Dim;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Value;
import io.espalier.onnx.ExternalDataPolicy;
import io.espalier.onnx.OnnxWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens a model with other outputs than its own, to look at them. */
final class Probe {
  /** The dimensions of an empty vector. */
  static final Optional<List<Dim>> LENGTH_ZERO = Optional.of(List.of(new Dim.Known(0)));

  private Probe() {}

  /** What onnxruntime says about {@code values}, by name. */
  static Map<String, Port> outputs(Model model, List<Value> values) {
    Map<String, Port> ports = new HashMap<>();
    try (Session session = open(model, values)) {
      session.outputs().forEach(port -> ports.put(port.name(), port));
    }
    return ports;
  }

  /**
   * A session, not optimized, whose outputs are {@code values}.
   *
   * @throws ModelException if onnxruntime refuses the model
   */
  static Session open(Model model, List<Value> values) {
    List<Value> own = List.copyOf(model.graph().outputs());
    model.graph().setOutputs(values);
    ByteBuffer bytes;
    try {
      bytes = bytes(model);
    } finally {
      model.graph().setOutputs(own);
    }
    return Session.open(
        model.graph().name(), bytes, SessionOptions.DEFAULT.withOptimize(false).withThreads(1));
  }

  /** The model as onnxruntime reads it, constants of any size included. */
  static ByteBuffer bytes(Model model) {
    OnnxWriter writer = new OnnxWriter(model, "unused", ExternalDataPolicy.NONE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(writer.size()));
    try {
      writer.write(Channels.newChannel(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }
}

package io.espalier.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.espalier.graph.DataType;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Native tensors for one or more runs; closing frees them. */
final class Feeds implements AutoCloseable {
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

  private Feeds() {}

  /**
   * Tensors for the inputs of {@code session}; further entries of {@code data} are left out.
   *
   * @throws ModelException if an input has no value, or one that cannot be fed
   */
  static Feeds of(Session session, Map<String, Datum> data) {
    if (!session.missing(data).isEmpty()) {
      throw new ModelException(
          "%s: no value for the inputs %s".formatted(session.name(), session.missing(data)));
    }
    Feeds feeds = new Feeds();
    try {
      for (Port input : session.inputs()) {
        feeds.tensors.put(input.name(), tensor(input.name(), data.get(input.name())));
      }
      return feeds;
    } catch (RuntimeException e) {
      feeds.close();
      throw e;
    }
  }

  Map<String, OnnxTensor> tensors() {
    return tensors;
  }

  private static OnnxTensor tensor(String name, Datum datum) {
    try {
      if (datum instanceof Datum.Numbers numbers) {
        return numbers(name, numbers.tensor());
      }
      if (datum instanceof Datum.Words words) {
        return OnnxTensor.createTensor(
            Ort.environment(), words.words().toArray(new String[0]), words.shape().dims());
      }
      throw new UnsupportedModelException(
          "input '%s': sequences, maps and optional values cannot be fed".formatted(name));
    } catch (OrtException e) {
      throw new ModelException("input '%s': %s".formatted(name, OrtText.of(e)), e);
    }
  }

  private static OnnxTensor numbers(String name, Tensor tensor) throws OrtException {
    int size = Math.toIntExact(tensor.byteSize());
    ByteBuffer bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(0, bytes);
    return OnnxTensor.createTensor(
        Ort.environment(), bytes.flip(), tensor.shape().dims(), javaType(name, tensor.dataType()));
  }

  static OnnxJavaType javaType(String name, DataType type) {
    return switch (type) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      default ->
          throw new UnsupportedModelException(
              "input '%s': onnxruntime's Java interface cannot feed tensors of type %s"
                  .formatted(name, type));
    };
  }

  @Override
  public void close() {
    tensors.values().forEach(OnnxTensor::close);
    tensors.clear();
  }
}

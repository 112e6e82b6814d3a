package io.espalier.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.espalier.graph.DataType;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor in memory that Java and onnxruntime share: what is written into its buffer is what the
 * next run of a {@link BoundSession} reads, and the other way round. Must be closed, after the
 * sessions it is bound to.
 */
public final class HostTensor implements AutoCloseable {
  private final DataType type;
  private final Shape shape;
  private final ByteBuffer bytes;
  private final OnnxTensor tensor;

  private HostTensor(DataType type, Shape shape, ByteBuffer bytes, OnnxTensor tensor) {
    this.type = type;
    this.shape = shape;
    this.bytes = bytes;
    this.tensor = tensor;
  }

  /**
   * A tensor of zeros.
   *
   * @throws ModelException if onnxruntime's Java interface has no such type, or from 2 GiB on
   */
  public static HostTensor of(DataType type, Shape shape) {
    long size = type.byteSize(shape.elements());
    if (size > Integer.MAX_VALUE - 8) {
      throw new ModelException("a tensor of shape %s: at most 2 GiB can be bound".formatted(shape));
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect((int) size).order(ByteOrder.nativeOrder());
    try {
      OnnxTensor tensor =
          OnnxTensor.createTensor(
              Ort.environment(), bytes, shape.dims(), Feeds.javaType("tensor", type));
      Handles.opened();
      return new HostTensor(type, shape, bytes, tensor);
    } catch (OrtException e) {
      throw new ModelException("a tensor of shape %s: %s".formatted(shape, OrtText.of(e)), e);
    }
  }

  /** Tensors of zeros that are alike: all of them, or none if one cannot be made. */
  public static List<HostTensor> of(DataType type, Shape shape, int count) {
    List<HostTensor> tensors = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        tensors.add(of(type, shape));
      }
      return tensors;
    } catch (RuntimeException | Error e) {
      tensors.forEach(HostTensor::close);
      throw e;
    }
  }

  public DataType type() {
    return type;
  }

  public Shape shape() {
    return shape;
  }

  /** All its bytes, from the first; every call gives a view of its own. */
  public ByteBuffer bytes() {
    return bytes.duplicate().clear().order(ByteOrder.nativeOrder());
  }

  /** The elements of a float32 tensor. */
  public FloatBuffer floats() {
    requireType(DataType.FLOAT);
    return bytes().asFloatBuffer();
  }

  /** The elements of an int64 tensor. */
  public LongBuffer longs() {
    requireType(DataType.INT64);
    return bytes().asLongBuffer();
  }

  private void requireType(DataType expected) {
    if (type != expected) {
      throw new IllegalStateException("expected a tensor of " + expected + ", got " + type);
    }
  }

  OnnxTensor tensor() {
    return tensor;
  }

  @Override
  public void close() {
    if (!tensor.isClosed()) {
      tensor.close();
      Handles.closed();
    }
  }
}

package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.onnx.proto.OnnxProto.SparseTensorProto;
import java.nio.ByteBuffer;

/** A constant in coordinate form ({@code sparse_initializer}); it is passed through as it is. */
record SparseTensor(DataType dataType, Shape shape, Tensor values, Tensor indices)
    implements Tensor {

  static SparseTensor read(SparseTensorProto proto, TensorReader tensors, String where) {
    Tensor values = tensors.read(proto.getValues(), where + ", values");
    Tensor indices = tensors.read(proto.getIndices(), where + ", indices");
    long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (indices.shape().rank() > 0 && indices.shape().dim(0) != values.shape().elements()) {
      throw new MalformedModelException(
          "%s: %d values, but %d positions"
              .formatted(where, values.shape().elements(), indices.shape().dim(0)));
    }
    return new SparseTensor(values.dataType(), Shape.of(dims), values, indices);
  }

  @Override
  public boolean isReadable() {
    return false;
  }

  @Override
  public void read(long position, ByteBuffer into) {
    throw new UnsupportedModelException("a tensor in coordinate form has no dense bytes");
  }
}

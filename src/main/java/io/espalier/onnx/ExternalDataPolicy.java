package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.Tensor;
import java.util.OptionalLong;

/**
 * Which initializers are written as external data.
 *
 * @param from bytes of the smallest one; absent: those that were read so or, where the model file
 *     would take more than {@code limit}, all from {@link #USUAL_FROM} on
 * @param limit bytes that a model file can have
 */
public record ExternalDataPolicy(OptionalLong from, long limit) {
  /** The {@code size_threshold} that functions of the {@code onnx} package have by default. */
  public static final long USUAL_FROM = 1024;

  /** As they were read, unless that takes 2 GiB. */
  public static final ExternalDataPolicy KEEP =
      new ExternalDataPolicy(OptionalLong.empty(), Integer.MAX_VALUE);

  /** All in the model file. */
  public static final ExternalDataPolicy NONE = from(Long.MAX_VALUE);

  /** Initializers of so many bytes and more. */
  public static ExternalDataPolicy from(long bytes) {
    return new ExternalDataPolicy(OptionalLong.of(bytes), Integer.MAX_VALUE);
  }

  boolean isExternal(Tensor tensor, boolean was) {
    return from.isPresent()
        ? tensor.dataType() != DataType.STRING && tensor.byteSize() >= from.getAsLong()
        : was;
  }
}

package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Transposed convolutions, whose padding cuts off what they make. */
final class ConvTranspose {
  private ConvTranspose() {}

  static KerasTensor emit(LayerContext layer, KerasTensor input, int axes) {
    Image x = Image.of(layer, input, axes);
    Windows windows = Windows.of(layer, "kernel_size", axes);
    long filters = layer.config().integer("filters");
    Value kernel = layer.initializer("kernel", () -> kernel(layer, windows, x.channels(), filters));
    long[] extra = extra(layer, axes);
    long[] pads = new long[2 * axes];
    long[] grown = new long[axes];
    long[] space = new long[axes];
    for (int axis = 0; axis < axes; axis++) {
      Cut cut = Cut.of(windows, axis, extra == null ? -1 : extra[axis]);
      pads[axis] = cut.begin();
      pads[axes + axis] = cut.end();
      grown[axis] = cut.added();
      long in = x.space()[axis];
      space[axis] =
          in < 0
              ? -1
              : (in - 1) * windows.strides()[axis]
                  + windows.extent(axis)
                  + cut.added()
                  - cut.begin()
                  - cut.end();
    }
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("kernel_shape", Attribute.of(windows.size()));
    attributes.put("strides", Attribute.of(windows.strides()));
    attributes.put("dilations", Attribute.of(windows.dilations()));
    attributes.put("pads", Attribute.of(pads));
    attributes.put("output_padding", Attribute.of(grown));
    Value y =
        layer.config().flag("use_bias", true)
            ? layer
                .ops()
                .call("ConvTranspose", attributes, x.value(), kernel, layer.weight("bias", filters))
            : layer.ops().call("ConvTranspose", attributes, x.value(), kernel);
    return Activations.apply(layer, x.result(layer, y, filters, space), "activation");
  }

  private static long[] extra(LayerContext layer, int axes) {
    return layer.config().has("output_padding")
        ? Windows.perAxis(layer.config(), "output_padding", axes, 0)
        : null;
  }

  /** Keras has [window, filters, channels], ONNX [channels, filters, window]. */
  private static Tensor kernel(LayerContext layer, Windows windows, long channels, long filters) {
    int axes = windows.size().length;
    long[] dims = Arrays.copyOf(windows.size(), axes + 2);
    dims[axes] = filters;
    dims[axes + 1] = channels;
    Tensor kernel = layer.tensor("kernel", dims);
    boolean flipped = KerasOneKernels.isFlipped(layer);
    return ConvLayers.ConvKernels.onnx(
        flipped ? ConvLayers.ConvKernels.flipped(kernel, axes) : kernel);
  }

  /**
   * What is cut off at both ends of an axis, and what is added at the end.
   *
   * <p>Without {@code output_padding} the result is what a convolution of the same settings would
   * have made the input of: {@code in · stride} long, or for "valid" {@code in · stride +
   * max(window - stride, 0)}. With it, Keras cuts {@code window / 2} at each end for "same".
   */
  private record Cut(long begin, long end, long added) {
    static Cut of(Windows windows, int axis, long outputPadding) {
      long extent = windows.extent(axis);
      long stride = windows.strides()[axis];
      boolean same = !windows.padding().equals("valid");
      if (outputPadding >= 0) {
        // TensorFlow: the length is said, and of what is too much the half is cut before
        long length = (same ? extent % 2 : extent) + outputPadding;
        long total = extent - length;
        return !same
            ? new Cut(0, 0, outputPadding)
            : new Cut(
                Math.max(0, extent - stride) / 2,
                Math.max(0, total - Math.max(0, extent - stride) / 2),
                Math.max(0, Math.max(0, extent - stride) / 2 - total));
      }
      long missing = Math.max(0, stride - extent);
      long total = same ? Math.max(0, extent - stride) : 0;
      return new Cut(total / 2, total - total / 2, missing);
    }
  }
}

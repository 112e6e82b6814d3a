package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Map;

/** Layers of {@code keras.layers.convolutional}. */
final class ConvLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("Conv1D", LayerRule.one((layer, x) -> conv(layer, x, 1))),
          entry("Conv2D", LayerRule.one((layer, x) -> conv(layer, x, 2))),
          entry("Conv3D", LayerRule.one((layer, x) -> conv(layer, x, 3))),
          entry("Conv1DTranspose", LayerRule.one((layer, x) -> ConvTranspose.emit(layer, x, 1))),
          entry("Conv2DTranspose", LayerRule.one((layer, x) -> ConvTranspose.emit(layer, x, 2))),
          entry("Conv3DTranspose", LayerRule.one((layer, x) -> ConvTranspose.emit(layer, x, 3))),
          entry("DepthwiseConv1D", LayerRule.one((layer, x) -> depthwise(layer, x, 1))),
          entry("DepthwiseConv2D", LayerRule.one((layer, x) -> depthwise(layer, x, 2))),
          entry("SeparableConv1D", LayerRule.one((layer, x) -> separable(layer, x, 1))),
          entry("SeparableConv2D", LayerRule.one((layer, x) -> separable(layer, x, 2))));

  private ConvLayers() {}

  private static KerasTensor conv(LayerContext layer, KerasTensor input, int axes) {
    Image x = Image.of(layer, input, axes);
    Windows windows = Windows.of(layer, "kernel_size", axes);
    long filters = layer.config().integer("filters");
    long groups = layer.config().integer("groups", 1);
    if (groups < 1 || x.channels() % groups != 0) {
      throw layer.malformed(
          "groups: expected a divisor of the %d channels, got %d".formatted(x.channels(), groups));
    }
    Value kernel =
        layer.initializer(
            "kernel",
            () ->
                ConvKernels.onnx(ConvKernels.read(layer, windows, x.channels() / groups, filters)));
    Map<String, Attribute> attributes = windows.attributes(x.space());
    if (groups > 1) {
      attributes.put("group", Attribute.of(groups));
    }
    Value y =
        layer.config().flag("use_bias", true)
            ? layer.ops().call("Conv", attributes, x.value(), kernel, layer.weight("bias", filters))
            : layer.ops().call("Conv", attributes, x.value(), kernel);
    return Activations.apply(
        layer, x.result(layer, y, filters, windows.outputs(x.space())), "activation");
  }

  private static KerasTensor depthwise(LayerContext layer, KerasTensor input, int axes) {
    Image x = Image.of(layer, input, axes);
    Windows windows = Windows.of(layer, "kernel_size", axes);
    long multiplier = layer.config().integer("depth_multiplier", 1);
    long channels = Math.multiplyExact(x.channels(), multiplier);
    Value kernel = depthwiseKernel(layer, "depthwise_kernel", windows, x.channels(), multiplier);
    Value bias = layer.config().flag("use_bias", true) ? layer.weight("bias", channels) : null;
    Value y = depthwise(layer, x, windows, kernel, bias);
    return Activations.apply(
        layer, x.result(layer, y, channels, windows.outputs(x.space())), "activation");
  }

  private static Value depthwise(
      LayerContext layer, Image x, Windows windows, Value kernel, Value bias) {
    Map<String, Attribute> attributes = windows.attributes(x.space());
    attributes.put("group", Attribute.of(x.channels()));
    return bias == null
        ? layer.ops().call("Conv", attributes, x.value(), kernel)
        : layer.ops().call("Conv", attributes, x.value(), kernel, bias);
  }

  /** Keras has [window, channels, multiplier], ONNX [channels · multiplier, 1, window]. */
  private static Value depthwiseKernel(
      LayerContext layer, String name, Windows windows, long channels, long multiplier) {
    int axes = windows.size().length;
    long[] dims = Arrays.copyOf(windows.size(), axes + 2);
    dims[axes] = channels;
    dims[axes + 1] = multiplier;
    return layer.weight(
        name,
        tensor -> {
          int[] order = new int[axes + 2];
          order[0] = axes;
          order[1] = axes + 1;
          for (int i = 0; i < axes; i++) {
            order[i + 2] = i;
          }
          long[] shape = new long[axes + 2];
          shape[0] = channels * multiplier;
          shape[1] = 1;
          System.arraycopy(windows.size(), 0, shape, 2, axes);
          return Tensors.reshape(Tensors.permute(tensor, order), shape);
        },
        dims);
  }

  /** A depthwise convolution, then one of windows of one element. */
  private static KerasTensor separable(LayerContext layer, KerasTensor input, int axes) {
    Image x = Image.of(layer, input, axes);
    Windows windows = Windows.of(layer, "kernel_size", axes);
    long multiplier = layer.config().integer("depth_multiplier", 1);
    long filters = layer.config().integer("filters");
    Value depthwise = depthwiseKernel(layer, "depthwise_kernel", windows, x.channels(), multiplier);
    long[] dims = new long[axes + 2];
    Arrays.fill(dims, 1);
    dims[axes] = x.channels() * multiplier;
    dims[axes + 1] = filters;
    Value pointwise = layer.weight("pointwise_kernel", ConvKernels::onnx, dims);
    Value between = depthwise(layer, x, windows, depthwise, null);
    Value y =
        layer.config().flag("use_bias", true)
            ? layer.ops().call("Conv", between, pointwise, layer.weight("bias", filters))
            : layer.ops().call("Conv", between, pointwise);
    return Activations.apply(
        layer, x.result(layer, y, filters, windows.outputs(x.space())), "activation");
  }

  /** Kernels of convolutions in the forms of the versions of Keras. */
  static final class ConvKernels {
    private ConvKernels() {}

    /** The next weight as Keras 2 has it: [window, channels, filters]. */
    static Tensor read(LayerContext layer, Windows windows, long channels, long filters) {
      int axes = windows.size().length;
      boolean one = layer.dialect().major() == 1;
      long[] dims = Arrays.copyOf(windows.size(), axes + 2);
      dims[axes] = channels;
      dims[axes + 1] = filters;
      Tensor kernel;
      if (one && axes == 1) {
        kernel = KerasOneKernels.ofOneAxis(layer, dims);
      } else if (one && layer.channelsFirst()) {
        kernel = KerasOneKernels.channelsFirst(layer, dims);
      } else {
        kernel = layer.tensor("kernel", dims);
      }
      return KerasOneKernels.isFlipped(layer) ? flipped(kernel, axes) : kernel;
    }

    static Tensor flipped(Tensor kernel, int axes) {
      int[] space = new int[axes];
      Arrays.setAll(space, i -> i);
      return Tensors.flip(kernel, space);
    }

    /** [window, a, b] as [b, a, window]. */
    static Tensor onnx(Tensor kernel) {
      int rank = kernel.shape().rank();
      int[] order = new int[rank];
      order[0] = rank - 1;
      order[1] = rank - 2;
      for (int i = 2; i < rank; i++) {
        order[i] = i - 2;
      }
      return Tensors.permute(kernel, order);
    }
  }
}

package io.espalier.keras;

import io.espalier.graph.Attribute;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The windows of a convolution or a pooling: their sizes along each axis of space, and the padding.
 *
 * @param padding "valid", "same" or "causal"
 */
record Windows(long[] size, long[] strides, long[] dilations, String padding) {
  /** The windows that the layer's settings say; {@code sizeKey} names that of their size. */
  static Windows of(LayerContext layer, String sizeKey, int axes) {
    Json config = layer.config();
    long[] size = perAxis(config, sizeKey, axes, 1);
    boolean pool = sizeKey.equals("pool_size");
    long[] strides =
        config.has("strides") ? perAxis(config, "strides", axes, 1) : pool ? size : ones(axes);
    long[] dilations = perAxis(config, "dilation_rate", axes, 1);
    String padding = config.text("padding", "valid");
    boolean known = padding.equals("valid") || padding.equals("same") || padding.equals("causal");
    boolean positive =
        Arrays.stream(size).allMatch(n -> n > 0)
            && Arrays.stream(strides).allMatch(n -> n > 0)
            && Arrays.stream(dilations).allMatch(n -> n > 0);
    if (!known || !positive) {
      throw layer.malformed(
          "padding, %s, strides and dilation_rate: expected valid, same or causal, and numbers from"
                  .formatted(sizeKey)
              + " 1 on, got %s, %s, %s, %s"
                  .formatted(
                      padding,
                      Arrays.toString(size),
                      Arrays.toString(strides),
                      Arrays.toString(dilations)));
    }
    return new Windows(size, strides, dilations, padding);
  }

  private static long[] ones(int axes) {
    long[] ones = new long[axes];
    Arrays.fill(ones, 1);
    return ones;
  }

  static long[] perAxis(Json config, String key, int axes, long absent) {
    long[] said = config.has(key) ? config.integers(key) : new long[] {absent};
    if (said.length == axes) {
      return said;
    }
    if (said.length != 1) {
      throw config.get(key).unexpected("numbers for " + axes + " axes");
    }
    long[] all = new long[axes];
    Arrays.fill(all, said[0]);
    return all;
  }

  /** What a window spans along an axis, its gaps included. */
  long extent(int axis) {
    return (size[axis] - 1) * dilations[axis] + 1;
  }

  /** How many windows fit along each axis. */
  long[] outputs(long[] space) {
    long[] outputs = new long[space.length];
    for (int axis = 0; axis < space.length; axis++) {
      outputs[axis] = space[axis] < 0 ? -1 : output(space[axis], axis);
    }
    return outputs;
  }

  private long output(long in, int axis) {
    long fit = padding.equals("valid") ? in - extent(axis) + 1 : in;
    if (fit <= 0) {
      throw new IllegalArgumentException(
          "windows of " + extent(axis) + " do not fit an axis of " + in);
    }
    return (fit + strides[axis] - 1) / strides[axis];
  }

  /** Zeros before and after each axis; null where they depend on a size that is not known. */
  long[] pads(long[] space) {
    int axes = space.length;
    long[] pads = new long[2 * axes];
    for (int axis = 0; axis < axes; axis++) {
      long total;
      if (padding.equals("valid")) {
        continue;
      } else if (padding.equals("causal")) {
        pads[axis] = extent(axis) - 1;
        continue;
      } else if (strides[axis] == 1) {
        total = extent(axis) - 1;
      } else if (space[axis] < 0) {
        return null;
      } else {
        long out = output(space[axis], axis);
        total = Math.max(0, (out - 1) * strides[axis] + extent(axis) - space[axis]);
      }
      pads[axis] = total / 2;
      pads[axes + axis] = total - total / 2;
    }
    return pads;
  }

  /** The attributes of a convolution or pooling over an image of this space. */
  Map<String, Attribute> attributes(long[] space) {
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("kernel_shape", Attribute.of(size));
    attributes.put("strides", Attribute.of(strides));
    if (Arrays.stream(dilations).anyMatch(dilation -> dilation != 1)) {
      attributes.put("dilations", Attribute.of(dilations));
    }
    long[] pads = pads(space);
    if (pads == null) {
      attributes.put("auto_pad", Attribute.of("SAME_UPPER"));
    } else if (Arrays.stream(pads).anyMatch(pad -> pad != 0)) {
      attributes.put("pads", Attribute.of(pads));
    }
    return attributes;
  }
}

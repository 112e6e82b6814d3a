package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;

/** Gradients of convolutions; those of their weights are in {@link ConvWeightGradient}. */
final class ConvGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry(
              "Conv",
              each(
                  ConvGradients::convInput,
                  (g, ops) ->
                      ConvWeightGradient.emit(g, ops, window(g, g.x(), g.y()), g.x(), g.dy()),
                  ConvGradients::bias)),
          entry(
              "ConvTranspose",
              each(
                  ConvGradients::transposeInput,
                  (g, ops) -> ConvWeightGradient.emit(g, ops, transposed(g), g.dy(), g.x()),
                  ConvGradients::bias)));

  /** Fewer output channels do not fill a convolution's inner loop. */
  private static final long FLIP_FROM_CHANNELS = 8;

  private ConvGradients() {}

  private static Window window(GradientContext g, Value wide, Value narrow) {
    int rank = g.rank(g.x(1)) - 2;
    long[] kernel = new long[rank];
    Arrays.setAll(kernel, i -> g.knownDim(g.x(1), i + 2));
    return Window.of(g, kernel, wide, narrow);
  }

  private static Window transposed(GradientContext g) {
    return window(g, g.y(), g.x()).withPadsOfTransposed(g);
  }

  private static Value bias(GradientContext g, Ops ops) {
    long[] axes = LongStream.range(0, g.rank(g.x(1))).filter(axis -> axis != 1).toArray();
    return ops.reduceSum(g.dy(), axes, false);
  }

  private static Value convInput(GradientContext g, Ops ops) {
    Window window = window(g, g.x(), g.y());
    long group = g.node().intAttribute("group", 1);
    boolean flip = group == 1 && window.keepsSize() && g.knownDim(g.x(1), 1) >= FLIP_FROM_CHANNELS;
    return flip ? flipped(g, ops, window) : spread(g, ops, window, g.dy(), g.x(1), group, g.x());
  }

  /** The convolution of dy with the kernel turned round, which is faster where nothing is lost. */
  private static Value flipped(GradientContext g, Ops ops, Window window) {
    int rank = window.rank();
    long[] swap = LongStream.range(0, rank + 2L).toArray();
    swap[0] = 1;
    swap[1] = 0;
    Value weight = ops.transpose(g.x(1), swap);
    if (window.elements() > 1) {
      long[] last = LongStream.generate(() -> -1).limit(rank).toArray();
      long[] beforeFirst = LongStream.generate(() -> Long.MIN_VALUE).limit(rank).toArray();
      weight = ops.slice(weight, last, beforeFirst, window.axes(), last);
    }
    long[] pads = window.pads();
    for (int i = 0; i < pads.length; i++) {
      pads[i] = window.reach(i % rank) - 1 - pads[i];
    }
    Map<String, Attribute> attributes =
        Map.of("dilations", Attribute.of(window.dilations()), "pads", Attribute.of(pads));
    return ops.call("Conv", attributes, g.dy(), weight);
  }

  /**
   * The transposed convolution of {@code dy}. What the strides skip at the end of the input is
   * output padding, what windows reach beyond it is cut off; where the input's size is not known,
   * the most that can be skipped is added and cut back.
   */
  static Value spread(
      GradientContext g, Ops ops, Window window, Value dy, Value weight, long group, Value like) {
    Map<String, Attribute> attributes = new HashMap<>(window.attributes());
    attributes.put("group", Attribute.of(group));
    long[] skipped = new long[window.rank()];
    for (int i = 0; i < skipped.length; i++) {
      long stride = window.strides()[i];
      long covered =
          (window.output()[i] - 1) * stride
              + window.reach(i)
              - window.begins()[i]
              - window.ends()[i];
      skipped[i] = window.knowsSizes() ? window.input()[i] - covered : stride - 1;
    }
    long[] pads = window.pads();
    for (int i = 0; i < skipped.length; i++) {
      pads[window.rank() + i] -= Math.min(0, skipped[i]);
      skipped[i] = Math.max(0, skipped[i]);
    }
    attributes.put("pads", Attribute.of(pads));
    attributes.put("output_padding", Attribute.of(skipped));
    Value spread = ops.call("ConvTranspose", attributes, dy, weight);
    if (window.knowsSizes() || !window.hasStrides()) {
      return spread;
    }
    Value zeros = ops.ints(new long[window.rank()]);
    Value sizes = ops.shape(like, 2, 2 + window.rank());
    return ops.call("Slice", spread, zeros, sizes, ops.ints(window.axes()));
  }

  private static Value transposeInput(GradientContext g, Ops ops) {
    Map<String, Attribute> attributes = new HashMap<>(transposed(g).attributes());
    attributes.put("group", Attribute.of(g.node().intAttribute("group", 1)));
    return ops.call("Conv", attributes, g.dy(), g.x(1));
  }
}

package io.espalier.quantize;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import io.espalier.prune.PrunableWeights;
import io.espalier.quantize.Histogram.Range;
import io.espalier.quantize.Quantization.Calibration;
import io.espalier.quantize.QuantizationResult.WeightRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts QuantizeLinear and DequantizeLinear around Conv, Gemm and MatMul, and around the pools, sums
 * and operators that only move numbers between them, so that onnxruntime computes all of it with
 * integer kernels. Activations are uint8 with a zero point, weights int8 with a scale for each
 * output channel, biases int32, less the {@link MeanShift} where there are real samples.
 *
 * <p>For opset 13 and newer; BatchNormalization has to be folded before.
 */
public final class StaticQuantization {
  /** The first opset in which weights have a scale for each channel. */
  public static final long OPSET = 13;

  private static final int CODES = 256;

  /** Biases are kept this far inside of int32, for sums of products to have room beside them. */
  private static final double LARGEST_BIAS = 1 << 30;

  private final Quantization.Static options;
  private final Types types;
  private final Samples samples;
  private final List<WeightRow> rows = new ArrayList<>();
  private int activations;

  public StaticQuantization(Quantization.Static options, Types types, Samples samples) {
    this.options = options;
    this.types = types;
    this.samples = samples;
  }

  /** Observes the model on the samples, then quantizes it in place. */
  public QuantizationResult run(Model model, PrunableWeights found) {
    Layers layers = Layers.find(model, found, types);
    if (layers.all().isEmpty()) {
      return new QuantizationResult(rows, 0, layers.refusals());
    }
    Activations around = Activations.around(layers.all(), model.graph(), types);
    Map<Value, List<Value>> groups = around.groups();
    Map<Value, Grid> grids = new HashMap<>();
    observe(model, around, groups)
        .forEach(
            (first, range) -> {
              Grid grid = Grid.asymmetric(range.min(), range.max(), 0, CODES - 1);
              groups.get(first).forEach(value -> grids.put(value, grid));
            });
    Map<Layer, CodedWeight> coded = new LinkedHashMap<>();
    Map<Layer, Grid> inputs = new HashMap<>();
    for (Layer layer : layers.all()) {
      inputs.put(layer, grids.get(layer.input()));
      coded.put(layer, coded(layer, inputs.get(layer)));
    }
    Map<Layer, double[]> shifts =
        samples.areReal() ? MeanShift.measure(model, coded, samples) : Map.of();
    Initializers made = new Initializers(model.graph(), model.irVersion());
    groups.forEach((first, group) -> quantize(first, group, grids.get(first), made));
    for (Layer layer : layers.all()) {
      double[] shift = shifts.getOrDefault(layer, new double[layer.channels()]);
      quantize(layer, inputs.get(layer), coded.get(layer), shift, made);
    }
    return new QuantizationResult(rows, activations, layers.refusals());
  }

  private Map<Value, Range> observe(
      Model model, Activations activations, Map<Value, List<Value>> groups) {
    Map<Value, Histogram> histograms = new LinkedHashMap<>();
    groups.values().stream()
        .flatMap(group -> activations.deciding(group).stream())
        .forEach(value -> histograms.put(value, new Histogram()));
    List<Value> wanted = List.copyOf(histograms.keySet());
    samples.run(model, wanted, seen -> seen.forEach((v, x) -> histograms.get(v).seeEnds(x)));
    if (options.calibration() != Calibration.MINMAX) {
      samples.run(model, wanted, seen -> seen.forEach((v, x) -> histograms.get(v).count(x)));
    }
    Map<Value, Range> ranges = new HashMap<>();
    groups.forEach(
        (first, group) ->
            ranges.put(
                first,
                activations.deciding(group).stream()
                    .map(histograms::get)
                    .map(seen -> seen.range(options.calibration(), options.percentile(), CODES))
                    .reduce(Range::union)
                    .orElseThrow()));
    return ranges;
  }

  private void quantize(Value first, List<Value> group, Grid grid, Initializers made) {
    Value scale = made.floats(first.name() + "_scale", Shape.of(), (float) grid.scale());
    Value zero =
        made.bytes(
            first.name() + "_zero_point",
            DataType.UINT8,
            Shape.of(),
            new byte[] {(byte) grid.zero()});
    for (Value value : group) {
      throughIntegers(value, scale, zero);
      activations++;
    }
  }

  /** Lets all who use a value use it as it is on the grid. */
  private static void throughIntegers(Value value, Value scale, Value zero) {
    Graph graph = value.graph();
    List<Value.Use> uses = List.copyOf(value.uses());
    boolean isOutput = value.isGraphOutput();
    Ops ops = behind(value).in(value.name());
    Value codes = ops.call("QuantizeLinear", value, scale, zero);
    Value rounded = ops.call("DequantizeLinear", codes, scale, zero);
    value.type().ifPresent(rounded::setType);
    for (Value.Use use : uses) {
      use.node().setInput(use.index(), rounded);
    }
    if (isOutput && !value.isGraphInput()) {
      List<Value> outputs =
          graph.outputs().stream().map(output -> output == value ? rounded : output).toList();
      graph.setOutputs(outputs);
      String name = value.name();
      graph.rename(value, name + "_float");
      graph.rename(rounded, name);
    }
  }

  private static Ops behind(Value value) {
    Graph graph = value.graph();
    int next = value.producer().map(node -> graph.nodes().indexOf(node) + 1).orElse(0);
    Ops ops = new Ops(graph);
    return next < graph.nodes().size() ? ops.before(graph.nodes().get(next)) : ops;
  }

  private void quantize(
      Layer layer, Grid input, CodedWeight coded, double[] shift, Initializers made) {
    Node node = layer.node();
    Tensor tensor = layer.tensor();
    String name = layer.weight().name();
    Shape perChannel = Shape.of(layer.channels());
    Value scale = made.floats(name + "_scale", perChannel, coded.scales());
    Value zero =
        made.bytes(name + "_zero_point", DataType.INT8, perChannel, new byte[layer.channels()]);
    Value codes = made.bytes(name + "_quantized", DataType.INT8, tensor.shape(), coded.codes());
    Ops ops = new Ops(node.graph()).before(node).in(name);
    Map<String, Attribute> axis = Map.of("axis", Attribute.of((long) layer.axis()));
    List<Value> old = List.copyOf(node.inputs());
    long bytes = coded.codes().length + (long) layer.channels() * (Float.BYTES + 1);
    rows.add(new WeightRow(name, coded.codes().length, tensor.byteSize(), bytes, coded.worst()));
    if (layer.bias().isPresent()) {
      node.setInput(2, bias(layer, input, coded, shift, made));
    }
    node.setInput(1, ops.call("DequantizeLinear", axis, codes, scale, zero));
    old.stream().skip(1).filter(value -> value != null).forEach(Layers::removeUnused);
  }

  /** The weight, with scales no smaller than its bias needs. */
  private CodedWeight coded(Layer layer, Grid input) {
    CodedWeight coded =
        CodedWeight.of(layer.tensor(), layer.channel(), layer.channels(), options.bits(), true);
    if (layer.bias().isEmpty()) {
      return coded;
    }
    Grid[] widened = coded.grids().clone();
    boolean changed = false;
    for (int i = 0; i < widened.length; i++) {
      double needed =
          Math.abs(layer.bias().get().applyAsDouble(i)) / (input.scale() * LARGEST_BIAS);
      if (widened[i].scale() < needed) {
        widened[i] = Grid.symmetric(needed * widened[i].high(), widened[i].high());
        changed = true;
      }
    }
    if (!changed) {
      return coded;
    }
    return CodedWeight.coded(
        Elements.of(layer.tensor()).orElseThrow(), coded.codes().length, layer.channel(), widened);
  }

  private static Value bias(
      Layer layer, Grid input, CodedWeight coded, double[] shift, Initializers made) {
    int[] codes = new int[layer.channels()];
    float[] scales = new float[codes.length];
    for (int i = 0; i < codes.length; i++) {
      scales[i] = (float) input.scale() * (float) coded.grids()[i].scale();
      codes[i] = (int) Math.rint((layer.bias().get().applyAsDouble(i) - shift[i]) / scales[i]);
    }
    Shape shape = Shape.of(codes.length);
    String name = layer.node().inputs().get(2).name();
    Ops ops = new Ops(layer.node().graph()).before(layer.node()).in(name);
    return ops.call(
        "DequantizeLinear",
        Map.of("axis", Attribute.of(0L)),
        made.ints(name + "_quantized", shape, codes),
        made.floats(name + "_scale", shape, scales),
        made.ints(name + "_zero_point", shape, new int[codes.length]));
  }
}

package io.espalier.quantize;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Floats;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * How far the rounding of a layer's weight moves the mean of each of its output channels: the mean
 * of what the layer makes of its input with the rounding errors as its weight. Behind a Relu inputs
 * are all positive, and errors that are small by themselves add up. Taken off the bias (Nagel et
 * al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, section 4.2).
 */
final class MeanShift {
  private final double[] sums;
  private final long[] counts;

  private MeanShift(int channels) {
    this.sums = new double[channels];
    this.counts = new long[channels];
  }

  /**
   * Runs a model whose layers are floats still on samples; it is as it was afterwards.
   *
   * @param coded what the weight of each layer will be
   * @return for each layer, what to take off the bias of each channel
   */
  static Map<Layer, double[]> measure(Model model, Map<Layer, CodedWeight> coded, Samples samples) {
    Graph graph = model.graph();
    Map<Value, Layer> layers = new LinkedHashMap<>();
    Map<Value, MeanShift> shifts = new LinkedHashMap<>();
    coded.forEach(
        (layer, weight) -> {
          Value moved = moved(graph, layer, weight);
          layers.put(moved, layer);
          shifts.put(moved, new MeanShift(layer.channels()));
        });
    try {
      samples.run(
          model,
          List.copyOf(layers.keySet()),
          seen ->
              seen.forEach((value, tensor) -> shifts.get(value).see(tensor, layers.get(value))));
    } finally {
      layers.keySet().forEach(value -> remove(graph, value.producer().orElseThrow()));
    }
    Map<Layer, double[]> means = new LinkedHashMap<>();
    shifts.forEach((value, shift) -> means.put(layers.get(value), shift.means()));
    return means;
  }

  /** The layer's input multiplied by the errors of its weight. */
  private static Value moved(Graph graph, Layer layer, CodedWeight coded) {
    Value errors = graph.newValue(layer.weight().name() + ".errors");
    errors.setInitializer(errors(layer, coded));
    Ops ops = new Ops(graph).before(layer.node()).in(layer.weight().name());
    return ops.call(layer.node().opType(), layer.node().attributes(), layer.input(), errors);
  }

  private static Tensor errors(Layer layer, CodedWeight coded) {
    Tensor tensor = layer.tensor();
    IntToDoubleFunction element = Elements.of(tensor).orElseThrow();
    var channel = layer.channel();
    return Elements.tensor(
        DataType.FLOAT,
        tensor.shape(),
        i ->
            coded.grids()[channel.applyAsInt(i)].value(coded.codes()[i])
                - element.applyAsDouble(i));
  }

  private static void remove(Graph graph, Node node) {
    List<Value> inputs = new ArrayList<>(node.inputs());
    graph.remove(node);
    graph.remove(inputs.get(1));
  }

  private void see(Tensor tensor, Layer layer) {
    Shape shape = tensor.shape();
    int axis = layer.node().is("Conv") ? 1 : shape.rank() - 1;
    long inner = shape.elements(axis + 1, shape.rank());
    int elements = Math.toIntExact(shape.elements());
    ByteBuffer scratch = Floats.scratch(Math.max(elements, 1));
    float[] numbers = new float[elements];
    Floats.read(tensor, 0, numbers, 0, elements, scratch);
    for (int i = 0; i < elements; i++) {
      int channel = (int) (i / inner % sums.length);
      if (Float.isFinite(numbers[i])) {
        sums[channel] += numbers[i];
        counts[channel]++;
      }
    }
  }

  private double[] means() {
    double[] means = new double[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = counts[i] == 0 ? 0 : sums[i] / counts[i];
    }
    return means;
  }
}

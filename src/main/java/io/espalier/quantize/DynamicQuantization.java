package io.espalier.quantize;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import io.espalier.prune.PrunableWeights;
import io.espalier.quantize.QuantizationResult.WeightRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets Conv, Gemm and MatMul compute on integers, with ranges of their inputs that each run finds:
 * DynamicQuantizeLinear, ConvInteger or MatMulInteger, then Cast, Mul by both scales and Add of the
 * bias. onnxruntime makes one kernel of those around MatMulInteger.
 *
 * <p>For opset 11 and newer. Weights are int8, symmetric, with a scale for each output channel.
 */
public final class DynamicQuantization {
  /** The first opset with all operators that are used. */
  public static final long OPSET = 11;

  private record QuantizedInput(Value codes, Value scale, Value zero) {}

  private final Quantization.Dynamic options;
  private final Types types;
  private final Map<Value, QuantizedInput> inputs = new HashMap<>();
  private final List<WeightRow> rows = new ArrayList<>();

  public DynamicQuantization(Quantization.Dynamic options, Types types) {
    this.options = options;
    this.types = types;
  }

  /** Quantizes layers in place. */
  public QuantizationResult run(Model model, PrunableWeights found) {
    Layers layers = Layers.find(model, found, types);
    Initializers made = new Initializers(model.graph(), model.irVersion());
    for (Layer layer : layers.all()) {
      quantize(layer, made);
    }
    return new QuantizationResult(rows, inputs.size(), layers.refusals());
  }

  private void quantize(Layer layer, Initializers made) {
    Node node = layer.node();
    Graph graph = node.graph();
    Ops ops = new Ops(graph).before(node).in(node.nameOrOutput());
    QuantizedInput input = inputs.computeIfAbsent(layer.input(), x -> input(ops, x));
    String name = layer.weight().name();
    CodedWeight coded =
        CodedWeight.of(layer.tensor(), layer.channel(), layer.channels(), options.bits(), true);
    boolean conv = node.is("Conv");
    boolean turned = !conv && layer.axis() == 0;
    Shape shape = layer.tensor().shape();
    Value codes =
        made.bytes(
            name + "_quantized",
            DataType.INT8,
            turned ? Shape.of(shape.dim(1), shape.dim(0)) : shape,
            turned ? transposed(coded.codes(), layer.channels()) : coded.codes());
    Map<String, Attribute> attributes = conv ? node.attributes() : Map.of();
    Value product =
        ops.call(
            conv ? "ConvInteger" : "MatMulInteger", attributes, input.codes(), codes, input.zero());
    Shape perChannel = perChannel(layer, conv);
    Value weightScale = made.floats(name + "_scale", perChannel, coded.scales());
    Value scale = ops.mul(input.scale(), weightScale);
    Value floats = ops.cast(product, DataType.FLOAT);
    List<Value> old = List.copyOf(node.inputs());
    rows.add(row(name, layer, coded));
    if (layer.bias().isPresent()) {
      float[] bias = new float[layer.channels()];
      for (int i = 0; i < bias.length; i++) {
        bias[i] = (float) layer.bias().get().applyAsDouble(i);
      }
      Value sum = ops.mul(floats, scale);
      finish(node, "Add", sum, made.floats(old.get(2).name() + "_vector", perChannel, bias));
    } else {
      finish(node, "Mul", floats, scale);
    }
    old.stream().skip(1).filter(value -> value != null).forEach(Layers::removeUnused);
  }

  private static WeightRow row(String name, Layer layer, CodedWeight coded) {
    long bytes = coded.codes().length + (long) Float.BYTES * layer.channels();
    long before = layer.tensor().byteSize();
    return new WeightRow(name, coded.codes().length, before, bytes, coded.worst());
  }

  private static QuantizedInput input(Ops ops, Value x) {
    List<Value> parts = ops.call(OperatorId.of("DynamicQuantizeLinear"), Map.of(), 3, x);
    return new QuantizedInput(parts.get(0), parts.get(1), parts.get(2));
  }

  private static void finish(Node node, String operator, Value a, Value b) {
    Node last = node.graph().replace(node, OperatorId.of(operator), node.outputs());
    last.addInput(a);
    last.addInput(b);
  }

  /** One number for each channel, in the shape that broadcasts over the output. */
  private static Shape perChannel(Layer layer, boolean conv) {
    if (!conv) {
      return Shape.of(layer.channels());
    }
    long[] dims = new long[layer.tensor().shape().rank() - 1];
    Arrays.fill(dims, 1);
    dims[0] = layer.channels();
    return Shape.of(dims);
  }

  private static byte[] transposed(byte[] matrix, int rows) {
    int columns = matrix.length / rows;
    byte[] turned = new byte[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = matrix[row * columns + column];
      }
    }
    return turned;
  }
}

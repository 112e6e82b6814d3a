package io.espalier.quantize;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.Weight;
import io.espalier.quantize.Quantization.Grain;
import io.espalier.quantize.QuantizationResult.WeightRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Stores weights as integers and lets the graph decode them: Cast, Sub of the zero points where
 * there are any, Mul by the scales. Codes of four bits are int4 initializers from opset 21 on;
 * before that, two lie in a byte and the graph takes them apart. onnxruntime does all of it when it
 * opens the model, so that it runs as the dense model does.
 *
 * <p>Works on opsets from 7 on, and changes nothing else.
 */
public final class SizeQuantization {
  /** From this opset on Mul broadcasts as it does today. */
  private static final long BROADCASTS = 7;

  private final Quantization.Size options;
  private final List<WeightRow> rows = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();

  public SizeQuantization(Quantization.Size options) {
    this.options = options;
  }

  /**
   * Quantizes weights in place.
   *
   * @param found which weights
   */
  public QuantizationResult run(Model model, PrunableWeights found) {
    refusals.addAll(found.refusals());
    long opset = model.opsets().getOrDefault("", 1L);
    for (Weight weight : found.weights()) {
      String obstacle = obstacle(model, weight, opset);
      if (!obstacle.isEmpty()) {
        refusals.add(new Refusal(weight.name(), "stays float: " + obstacle));
        continue;
      }
      try {
        encode(model, weight, opset);
      } catch (MalformedModelException e) {
        refusals.add(new Refusal(weight.name(), "stays float: " + e.getMessage()));
      }
    }
    return new QuantizationResult(rows, 0, refusals);
  }

  private static String obstacle(Model model, Weight weight, long opset) {
    Value value = weight.value();
    if (opset < BROADCASTS) {
      return "opset " + opset + "; decoding needs " + BROADCASTS;
    }
    if (value.isGraphOutput()) {
      return "it is an output of its graph";
    }
    if (value.isGraphInput() && model.irVersion() >= 4) {
      return "it is listed as an input; --drop-weight-inputs lets it be quantized";
    }
    boolean inFunction =
        model.functions().stream().anyMatch(function -> function.body() == value.graph());
    return inFunction && value.initializer().isPresent() ? "it is a function's" : "";
  }

  /** How elements are divided among grids. */
  private record Division(int[] codeShape, int[] gridShape, IntUnaryOperator group, int groups) {}

  private Division division(Weight weight) {
    Shape shape = weight.shape();
    int[] dims = new int[shape.rank()];
    int[] ones = new int[shape.rank()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = Math.toIntExact(shape.dim(i));
      ones[i] = 1;
    }
    int count = Math.toIntExact(shape.elements());
    int block = options.grain() == Grain.BLOCK ? block(count) : 0;
    if (block > 0) {
      int blocks = count / block;
      int[] rows = {blocks, block};
      return new Division(rows, new int[] {blocks, 1}, i -> i / block, blocks);
    }
    if (options.grain() == Grain.TENSOR || dims.length < 2) {
      return new Division(dims, ones, i -> 0, 1);
    }
    int axis = outputAxis(weight);
    int inner = Math.toIntExact(shape.elements(axis + 1, shape.rank()));
    int channels = dims[axis];
    ones[axis] = channels;
    return new Division(dims, ones, i -> i / inner % channels, channels);
  }

  /** The largest divisor of the number of elements up to the wanted size; 0 if it is far off. */
  private int block(int count) {
    for (int size = Math.min(options.block(), count); size > options.block() / 4; size--) {
      if (count % size == 0) {
        return size;
      }
    }
    return 0;
  }

  /**
   * The axis of output channels: next to that of the columns of the weight's matrix, on the side
   * that does not hold the inputs.
   */
  private static int outputAxis(Weight weight) {
    int columns = weight.columnsFrom().orElse(1);
    boolean inputsInRows =
        weight.inputAxis().isPresent() && weight.inputAxis().getAsInt() < columns;
    return inputsInRows ? columns : columns - 1;
  }

  private void encode(Model model, Weight weight, long opset) {
    Tensor tensor = weight.tensor();
    Division division = division(weight);
    CodedWeight coded =
        CodedWeight.of(
            tensor, division.group(), division.groups(), options.bits(), options.symmetric());
    Graph graph = weight.value().graph();
    Node first = graph.nodes().get(0);
    Initializers made = new Initializers(graph, model.irVersion());
    String name = weight.name();
    Ops ops = new Ops(graph).before(first).in(name);
    Shape shape = shape(division.codeShape());
    Value codes =
        options.bits() == 8
            ? eight(ops, made, name, shape, coded)
            : new FourBits(ops, made, name, opset)
                .decode(shape, coded.codes(), options.symmetric());
    Shape gridShape = shape(division.gridShape());
    long gridBytes = 4L * division.groups();
    if (!options.symmetric()) {
      codes = ops.sub(codes, zeros(ops, made, name, gridShape, coded));
      gridBytes += division.groups();
    }
    Value scale = made.floats(name + "_scale", gridShape, coded.scales());
    Value decoded = ops.mul(codes, scale);
    if (!shape.equals(tensor.shape())) {
      decoded = ops.call("Reshape", decoded, made.longs(name + "_shape", tensor.shape().dims()));
    }
    if (tensor.dataType() != DataType.FLOAT) {
      decoded = ops.cast(decoded, tensor.dataType());
    }
    rows.add(
        new WeightRow(
            name,
            weight.elements(),
            tensor.byteSize(),
            (coded.codes().length * (long) options.bits() + 7) / 8 + gridBytes,
            coded.worst()));
    replace(weight.value(), decoded);
  }

  private Value eight(Ops ops, Initializers made, String name, Shape shape, CodedWeight coded) {
    DataType type = options.symmetric() ? DataType.INT8 : DataType.UINT8;
    return ops.cast(made.bytes(name + "_quantized", type, shape, coded.codes()), DataType.FLOAT);
  }

  private static Value zeros(
      Ops ops, Initializers made, String name, Shape shape, CodedWeight coded) {
    byte[] zeros = new byte[coded.grids().length];
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = (byte) coded.grids()[i].zero();
    }
    Value bytes = made.bytes(name + "_zero_point", DataType.UINT8, shape, zeros);
    return ops.cast(bytes, DataType.FLOAT);
  }

  private static Shape shape(int[] dims) {
    long[] sizes = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      sizes[i] = dims[i];
    }
    return Shape.of(sizes);
  }

  private static void replace(Value weight, Value decoded) {
    Graph graph = weight.graph();
    weight.replaceUsesWith(decoded);
    if (weight.producer().isPresent()) {
      graph.remove(weight.producer().get());
    } else {
      graph.remove(weight);
    }
  }
}

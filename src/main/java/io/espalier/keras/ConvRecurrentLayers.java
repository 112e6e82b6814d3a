package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * LSTM layers whose products are convolutions. ONNX has no operator for them, so the steps are
 * written out one behind the other; their number has to be known.
 *
 * <p>With x the convolution of a step and h that of the last output: i = r(x<sub>i</sub> +
 * h<sub>i</sub>), f and o likewise, c ← f · c + i · a(x<sub>c</sub> + h<sub>c</sub>), output o ·
 * a(c).
 */
final class ConvRecurrentLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("ConvLSTM1D", (layer, inputs) -> emit(layer, inputs, 1)),
          entry("ConvLSTM2D", (layer, inputs) -> emit(layer, inputs, 2)),
          entry("ConvLSTM3D", (layer, inputs) -> emit(layer, inputs, 3)));

  /** More steps than this would make a graph that nothing can handle. */
  private static final long MOST_STEPS = 500;

  private static final int GATES = 4;

  private ConvRecurrentLayers() {}

  /** The output and the memory of a step, as ONNX wants images. */
  private record State(Value output, Value memory) {}

  private static List<KerasTensor> emit(LayerContext layer, List<KerasTensor> inputs, int axes) {
    KerasTensor x = layer.asPlain(layer.floating(layer.requireRank(inputs.get(0), axes + 3)));
    if (x.mask() != null) {
      throw layer.unsupported("takes masked steps, which is not imported");
    }
    long steps = layer.known(x, 1);
    if (steps < 1 || steps > MOST_STEPS) {
      throw layer.unsupported("expected 1 to " + MOST_STEPS + " steps, got " + steps);
    }
    if (layer.config().flag("stateful", false)) {
      layer.refuse("stateful: begins every batch with zeros here, ONNX models keep no state");
    }
    Image frames = Image.of(layer, frames(layer, x), axes);
    Windows windows = Windows.of(layer, "kernel_size", axes);
    long filters = layer.config().integer("filters");
    LayerContext cell = layer.withWeights(layer.instance().weights().partOrAll("cell"));
    Value gates = gates(cell, frames, windows, filters);
    long[] space = windows.outputs(frames.space());
    Value byStep = apart(layer, gates, steps, GATES * filters, space);
    List<KerasTensor> initial = RecurrentLayers.states(layer, inputs);
    State state = initial.isEmpty() ? null : initial(layer, initial, axes);
    boolean backwards = layer.config().flag("go_backwards", false);
    Ops ops = layer.ops();
    List<Value> outputs = new ArrayList<>();
    for (long i = 0; i < steps; i++) {
      long at = backwards ? steps - 1 - i : i;
      state = step(layer, step(ops, byStep, at), state, windows, filters);
      outputs.add(state.output());
    }
    return results(layer, frames, outputs, state, filters, space, x);
  }

  private static Value step(Ops ops, Value byStep, long at) {
    Value one = ops.slice(byStep, new long[] {at}, new long[] {at + 1}, new long[] {1}, one());
    return ops.squeeze(one, 1);
  }

  private static long[] one() {
    return new long[] {1};
  }

  /** All steps as further samples of the batch. */
  private static KerasTensor frames(LayerContext layer, KerasTensor x) {
    long[] dims = Arrays.copyOfRange(x.dims(), 1, x.rank());
    dims[0] = -1;
    Ops ops = layer.ops();
    Value rest = ops.shape(x.value(), 2, x.rank());
    Value frames =
        KerasTensor.plain(x.value(), x.type(), dims).isKnown()
            ? ops.reshape(x.value(), dims)
            : ops.reshape(x.value(), ops.concat(0, List.of(ops.ints(-1), rest)));
    return KerasTensor.plain(frames, x.type(), dims);
  }

  /** [batch · steps, channels, space] as [batch, steps, channels, space]. */
  private static Value apart(LayerContext layer, Value x, long steps, long channels, long[] space) {
    Ops ops = layer.ops();
    if (Arrays.stream(space).allMatch(size -> size >= 0)) {
      long[] dims = new long[space.length + 3];
      dims[0] = -1;
      dims[1] = steps;
      dims[2] = channels;
      System.arraycopy(space, 0, dims, 3, space.length);
      return ops.reshape(x, dims);
    }
    Value rest = ops.shape(x, 1, space.length + 2);
    return ops.reshape(x, ops.concat(0, List.of(ops.ints(-1, steps), rest)));
  }

  /** What the inputs of all steps give for the four gates i, f, c, o. */
  private static Value gates(LayerContext layer, Image x, Windows windows, long filters) {
    long[] dims = kernelDims(windows, x.channels(), filters);
    Value kernel = layer.weight("kernel", ConvLayers.ConvKernels::onnx, dims);
    // Keras lists the kernel of the states before the biases
    recurrentKernel(layer, windows, filters);
    Map<String, Attribute> attributes = windows.attributes(x.space());
    return layer.config().flag("use_bias", true)
        ? layer
            .ops()
            .call("Conv", attributes, x.value(), kernel, layer.weight("bias", GATES * filters))
        : layer.ops().call("Conv", attributes, x.value(), kernel);
  }

  private static Value recurrentKernel(LayerContext layer, Windows windows, long filters) {
    return layer.weight(
        "recurrent_kernel", ConvLayers.ConvKernels::onnx, kernelDims(windows, filters, filters));
  }

  private static long[] kernelDims(Windows windows, long channels, long filters) {
    int axes = windows.size().length;
    long[] dims = Arrays.copyOf(windows.size(), axes + 2);
    dims[axes] = channels;
    dims[axes + 1] = GATES * filters;
    return dims;
  }

  private static State step(
      LayerContext layer, Value x, State before, Windows windows, long filters) {
    Ops ops = layer.ops();
    Value sum = x;
    if (before != null) {
      int axes = windows.size().length;
      long[] ones = new long[axes];
      Arrays.fill(ones, 1);
      Map<String, Attribute> attributes =
          new Windows(windows.size(), ones, ones, "same").attributes(new long[axes]);
      Value kernel = recurrentKernel(layer, windows, filters);
      sum = ops.add(x, ops.call("Conv", attributes, before.output(), kernel));
    }
    List<Value> parts = ops.split(sum, 1, ops.ints(filters, filters, filters, filters), GATES);
    Value in = activated(layer, parts.get(0), "recurrent_activation");
    Value kept = activated(layer, parts.get(1), "recurrent_activation");
    Value fresh = ops.mul(in, activated(layer, parts.get(2), "activation"));
    Value memory = before == null ? fresh : ops.add(ops.mul(kept, before.memory()), fresh);
    Value out = activated(layer, parts.get(3), "recurrent_activation");
    return new State(ops.mul(out, activated(layer, memory, "activation")), memory);
  }

  private static Value activated(LayerContext layer, Value x, String key) {
    // the gates are elementwise, so any rank will do
    return Activations.apply(layer, KerasTensor.plain(x, layer.type(), -1, -1), key).value();
  }

  private static State initial(LayerContext layer, List<KerasTensor> states, int axes) {
    if (states.size() != 2) {
      throw layer.malformed("expected 2 initial states, got " + states.size());
    }
    return new State(
        Image.of(layer, states.get(0), axes).value(), Image.of(layer, states.get(1), axes).value());
  }

  private static List<KerasTensor> results(
      LayerContext layer,
      Image frames,
      List<Value> outputs,
      State last,
      long filters,
      long[] space,
      KerasTensor x) {
    Image batch =
        new Image(null, x.dim(0), frames.channels(), frames.space(), frames.channelsFirst());
    List<KerasTensor> results = new ArrayList<>();
    KerasTensor state = batch.result(layer, last.output(), filters, space);
    results.add(
        layer.config().flag("return_sequences", false) ? sequence(layer, outputs, state) : state);
    if (layer.config().flag("return_state", false)) {
      results.add(state);
      results.add(batch.result(layer, last.memory(), filters, space));
    }
    return results;
  }

  /** The outputs of all steps, which lie like the one that is given. */
  private static KerasTensor sequence(LayerContext layer, List<Value> outputs, KerasTensor one) {
    Ops ops = layer.ops();
    List<Value> parts = outputs.stream().map(output -> ops.unsqueeze(output, 1)).toList();
    Value all = parts.size() == 1 ? parts.get(0) : ops.concat(1, parts);
    long[] dims = new long[one.rank() + 1];
    dims[0] = one.dim(0);
    dims[1] = outputs.size();
    System.arraycopy(one.dims(), 1, dims, 2, one.rank() - 1);
    int[] order = new int[dims.length];
    order[1] = 1;
    for (int axis = 1; axis < one.rank(); axis++) {
      order[axis + 1] = one.layout().order()[axis] + 1;
    }
    return new KerasTensor(all, layer.type(), dims, Layout.ordered(order), null);
  }
}

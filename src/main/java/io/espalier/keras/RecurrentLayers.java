package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Layers of {@code keras.layers.rnn}. */
final class RecurrentLayers {
  /** Recurrent layers and the operators that compute them. */
  private static final Map<String, String> OPERATORS =
      Map.of(
          "SimpleRNN", "RNN", "LSTM", "LSTM", "GRU", "GRU", "CuDNNLSTM", "LSTM", "CuDNNGRU", "GRU");

  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("SimpleRNN", RecurrentLayers::recurrent),
          entry("LSTM", RecurrentLayers::recurrent),
          entry("GRU", RecurrentLayers::recurrent),
          entry("CuDNNLSTM", RecurrentLayers::recurrent),
          entry("CuDNNGRU", RecurrentLayers::recurrent),
          entry("RNN", RecurrentLayers::cells),
          entry("Bidirectional", RecurrentLayers::bidirectional));

  private RecurrentLayers() {}

  private static List<KerasTensor> recurrent(LayerContext layer, List<KerasTensor> inputs) {
    KerasTensor x = layer.requireRank(inputs.get(0), 3);
    List<KerasTensor> initial = states(layer, inputs);
    return recurrent(layer, layer.floating(x), initial);
  }

  private static List<KerasTensor> recurrent(
      LayerContext layer, KerasTensor x, List<KerasTensor> initial) {
    boolean backwards = layer.config().flag("go_backwards", false);
    Steps steps = steps(layer, x, backwards, initial, false);
    List<KerasTensor> results = new ArrayList<>();
    if (!sequences(layer)) {
      results.add(steps.last());
    } else if (backwards) {
      Value turned = StepMask.reversed(layer.ops(), steps.all().value(), 0);
      results.add(steps.all().with(turned).withMask(x.mask()));
    } else {
      results.add(steps.all().withMask(x.mask()));
    }
    if (layer.config().flag("return_state", false)) {
      results.addAll(steps.states());
    }
    return results;
  }

  private static boolean sequences(LayerContext layer) {
    return layer.config().flag("return_sequences", false);
  }

  /** The states a call begins with: further inputs, or the argument of that name. */
  static List<KerasTensor> states(LayerContext layer, List<KerasTensor> inputs) {
    return inputs.size() > 1
        ? inputs.subList(1, inputs.size())
        : layer.argument(1, "initial_state").map(layer::tensors).orElse(List.of());
  }

  /**
   * What a pass gives.
   *
   * @param all the outputs of all steps, in the order of the input
   * @param last the output of the last step that was gone through
   */
  private record Steps(KerasTensor all, KerasTensor last, List<KerasTensor> states) {}

  private static Steps steps(
      LayerContext layer,
      KerasTensor x,
      boolean backwards,
      List<KerasTensor> initial,
      boolean zeroWhereMasked) {
    Json config = layer.config();
    if (config.flag("time_major", false)) {
      throw layer.unsupported("time_major puts the steps before the batch, which is not imported");
    }
    if (config.flag("stateful", false)) {
      layer.refuse("stateful: begins every batch with zeros here, ONNX models keep no state");
    }
    layer.draft().facts().record(layer);
    String opType = OPERATORS.get(layer.spec().className());
    int count = opType.equals("LSTM") ? 2 : 1;
    if (!initial.isEmpty() && initial.size() != count) {
      throw layer.malformed("expected " + count + " initial states, got " + initial.size());
    }
    boolean zeros = zeroWhereMasked || config.flag("zero_output_for_mask", false);
    LayerContext cell = cellOf(layer);
    KerasTensor seen = ignoresMask(layer) ? x.withMask(null) : x;
    RecurrentPass pass = RecurrentPass.emit(cell, opType, seen, backwards, initial, zeros);
    long units = config.integer("units");
    KerasTensor all =
        new KerasTensor(
            pass.sequence(),
            layer.type(),
            new long[] {x.dim(0), x.dim(1), units},
            Layout.ordered(1, 0, 2),
            null);
    List<KerasTensor> states =
        pass.states().stream().map(state -> layer.result(state, x.dim(0), units)).toList();
    return new Steps(all, states.get(0), states);
  }

  /** Keras 3 passes a mask on to a layer of its own accord only if there is but one tensor. */
  private static boolean ignoresMask(LayerContext layer) {
    return layer.dialect().isThree()
        && layer.argument(1, "initial_state").filter(one -> !one.refs().isEmpty()).isPresent()
        && layer.tensor(-1, "mask").isEmpty();
  }

  /** Keras 3 keeps the weights of a recurrent layer in its cell. */
  private static LayerContext cellOf(LayerContext layer) {
    return layer.withWeights(layer.instance().weights().partOrAll("cell"));
  }

  /** A layer for each direction, whose outputs are put together. */
  private static List<KerasTensor> bidirectional(LayerContext layer, List<KerasTensor> inputs) {
    KerasTensor x = layer.floating(layer.requireRank(inputs.get(0), 3));
    List<KerasTensor> initial = states(layer, inputs);
    LayerSpec inner = inner(layer, layer.config().get("layer"), "forward_");
    LayerSpec other =
        inner(
            layer,
            layer.config().find("backward_layer").orElse(layer.config().get("layer")),
            "backward_");
    LayerContext forward = layer.part("forward_layer", inner);
    LayerContext backward = layer.part("backward_layer", other);
    int half = initial.size() / 2;
    boolean all = sequences(forward);
    Steps there = steps(forward, x, false, initial.subList(0, half), all);
    Steps back = steps(backward, x, true, initial.subList(half, initial.size()), all);
    KerasTensor a = all ? there.all() : there.last();
    KerasTensor b = all ? back.all() : back.last();
    List<KerasTensor> results = new ArrayList<>(merged(layer, a, b));
    if (all) {
      results.replaceAll(result -> result.withMask(x.mask()));
    }
    if (forward.config().flag("return_state", false)) {
      results.addAll(there.states());
      results.addAll(back.states());
    }
    return results;
  }

  private static List<KerasTensor> merged(LayerContext layer, KerasTensor a, KerasTensor b) {
    boolean silent =
        layer.config().isObject() && layer.config().entries().containsKey("merge_mode");
    Optional<String> mode = layer.config().find("merge_mode").map(Json::text);
    if (mode.isEmpty() && silent) {
      return List.of(a, b);
    }
    Ops ops = layer.ops();
    return List.of(
        switch (mode.orElse("concat")) {
          case "concat" -> MergeLayers.concatenate(layer, List.of(a, b), -1);
          case "sum" -> a.with(ops.add(a.value(), b.value()));
          case "mul" -> a.with(ops.mul(a.value(), b.value()));
          case "ave" -> a.with(ops.mul(ops.add(a.value(), b.value()), layer.number(0.5)));
          default -> throw layer.malformed("merge_mode: expected concat, sum, mul, ave or null");
        });
  }

  private static LayerSpec inner(LayerContext layer, Json said, String prefix) {
    LayerSpec inner = new ArchitectureReader(layer.dialect()).layer(said);
    LayerSpec plain = inner.className().equals("RNN") ? ofCell(layer, inner) : inner;
    if (!OPERATORS.containsKey(plain.className())) {
      throw layer.unsupported(
          "goes both ways over a "
              + plain.className()
              + ", which is no LSTM,"
              + " GRU or SimpleRNN");
    }
    String name = plain.name().startsWith(prefix) ? plain.name() : prefix + plain.name();
    return new LayerSpec(
        plain.className(), plain.module(), name, plain.config(), List.of(), Optional.empty());
  }

  /** The layer that an RNN of one of Keras' own cells is. */
  private static LayerSpec ofCell(LayerContext layer, LayerSpec rnn) {
    return ofCell(layer, rnn.config(), rnn.config().get("cell"), rnn.name());
  }

  private static LayerSpec ofCell(LayerContext layer, Json rnn, Json said, String name) {
    LayerSpec cell = new ArchitectureReader(layer.dialect()).layer(said);
    String className = cell.className().replaceFirst("Cell$", "");
    if (!cell.className().endsWith("Cell") || !OPERATORS.containsKey(className)) {
      throw layer.unsupported("cell " + cell.className() + " is none of Keras' own");
    }
    Json config = cell.config();
    for (String key :
        List.of(
            "return_sequences",
            "return_state",
            "go_backwards",
            "stateful",
            "zero_output_for_mask")) {
      config = config.with(key, Json.of(rnn.flag(key, false)));
    }
    return new LayerSpec(className, "", name, config, List.of(), Optional.empty());
  }

  /** A layer of cells: one, or several on top of each other. */
  private static List<KerasTensor> cells(LayerContext layer, List<KerasTensor> inputs) {
    Json cell = layer.config().get("cell");
    KerasTensor x = layer.floating(layer.requireRank(inputs.get(0), 3));
    List<KerasTensor> initial = states(layer, inputs);
    if (!cell.text("class_name", "").equals("StackedRNNCells")) {
      LayerSpec one = ofCell(layer, layer.config(), cell, layer.spec().name());
      return recurrent(layer.as(one), x, initial);
    }
    return stacked(layer, x, initial);
  }

  /** Cells on top of each other; their states come in and go out one cell after the other. */
  private static List<KerasTensor> stacked(
      LayerContext layer, KerasTensor x, List<KerasTensor> initial) {
    List<Json> cells = layer.config().get("cell").get("config").items("cells");
    boolean returnsStates = layer.config().flag("return_state", false);
    KerasTensor y = x;
    int used = 0;
    List<KerasTensor> states = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      boolean last = i == cells.size() - 1;
      Json flags =
          layer
              .config()
              .with("return_sequences", Json.of(!last || sequences(layer)))
              .with("go_backwards", Json.of(i == 0 && layer.config().flag("go_backwards", false)));
      String name = cells.get(i).find("config").map(one -> one.text("name", "cell")).orElse("cell");
      LayerSpec one = ofCell(layer, flags, cells.get(i), name + "_" + i);
      LayerWeights weights =
          layer
              .instance()
              .weights()
              .part("cell")
              .part("cells", cells.get(i).text("class_name"), sameBefore(cells, i));
      int count = one.className().equals("LSTM") ? 2 : 1;
      List<KerasTensor> own = initial.isEmpty() ? initial : part(layer, initial, used, count);
      used += count;
      List<KerasTensor> results = recurrent(layer.part("cell" + i, one, weights), y, own);
      y = results.get(0);
      states.addAll(results.subList(1, results.size()));
    }
    List<KerasTensor> all = new ArrayList<>(List.of(y));
    all.addAll(returnsStates ? states : List.of());
    return all;
  }

  private static List<KerasTensor> part(
      LayerContext layer, List<KerasTensor> states, int from, int count) {
    if (from + count > states.size()) {
      throw layer.malformed("expected more than " + states.size() + " initial states");
    }
    return states.subList(from, from + count);
  }

  private static int sameBefore(List<Json> cells, int index) {
    String className = cells.get(index).text("class_name");
    return (int)
        cells.subList(0, index).stream()
            .filter(cell -> cell.text("class_name").equals(className))
            .count();
  }
}

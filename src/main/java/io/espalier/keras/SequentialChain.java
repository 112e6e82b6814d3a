package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.keras.Argument.Ref;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Layers that follow each other, as a model whose calls are written out. */
final class SequentialChain {
  private final String name;
  private final List<LayerSpec> layers = new ArrayList<>();
  private final List<Ref> inputs = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private Ref last;

  SequentialChain(String name) {
    this.name = name;
  }

  void add(LayerSpec layer) {
    if (layer.isInput()) {
      if (last == null) {
        declare(layer);
        inputs.add(new Ref(layer.name(), 0, 0));
        last = inputs.get(0);
      }
      return;
    }
    LayerSpec unique = declare(layer);
    if (last == null) {
      Ref input = input(unique.name() + "_input", shapeOf(unique), dtypeOf(unique));
      // the input comes first, as in the models that have one
      layers.add(0, layers.remove(layers.size() - 1));
      inputs.add(input);
      last = input;
    }
    call(unique, Call.of(last));
  }

  /** Keras 1: models side by side, whose outputs a Merge puts together. */
  void merge(LayerSpec merge, List<LayerSpec> branches) {
    List<Argument> ends = new ArrayList<>();
    for (LayerSpec branch : branches) {
      LayerSpec unique = declare(branch);
      Ref input = input(unique.name() + "_input", shapeOf(unique), dtypeOf(unique));
      inputs.add(input);
      call(unique, Call.of(input));
      ends.add(new Ref(unique.name(), 0, 0));
    }
    call(declare(merge), Call.of(new Argument.Many(ends)));
  }

  /**
   * The model.
   *
   * @param built the shape of the input, where the model and not a layer knows it
   */
  NetworkSpec finish(Optional<Json> built) {
    if (last == null) {
      throw new MalformedModelException("model '" + name + "': expected layers, found none");
    }
    List<LayerSpec> known = new ArrayList<>();
    for (LayerSpec layer : layers) {
      boolean open = layer.isInput() && !layer.config().has("batch_input_shape");
      known.add(open && built.isPresent() ? withShape(layer, built.get()) : layer);
    }
    return new NetworkSpec(name, known, inputs, List.of(last));
  }

  private static LayerSpec withShape(LayerSpec input, Json shape) {
    boolean has = input.config().has("batch_shape") || !shape.isList();
    return has
        ? input
        : new LayerSpec(
            input.className(),
            input.module(),
            input.name(),
            input.config().with("batch_input_shape", shape),
            input.calls(),
            input.network());
  }

  /** Adds the layer; of a name that is taken already, under another one. */
  private LayerSpec declare(LayerSpec layer) {
    String free = layer.name();
    for (int i = 1; !names.add(free); i++) {
      free = layer.name() + "_" + i;
    }
    LayerSpec unique =
        new LayerSpec(
            layer.className(), layer.module(), free, layer.config(), List.of(), layer.network());
    layers.add(unique);
    return unique;
  }

  private Ref input(String wanted, Optional<Json> shape, String dtype) {
    Json config = Json.object().with("dtype", Json.of(dtype));
    if (shape.isPresent()) {
      config = config.with("batch_input_shape", shape.get());
    }
    LayerSpec input =
        declare(new LayerSpec("InputLayer", "", wanted, config, List.of(), Optional.empty()));
    return new Ref(input.name(), 0, 0);
  }

  private void call(LayerSpec layer, Call call) {
    layers.set(layers.indexOf(layer), layer.withCalls(List.of(call)));
    last = new Ref(layer.name(), 0, 0);
  }

  /** The shape of what the layer takes, if it, or the first layer within it, says so. */
  private static Optional<Json> shapeOf(LayerSpec layer) {
    return firstWithin(layer).config().first("batch_input_shape", "batch_shape");
  }

  private static String dtypeOf(LayerSpec layer) {
    LayerSpec first = firstWithin(layer);
    return DataTypes.nameOf(first.config().first("input_dtype", "dtype"));
  }

  private static LayerSpec firstWithin(LayerSpec layer) {
    LayerSpec first = layer;
    while (first.network().isPresent()) {
      NetworkSpec network = first.network().get();
      String name = network.inputs().get(0).layer();
      first =
          network.layers().stream()
              .filter(one -> one.name().equals(name))
              .findFirst()
              .orElseThrow();
    }
    return first;
  }
}

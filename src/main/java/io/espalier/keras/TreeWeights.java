package io.espalier.keras;

import io.espalier.graph.Tensor;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Weights as Keras 3 stores them: each layer has a group {@code vars} with {@code 0}, {@code 1}, …,
 * and its inner layers lie in groups named like the attributes that hold them. The layers of a
 * model lie in {@code layers}, under names made of their classes: {@code dense}, {@code dense_1}.
 */
final class TreeWeights implements LayerWeights {
  /** Where the layers of a model lie; the last two are of tf.keras 2.12. */
  private static final List<String> CONTAINERS =
      List.of("layers", "_layer_checkpoint_dependencies", "_self_tracked_trackables");

  private final Optional<Hdf5> group;
  private int at;

  TreeWeights(Optional<Hdf5> group) {
    this.group = group;
  }

  @Override
  public Optional<Tensor> next() {
    return group
        .flatMap(here -> here.group("vars"))
        .flatMap(vars -> vars.tensor(Integer.toString(at++)));
  }

  @Override
  public LayerWeights part(String attribute) {
    return new TreeWeights(group.flatMap(here -> here.group(attribute)));
  }

  @Override
  public NetworkWeights network(NetworkSpec network) {
    return new Layers(network, group.flatMap(TreeWeights::container));
  }

  private static Optional<Hdf5> container(Hdf5 model) {
    return CONTAINERS.stream().flatMap(name -> model.group(name).stream()).findFirst();
  }

  /** Whether a file's root holds weights in this form. */
  static boolean isRoot(Hdf5 root) {
    return container(root).isPresent();
  }

  private static final class Layers implements NetworkWeights {
    private final Map<LayerSpec, String> names = new IdentityHashMap<>();
    private final Optional<Hdf5> container;

    Layers(NetworkSpec network, Optional<Hdf5> container) {
      this.container = container;
      Map<String, Integer> counts = new HashMap<>();
      for (LayerSpec layer : network.layers()) {
        if (!layer.isOperation()) {
          String name = SnakeCase.of(layer.className());
          int count = counts.merge(name, 1, Integer::sum) - 1;
          names.put(layer, count == 0 ? name : name + "_" + count);
        }
      }
    }

    @Override
    public LayerWeights of(LayerSpec layer) {
      String name = names.get(layer);
      return new TreeWeights(
          name == null ? Optional.empty() : container.flatMap(here -> here.group(name)));
    }
  }
}

package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Weights as Keras 1 and 2 store them, and Keras 3 in {@code .h5}: a group for each layer of the
 * model, whose attribute {@code weight_names} says in which order its data sets are.
 */
final class RowWeights implements NetworkWeights {
  private final Hdf5 root;
  private final Map<String, String> groups = new HashMap<>();

  RowWeights(Hdf5 root, NetworkSpec network) {
    this.root = root;
    List<String> stored = root.texts("layer_names");
    Set<String> known = network.layers().stream().map(LayerSpec::name).collect(Collectors.toSet());
    stored.forEach(name -> groups.put(name, name));
    pairTheRest(network, stored.stream().filter(name -> !known.contains(name)).toList());
  }

  /**
   * Layers whose names the file does not know take what is left in order, if as much is left: Keras
   * before 2.2.3 lost the names of models within models, and weights may come from another model.
   */
  private void pairTheRest(NetworkSpec network, List<String> names) {
    List<String> left = names.stream().filter(name -> !weightNames(name).isEmpty()).toList();
    List<LayerSpec> layers =
        network.layers().stream()
            .filter(layer -> !groups.containsKey(layer.name()))
            .filter(layer -> layer.network().isPresent() || WeightCounts.of(layer).all() > 0)
            .toList();
    if (left.size() == layers.size()) {
      for (int i = 0; i < left.size(); i++) {
        groups.put(layers.get(i).name(), left.get(i));
      }
    }
  }

  private List<String> weightNames(String name) {
    return root.groupAt(name).map(group -> group.texts("weight_names")).orElse(List.of());
  }

  static boolean isRoot(Hdf5 group) {
    return group.hasAttribute("layer_names");
  }

  @Override
  public LayerWeights of(LayerSpec layer) {
    String name = layer.name();
    if (!groups.containsKey(name)) {
      return layer.network().isPresent() ? new Flattened() : ListedWeights.none();
    }
    Hdf5 group =
        root.groupAt(groups.get(name))
            .orElseThrow(
                () ->
                    new MalformedModelException(
                        layer.label() + ": expected a group of that name with its weights"));
    List<ListedWeights.Named> row =
        group.texts("weight_names").stream()
            .map(weight -> new ListedWeights.Named(bare(weight), () -> read(group, weight)))
            .toList();
    return new ListedWeights(row);
  }

  private static String bare(String name) {
    return name.replaceFirst(":\\d+$", "");
  }

  private static Tensor read(Hdf5 group, String weight) {
    return group
        .tensor(weight)
        .orElseThrow(
            () ->
                new MalformedModelException(
                    "HDF5 group " + group.path() + ": expected the weight '" + weight + "'"));
  }

  /** A model within, whose layers Keras 1 lists like those around it. */
  private final class Flattened implements LayerWeights {
    @Override
    public Optional<Tensor> next() {
      return Optional.empty();
    }

    @Override
    public LayerWeights part(String attribute) {
      return this;
    }

    @Override
    public NetworkWeights network(NetworkSpec network) {
      return RowWeights.this;
    }
  }
}

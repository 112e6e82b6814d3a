package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights as Keras 1 and 2 store them, and Keras 3 in {@code .h5}: a group for each layer of the
 * model, whose attribute {@code weight_names} says in which order its data sets are.
 */
final class RowWeights implements NetworkWeights {
  private final Hdf5 root;
  private final Map<String, String> groups = new HashMap<>();

  RowWeights(Hdf5 root) {
    this.root = root;
    root.texts("layer_names").forEach(name -> groups.put(name, name));
  }

  static boolean isRoot(Hdf5 group) {
    return group.hasAttribute("layer_names");
  }

  @Override
  public LayerWeights of(LayerSpec layer) {
    String name = layer.name();
    if (!groups.containsKey(name)) {
      return ListedWeights.none();
    }
    Hdf5 group =
        root.groupAt(name)
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

  private static io.espalier.graph.Tensor read(Hdf5 group, String weight) {
    return group
        .tensor(weight)
        .orElseThrow(
            () ->
                new MalformedModelException(
                    "HDF5 group " + group.path() + ": expected the weight '" + weight + "'"));
  }
}

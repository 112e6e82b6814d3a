package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a model within a model, of which an older file has but one row: by the names of
 * the layers in it where those are clear, otherwise by Keras' order, first all that are trained,
 * then all others.
 */
final class RowShares implements NetworkWeights {
  private final Map<LayerSpec, List<ListedWeights.Named>> shares;

  private RowShares(Map<LayerSpec, List<ListedWeights.Named>> shares) {
    this.shares = shares;
  }

  static RowShares of(NetworkSpec network, List<ListedWeights.Named> row) {
    List<LayerSpec> leaves = new ArrayList<>();
    collect(network, leaves);
    Map<LayerSpec, List<ListedWeights.Named>> shares = byName(leaves, row);
    return new RowShares(shares == null ? byOrder(network, leaves, row) : shares);
  }

  /** Layers of models within are taken together, since they share the row. */
  private static void collect(NetworkSpec network, List<LayerSpec> leaves) {
    for (LayerSpec layer : network.layers()) {
      if (layer.network().isPresent()) {
        collect(layer.network().get(), leaves);
      } else if (WeightCounts.of(layer).all() > 0) {
        leaves.add(layer);
      }
    }
  }

  /** The shares by name; null if a name fits several layers, or none. */
  private static Map<LayerSpec, List<ListedWeights.Named>> byName(
      List<LayerSpec> leaves, List<ListedWeights.Named> row) {
    Map<String, LayerSpec> known = new LinkedHashMap<>();
    Map<LayerSpec, List<ListedWeights.Named>> shares = new LinkedHashMap<>();
    for (LayerSpec leaf : leaves) {
      if (known.put(leaf.name(), leaf) != null) {
        return null;
      }
      shares.put(leaf, new ArrayList<>());
    }
    for (ListedWeights.Named weight : row) {
      LayerSpec owner =
          Arrays.stream(weight.name().split("/"))
              .filter(known::containsKey)
              .reduce((first, second) -> second)
              .map(known::get)
              .orElse(null);
      if (owner == null) {
        return null;
      }
      shares.get(owner).add(weight);
    }
    boolean complete =
        shares.entrySet().stream()
            .allMatch(share -> share.getValue().size() == WeightCounts.of(share.getKey()).all());
    return complete ? shares : null;
  }

  private static Map<LayerSpec, List<ListedWeights.Named>> byOrder(
      NetworkSpec network, List<LayerSpec> leaves, List<ListedWeights.Named> row) {
    int needed = leaves.stream().mapToInt(leaf -> WeightCounts.of(leaf).all()).sum();
    if (needed != row.size()) {
      throw new MalformedModelException(
          "model '%s': its layers have %d weights, the file has %d for it"
              .formatted(network.name(), needed, row.size()));
    }
    Map<LayerSpec, List<ListedWeights.Named>> shares = new LinkedHashMap<>();
    int at = 0;
    for (LayerSpec leaf : leaves) {
      int count = leaf.trainable() ? WeightCounts.of(leaf).trained() : 0;
      shares.put(leaf, new ArrayList<>(row.subList(at, at + count)));
      at += count;
    }
    for (LayerSpec leaf : leaves) {
      int count = WeightCounts.of(leaf).all() - shares.get(leaf).size();
      shares.get(leaf).addAll(row.subList(at, at + count));
      at += count;
    }
    return new LinkedHashMap<>(shares);
  }

  @Override
  public LayerWeights of(LayerSpec layer) {
    if (layer.network().isPresent()) {
      return new Inner();
    }
    return new ListedWeights(shares.getOrDefault(layer, List.of()));
  }

  /** A model within: its layers are among the shares. */
  private final class Inner implements LayerWeights {
    @Override
    public java.util.Optional<io.espalier.graph.Tensor> next() {
      return java.util.Optional.empty();
    }

    @Override
    public LayerWeights part(String attribute) {
      return this;
    }

    @Override
    public NetworkWeights network(NetworkSpec network) {
      return RowShares.this;
    }
  }
}

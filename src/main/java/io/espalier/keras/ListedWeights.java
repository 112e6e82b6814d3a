package io.espalier.keras;

import io.espalier.graph.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Weights in a row, as the older files have them for each layer of a model. */
final class ListedWeights implements LayerWeights {
  private final List<Named> row;
  private int at;

  /** A weight under the name it has in the file. */
  record Named(String name, Supplier<Tensor> tensor) {}

  ListedWeights(List<Named> row) {
    this.row = List.copyOf(row);
  }

  static LayerWeights none() {
    return new ListedWeights(List.of());
  }

  List<Named> row() {
    return row;
  }

  @Override
  public Optional<Tensor> next() {
    return at < row.size() ? Optional.of(row.get(at++).tensor().get()) : Optional.empty();
  }

  @Override
  public LayerWeights part(String attribute) {
    return this;
  }

  @Override
  public LayerWeights part(String attribute, String className, int index) {
    return this;
  }

  @Override
  public NetworkWeights network(NetworkSpec network) {
    RowShares shares = RowShares.of(network, row.subList(at, row.size()));
    at = row.size();
    return shares;
  }
}

package io.espalier.keras;

/** The weights of a model, by layer. */
interface NetworkWeights {
  /** The weights of a layer; none if the file has none for it. */
  LayerWeights of(LayerSpec layer);
}

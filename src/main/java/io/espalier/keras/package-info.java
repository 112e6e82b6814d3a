/**
 * Reads models that Keras saved ({@code .h5}, {@code .hdf5}, {@code .keras}; Keras 1, 2, tf.keras
 * and 3) into graphs, without Keras.
 *
 * <p>Three steps. {@link io.espalier.keras.KerasFile} opens the file. {@code ArchitectureReader}
 * brings the configurations of all versions into one form: a {@code NetworkSpec} of {@code
 * LayerSpec}s with their {@code Call}s; {@code LayerWeights} do the same for the weights. {@code
 * NetworkBuilder} then emits the calls, each by the rule that {@code LayerRules}, the layer table,
 * has for its class.
 *
 * <p>A {@code KerasTensor} has the dimensions that Keras sees and a {@code Layout}, which says how
 * the value in the graph lies: a convolution leaves its result as ONNX wants images, and only a
 * layer that cannot take it so has it transposed. Thus no two transposes follow each other, and a
 * Dense behind a Flatten takes the order of its rows from the layout.
 *
 * <p>How to add a layer: an entry in the table of its family ({@code ConvLayers}, {@code
 * NormLayers}, …), a fixture in {@code tools/make_keras_fixtures.py}. What a layer means depends on
 * the version that wrote the file: {@code Dialect}, and {@code docs/keras.md}.
 */
package io.espalier.keras;

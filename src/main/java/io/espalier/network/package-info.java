/**
 * Networks that are described rather than read: a list of {@link io.espalier.network.Layer}s with
 * the shape of a sample makes a {@link io.espalier.network.Network}, which becomes an ONNX model
 * with freshly drawn weights ({@link io.espalier.network.Initializer}). Shapes are those of one
 * sample, without the batch: {@code [features]}, or {@code [channels, sizes…]} for images.
 *
 * <p>To add a layer: a record that {@link io.espalier.network.Layer} permits, with its shape and
 * its nodes; a method of {@link io.espalier.network.Network.Builder}; an entry in {@code
 * pipeline.LayerEntries}, which reads it from a recipe; a case in {@code NetworkTest}.
 */
package io.espalier.network;

/**
 * How models are stored. {@link io.espalier.storage.WeightStorage} lays down weights in fewer
 * bytes, in one of several {@link io.espalier.storage.Encoding}s, as parts that standard operators
 * make the weights of; {@link io.espalier.storage.PackedWeights} undoes it. Around the model:
 * {@link io.espalier.storage.Compression}, {@link io.espalier.storage.Bundle}s, and {@link
 * io.espalier.storage.StagedFiles}, which appear whole or not at all. The only package that sees
 * commons-compress.
 */
package io.espalier.storage;

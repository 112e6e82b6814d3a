/**
 * Weights, and what flows between layers, as integers. A <em>grid</em> is the numbers that the
 * integers of a type stand for: scale · (code − zero point). Zero is always on it, so weights that
 * are zero stay exactly zero.
 *
 * <p>For <em>size</em> only weights become integers, and the graph makes floats of them again with
 * Cast, Sub and Mul, which onnxruntime does once when it opens the model. For <em>speed</em> the
 * operators themselves work on integers: with ranges of activations that each run finds anew
 * (dynamic), or that were observed on samples beforehand (static).
 */
package io.espalier.quantize;

/**
 * Samples to run models on: {@link io.espalier.data.Dataset} opens what a {@link
 * io.espalier.data.DataSource} names and hands it out in batches that fit a model's inputs.
 *
 * <p>The formats are NumPy's {@code .npy} and {@code .npz}
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html) and MNIST's idx, plain
 * or gzipped. This is the only package that sees them; everything is handed on as {@link
 * io.espalier.graph.Tensor}s. Files are hostile until read: an array is allocated only when its
 * file can hold it, and nothing in a file is ever executed (pickled objects are refused). Whatever
 * is wrong with data is a {@link io.espalier.graph.ModelException} that names the file, the array,
 * what was expected and what was found.
 *
 * <p>To add a format: a reader that gives {@code RawSamples}, and its name in {@code
 * DataSource.Format}.
 */
package io.espalier.data;

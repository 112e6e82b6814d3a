/**
 * Runs models on onnxruntime and measures what comes out: {@link io.espalier.runtime.Session} runs,
 * {@link io.espalier.runtime.SampleInputs} invents inputs where there are no data, {@link
 * io.espalier.runtime.Comparison}, {@link io.espalier.runtime.Accuracy} and {@link
 * io.espalier.runtime.Stopwatch} measure. {@link io.espalier.runtime.InferredTypes} and {@link
 * io.espalier.runtime.SampledTypes} say what types the values inside a model have.
 *
 * <p>This is the only package that sees {@code ai.onnxruntime}; nothing of it appears in a public
 * signature. What goes into a session and what comes out of it is a {@link
 * io.espalier.runtime.Datum}, held in Java memory: no native value outlives the call that made it.
 * Failures of onnxruntime, its native library included, are {@link
 * io.espalier.graph.ModelException}s.
 */
package io.espalier.runtime;

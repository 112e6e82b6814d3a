/**
 * The ONNX file format: {@link io.espalier.onnx.OnnxFile} reads a model, {@link
 * io.espalier.onnx.OnnxWriter} writes one. The only package that sees protobuf.
 *
 * <p>What comes in goes out: each element that was read keeps its message as {@code origin}, and
 * the writer starts from that message. An element that nobody changed is written as the message it
 * was read from, unknown fields included.
 */
package io.espalier.onnx;

/**
 * An ONNX model as objects: {@link io.espalier.graph.Model}, {@link io.espalier.graph.Graph},
 * {@link io.espalier.graph.Node}, {@link io.espalier.graph.Value}, {@link
 * io.espalier.graph.Tensor}.
 *
 * <p>Nodes and values are linked by reference; a name is only a label. Model, graph, node and value
 * are mutable, everything else is immutable. Words are those of the ONNX specification.
 *
 * <p>{@link io.espalier.graph.Ops} emits nodes, at one opset; {@link io.espalier.graph.Types} is
 * what is known of values' types, {@link io.espalier.graph.Evaluator} computes values: {@code
 * runtime} implements both.
 *
 * <p>Two words of our own: a <em>weight</em> is an initializer (or the value of a {@code Constant}
 * node) that an operator multiplies its input with; a <em>refusal</em> says what was left alone and
 * why. This package depends on the JDK alone; {@code origin()} is an opaque note that the reader of
 * a format leaves for its writer.
 */
package io.espalier.graph;

package io.espalier.pass;

import io.espalier.graph.DataType;
import io.espalier.graph.Node;
import io.espalier.graph.Types;
import io.espalier.graph.Value;

/**
 * The end of a model: an output and what it is computed from by the last activation.
 *
 * @param output the model's output
 * @param raw what goes into the activation (logits), or the output itself if there is none
 * @param axis the axis of the classes, from 0
 * @param rank of both
 */
public record OutputHead(Value output, Value raw, Activation activation, int axis, int rank) {
  /**
   * Looks at an output of a model at opset 21.
   *
   * @throws io.espalier.graph.UnsupportedModelException if its rank is not known
   */
  static OutputHead of(Value output, Types types) {
    int rank = Shapes.rank(types, output);
    Value last = beforeCopies(output, types);
    Node node = last.producer().orElse(null);
    boolean logarithm = node != null && node.is("Log");
    Node softmax = logarithm ? node.inputs().get(0).producer().orElse(null) : node;
    boolean plain = softmax != null && softmax.is("Softmax");
    if (plain || node != null && node.is("LogSoftmax")) {
      int axis = (int) softmax.intAttribute("axis", -1);
      Activation found = plain && !logarithm ? Activation.SOFTMAX : Activation.LOG_SOFTMAX;
      return new OutputHead(
          output, softmax.inputs().get(0), found, axis < 0 ? axis + rank : axis, rank);
    }
    boolean sigmoid = node != null && node.is("Sigmoid");
    return new OutputHead(
        output,
        sigmoid ? node.inputs().get(0) : output,
        sigmoid ? Activation.SIGMOID : Activation.NONE,
        rank == 3 ? 2 : Math.min(1, rank - 1),
        rank);
  }

  /** What a value is a plain copy of. */
  private static Value beforeCopies(Value value, Types types) {
    Value at = value;
    Node node = at.producer().orElse(null);
    while (node != null && copies(node, types)) {
      at = node.inputs().get(0);
      node = at.producer().orElse(null);
    }
    return at;
  }

  private static boolean copies(Node node, Types types) {
    return node.is("Identity")
        || node.is("Dropout")
        || node.is("Cast")
            && isFloat(node.inputs().get(0), types)
            && isFloat(node.outputs().get(0), types);
  }

  private static boolean isFloat(Value value, Types types) {
    return types.dataType(value).filter(DataType::isFloat).isPresent();
  }
}

package io.espalier.runtime;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Follows one input through operators that keep its elements or shift them a little: into
 * subgraphs, loop bodies and functions as well.
 */
final class UseTrace {
  private static final Set<String> KEEP_FIRST =
      Set.of(
          "Cast",
          "Identity",
          "Reshape",
          "Unsqueeze",
          "Squeeze",
          "Flatten",
          "Transpose",
          "Slice",
          "Split",
          "Expand",
          "Tile",
          "Dropout",
          "Clip",
          "Pad",
          "Abs",
          "Gather",
          "GatherElements",
          "GatherND",
          "ReduceMax",
          "ReduceMin",
          "CastLike");
  private static final Set<String> KEEP_ANY =
      Set.of("Concat", "Where", "Max", "Min", "Mod", "Add", "Sub", "Mul", "Div", "Sum");
  private static final Set<String> KEEP_AXES =
      Set.of(
          "Cast", "Identity", "Dropout", "Clip", "Add", "Sub", "Mul", "Div", "Where", "Max", "Min");

  private static final List<String> DIGITS = List.of("1", "2", "3");

  private final Model model;
  private final InputUse use = new InputUse();
  private final Deque<Traced> pending = new ArrayDeque<>();
  private final Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * A value that comes from the input.
   *
   * @param axes for each axis the input's axis; null once they have parted
   */
  record Traced(Value value, int[] axes) {}

  UseTrace(Model model) {
    this.model = model;
  }

  InputUse of(Value input) {
    int rank = input.type().flatMap(TensorType::dims).map(List::size).orElse(-1);
    follow(input, rank < 0 ? null : IntStream.range(0, rank).toArray());
    while (!pending.isEmpty()) {
      Traced traced = pending.poll();
      for (Value.Use slot : traced.value().uses()) {
        visit(traced, slot.node(), slot.index());
      }
    }
    return use;
  }

  private void follow(Value value, int[] axes) {
    if (value != null && seen.add(value)) {
      pending.add(new Traced(value, axes));
    }
  }

  private void visit(Traced traced, Node node, int index) {
    Demand demand = Demand.of(node, index);
    if (demand != null) {
      use.demands(demand);
    }
    noteIndexing(node, index);
    noteWords(traced.value(), node);
    notePixels(node, index);
    WeightSizes.note(use, traced.axes(), node, index);
    enter(traced, node, index);
    boolean kept = KEEP_ANY.contains(node.opType()) || index == 0 && keepsFirst(node);
    if (kept && !node.outputs().isEmpty()) {
      int[] axes = axesAfter(traced.axes(), node);
      node.outputs().forEach(output -> follow(output, axes));
    }
  }

  private static boolean keepsFirst(Node node) {
    return KEEP_FIRST.contains(node.opType()) || node.is("ImageScaler");
  }

  private void enter(Traced traced, Node node, int index) {
    model
        .function(node.operator())
        .filter(function -> index < function.body().inputs().size())
        .ifPresent(function -> follow(function.body().inputs().get(index), traced.axes()));
    if (node.is("Loop") || node.is("Scan")) {
      for (Graph body : node.subgraphs()) {
        if (index < body.inputs().size()) {
          follow(body.inputs().get(index), null);
        }
      }
    }
  }

  private static int[] axesAfter(int[] axes, Node node) {
    if (axes == null || KEEP_AXES.contains(node.opType())) {
      return axes;
    }
    if (!node.is("Transpose")) {
      return null;
    }
    int[] after = new int[axes.length];
    Optional<List<Long>> perm = node.intsAttribute("perm");
    for (int axis = 0; axis < axes.length; axis++) {
      int from =
          perm.isPresent() && axis < perm.get().size() ? perm.get().get(axis).intValue() : -1;
      if (from < 0) {
        from = axes.length - 1 - axis;
      }
      if (from >= axes.length) {
        return null;
      }
      after[axis] = axes[from];
    }
    return after;
  }

  private void noteIndexing(Node node, int index) {
    if (node.opType().equals("EmbedLayerNormalization") && index < 2) {
      node.input(index == 0 ? 2 : 4).ifPresent(table -> indexes(table, 0));
    } else if (index == 1 && (node.is("Gather") || node.is("GatherElements"))) {
      int axis = (int) node.intAttribute("axis", 0);
      node.input(0).ifPresent(table -> indexes(table, axis));
    } else if (index == 1 && node.is("GatherND")) {
      node.input(0).ifPresent(table -> indexes(table, 0));
    } else if (index == 0 && node.is("OneHot")) {
      node.input(1)
          .flatMap(Value::constant)
          .filter(depth -> depth.shape().elements() == 1)
          .flatMap(Elements::of)
          .ifPresent(depth -> use.indexes((long) depth.applyAsDouble(0)));
    }
  }

  private void indexes(Value table, int axis) {
    Optional<Shape> shape = table.constant().map(Tensor::shape);
    if (shape.isPresent()) {
      int at = axis < 0 ? axis + shape.get().rank() : axis;
      if (at >= 0 && at < shape.get().rank()) {
        use.indexes(shape.get().dim(at));
      }
      return;
    }
    List<Dim> dims = table.type().flatMap(TensorType::dims).orElse(List.of());
    int at = axis < 0 ? axis + dims.size() : axis;
    if (at >= 0 && at < dims.size()) {
      if (dims.get(at) instanceof Dim.Known known) {
        use.indexes(known.size());
      } else if (table.isGraphInput()) {
        use.indexes(new InputUse.TableInput(table.name(), at));
      }
    }
  }

  private void noteWords(Value value, Node node) {
    if (node.is("Cast")
        && value.type().filter(type -> type.dataType() == DataType.STRING).isPresent()) {
      use.knows(DIGITS);
    }
    node.attributes()
        .forEach(
            (name, attribute) -> {
              if (attribute instanceof Attribute.StringsAttribute strings
                  && (name.equals("keys_strings")
                      || name.startsWith("cats_strings")
                      || name.equals("string_vocabulary"))) {
                use.knows(strings.value());
              }
            });
  }

  /** Division by 255 and its like before anything else. */
  private void notePixels(Node node, int index) {
    if (node.opType().equals("ImageScaler")) {
      use.scalesPixels();
    }
    if (index != 0 || !(node.is("Div") || node.is("Mul") || node.is("Sub"))) {
      return;
    }
    node.input(1)
        .flatMap(Value::constant)
        .filter(tensor -> tensor.shape().elements() >= 1 && tensor.shape().elements() <= 4)
        .flatMap(Elements::of)
        .map(element -> element.applyAsDouble(0))
        .filter(by -> node.is("Mul") ? by > 0 && by < 0.02 : node.is("Div") ? by >= 100 : by > 10)
        .ifPresent(by -> use.scalesPixels());
  }
}

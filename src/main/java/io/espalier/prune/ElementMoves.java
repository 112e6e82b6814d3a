package io.espalier.prune;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Operators whose output has the elements of their first input, moved or converted, and a zero
 * where that has one: a weight is still a weight behind them. The entry is the registration.
 */
final class ElementMoves {
  private static final Map<String, BiFunction<Node, Layout, Layout>> MOVES =
      Map.ofEntries(
          entry("Identity", (node, layout) -> layout),
          entry("Cast", (node, layout) -> layout),
          entry("QuantizeLinear", (node, layout) -> layout),
          entry("DequantizeLinear", (node, layout) -> layout),
          entry("Transpose", ElementMoves::transpose),
          entry("Unsqueeze", ElementMoves::unsqueeze),
          entry("Squeeze", ElementMoves::squeeze),
          entry("Reshape", ElementMoves::reshape));

  private ElementMoves() {}

  /** The layout behind {@code node}; absent if it does something else to its input {@code slot}. */
  static Optional<Layout> follow(Node node, int slot, Layout layout) {
    BiFunction<Node, Layout, Layout> move =
        slot == 0 && node.operator().domain().isEmpty() ? MOVES.get(node.opType()) : null;
    if (move == null || node.outputs().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(layout.known() ? move.apply(node, layout) : layout);
  }

  private static Layout transpose(Node node, Layout layout) {
    List<Integer> axes = layout.axes().orElseThrow();
    if (!node.attributes().containsKey("perm")) {
      List<Integer> reversed = new ArrayList<>(axes);
      Collections.reverse(reversed);
      return layout.with(List.copyOf(reversed));
    }
    Optional<List<Long>> perm = ints(node, "perm");
    if (perm.isEmpty() || perm.get().size() != axes.size()) {
      return layout.lost();
    }
    Optional<Set<Integer>> distinct = normalized(perm.get(), axes.size());
    if (distinct.isEmpty()) {
      return layout.lost();
    }
    return layout.with(perm.get().stream().map(axis -> axes.get(axis.intValue())).toList());
  }

  private static Layout unsqueeze(Node node, Layout layout) {
    List<Integer> axes = layout.axes().orElseThrow();
    Optional<List<Long>> listed = axes(node);
    if (listed.isEmpty() || listed.get().size() > Layout.MAX_RANK) {
      return layout.lost();
    }
    int rank = axes.size() + listed.get().size();
    Optional<Set<Integer>> added = normalized(listed.get(), rank);
    if (added.isEmpty()) {
      return layout.lost();
    }
    List<Integer> result = new ArrayList<>();
    int next = 0;
    for (int axis = 0; axis < rank; axis++) {
      result.add(added.get().contains(axis) ? Layout.NEW : axes.get(next++));
    }
    return layout.with(List.copyOf(result));
  }

  private static Layout squeeze(Node node, Layout layout) {
    List<Integer> axes = layout.axes().orElseThrow();
    List<Long> dims = layout.dims();
    boolean all = !node.attributes().containsKey("axes") && node.input(1).isEmpty();
    Optional<Set<Integer>> removed = axes(node).flatMap(list -> normalized(list, axes.size()));
    if (!all && removed.isEmpty()) {
      return layout.lost();
    }
    List<Integer> result = new ArrayList<>();
    for (int axis = 0; axis < axes.size(); axis++) {
      boolean remove = all ? dims.get(axis) == 1 : removed.orElseThrow().contains(axis);
      if (!remove) {
        result.add(axes.get(axis));
      } else if (dims.get(axis) != 1) {
        return layout.lost();
      }
    }
    return layout.with(List.copyOf(result));
  }

  /** Axes stay known when only some of size 1 come or go. */
  private static Layout reshape(Node node, Layout layout) {
    Optional<List<Long>> target =
        node.input(1).isPresent() ? node.input(1).flatMap(ElementMoves::ints) : ints(node, "shape");
    if (target.isEmpty() || target.get().size() > Layout.MAX_RANK) {
      return layout.lost();
    }
    List<Long> dims = layout.dims();
    List<Integer> axes = layout.axes().orElseThrow();
    List<Integer> result = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < target.get().size(); i++) {
      long wanted = target.get().get(i);
      long size = wanted == 0 && i < dims.size() ? dims.get(i) : wanted;
      if (size == 1) {
        result.add(Layout.NEW);
        continue;
      }
      while (next < axes.size() && dims.get(next) == 1) {
        next++;
      }
      if (next == axes.size() || size != -1 && size != dims.get(next)) {
        return layout.lost();
      }
      result.add(axes.get(next++));
    }
    while (next < axes.size() && dims.get(next) == 1) {
      next++;
    }
    return next == axes.size() ? layout.with(List.copyOf(result)) : layout.lost();
  }

  /** The axes that an operator takes as an attribute or, in newer opsets, as an input. */
  private static Optional<List<Long>> axes(Node node) {
    return node.input(1).isPresent()
        ? node.input(1).flatMap(ElementMoves::ints)
        : ints(node, "axes");
  }

  /** The axes as numbers from 0 on; absent if one is out of range or there twice. */
  private static Optional<Set<Integer>> normalized(List<Long> axes, int rank) {
    Set<Integer> result = new HashSet<>();
    for (long axis : axes) {
      long counted = axis < 0 ? axis + rank : axis;
      if (counted < 0 || counted >= rank || !result.add((int) counted)) {
        return Optional.empty();
      }
    }
    return Optional.of(result);
  }

  /** A list in an attribute; absent where it is none, as when it refers to a function's. */
  private static Optional<List<Long>> ints(Node node, String attribute) {
    return node.attributes().get(attribute) instanceof Attribute.IntsAttribute list
        ? Optional.of(list.value())
        : Optional.empty();
  }

  /** A short list in a constant. */
  private static Optional<List<Long>> ints(Value value) {
    Optional<Tensor> constant = value.constant();
    if (constant.isEmpty()) {
      return value.producer().filter(node -> node.is("Constant")).flatMap(ElementMoves::listed);
    }
    Tensor tensor = constant.get();
    if (tensor.dataType() != DataType.INT64
        || !tensor.isReadable()
        || tensor.shape().rank() > 1
        || tensor.shape().elements() > Layout.MAX_RANK) {
      return Optional.empty();
    }
    LongBuffer numbers = tensor.bytes().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    List<Long> result = new ArrayList<>();
    while (numbers.hasRemaining()) {
      result.add(numbers.get());
    }
    return Optional.of(result);
  }

  private static Optional<List<Long>> listed(Node constant) {
    return constant.attributes().get("value_int") instanceof Attribute.IntAttribute single
        ? Optional.of(List.of(single.value()))
        : ints(constant, "value_ints");
  }
}

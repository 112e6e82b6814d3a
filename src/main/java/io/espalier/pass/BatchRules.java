package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.Elements;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** How operators hand on the batch, and which of their constants hold its size. */
final class BatchRules {
  /** Follows the batch through a node, whose constants it may replace. */
  @FunctionalInterface
  interface Rule {
    void follow(BatchWalk walk, Node node);
  }

  private static final Map<String, Rule> RULES =
      Map.ofEntries(
          entry("ArgMax", BatchRules::reduceOne),
          entry("ArgMin", BatchRules::reduceOne),
          entry("Cast", BatchRules::same),
          entry("Concat", BatchRules::concat),
          entry("ConstantOfShape", BatchRules::constantOfShape),
          entry("Expand", BatchRules::expand),
          entry("Flatten", BatchReshape::follow),
          entry("GRU", BatchRules::recurrent),
          entry("Gather", BatchRules::gather),
          entry("GatherElements", BatchRules::gatherElements),
          entry("Gemm", BatchRules::gemm),
          entry("LSTM", BatchRules::recurrent),
          entry("MatMul", BatchRules::matMul),
          entry("RNN", BatchRules::recurrent),
          entry("Reshape", BatchReshape::follow),
          entry("Resize", BatchRules::resize),
          entry("Shape", BatchRules::shape),
          entry("Size", (walk, node) -> {}),
          entry("Slice", BatchRules::slice),
          entry("Split", BatchRules::split),
          entry("Squeeze", BatchRules::squeeze),
          entry("Transpose", BatchRules::transpose),
          entry("Unsqueeze", BatchRules::unsqueeze));

  private BatchRules() {}

  static Rule of(Node node) {
    if (!node.operator().domain().isEmpty()) {
      return BatchRules::broadcast;
    }
    return node.opType().startsWith("Reduce")
        ? BatchRules::reduce
        : RULES.getOrDefault(node.opType(), BatchRules::broadcast);
  }

  private static int positive(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Axes are counted from the last one, as in numpy's broadcasting. */
  private static void broadcast(BatchWalk walk, Node node) {
    for (Value input : node.inputs()) {
      Optional<BatchAxis> from = input == null ? Optional.empty() : walk.axis(input);
      for (Value output : node.outputs()) {
        if (from.isPresent() && output != null && walk.knowsRank(output)) {
          int axis = from.get().axis() + walk.rank(output) - walk.rank(input);
          if (axis >= 0 && walk.rank(output) > axis) {
            walk.carries(output, from.get().at(axis));
          }
        }
      }
    }
    same(walk, node);
  }

  private static void same(BatchWalk walk, Node node) {
    for (Value input : node.inputs()) {
      if (input != null && walk.sizeAt(input).isPresent()) {
        walk.holdsSize(node.outputs().get(0), walk.sizeAt(input).getAsInt());
      }
    }
    if (node.is("Cast")) {
      walk.axis(node.inputs().get(0)).ifPresent(axis -> walk.carries(node.outputs().get(0), axis));
    }
  }

  private static void shape(BatchWalk walk, Node node) {
    BatchAxis axis = walk.axis(node.inputs().get(0)).orElse(null);
    int rank = walk.rank(node.inputs().get(0));
    int start = positive(node.intAttribute("start", 0), rank);
    int end = positive(node.intAttribute("end", rank), rank);
    if (axis != null && axis.axis() >= start && axis.axis() < end) {
      walk.holdsSize(node.outputs().get(0), axis.axis() - start);
    }
  }

  private static void constantOfShape(BatchWalk walk, Node node) {
    OptionalInt at = walk.sizeAt(node.inputs().get(0));
    if (at.isPresent()) {
      walk.carries(node.outputs().get(0), BatchAxis.of(at.getAsInt()));
    }
  }

  private static void expand(BatchWalk walk, Node node) {
    Value shape = node.inputs().get(1);
    if (walk.axis(node.inputs().get(0)).isPresent()) {
      int shift = walk.rank(node.outputs().get(0)) - walk.rank(node.inputs().get(0));
      BatchAxis from = walk.axis(node.inputs().get(0)).get();
      int axis = from.axis() + shift;
      BatchWalk.numbers(shape)
          .filter(numbers -> numbers.length > axis && numbers[axis] != 1)
          .ifPresent(
              numbers -> {
                numbers[axis] = 1;
                node.setInput(1, walk.ops().ints(numbers));
              });
      walk.carries(node.outputs().get(0), from.at(axis));
    } else if (walk.sizeAt(shape).isPresent()) {
      walk.carries(node.outputs().get(0), BatchAxis.of(walk.sizeAt(shape).getAsInt()));
    }
  }

  private static void concat(BatchWalk walk, Node node) {
    Value output = node.outputs().get(0);
    Optional<BatchAxis> found =
        node.inputs().stream().flatMap(input -> walk.axis(input).stream()).findFirst();
    if (found.isEmpty()) {
      int position = 0;
      for (Value input : node.inputs()) {
        OptionalInt at = walk.sizeAt(input);
        if (at.isPresent()) {
          walk.holdsSize(output, position + at.getAsInt());
        }
        position += walk.shape(input).map(dims -> (int) dims[0]).orElse(1);
      }
      return;
    }
    int axis = found.get().axis();
    if (positive(node.intAttribute("axis", 0), walk.rank(output)) == axis) {
      throw walk.refuse("joins along the batch");
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      if (walk.axis(node.inputs().get(i)).isEmpty()) {
        node.setInput(i, walk.repeated(node.inputs().get(i), axis));
      }
    }
    walk.carries(output, found.get());
  }

  private static void transpose(BatchWalk walk, Node node) {
    walk.axis(node.inputs().get(0))
        .ifPresent(
            from -> {
              int rank = walk.rank(node.inputs().get(0));
              int to =
                  node.intsAttribute("perm")
                      .map(perm -> perm.indexOf((long) from.axis()))
                      .orElse(rank - 1 - from.axis());
              walk.carries(node.outputs().get(0), from.at(to));
            });
  }

  private static long[] axes(BatchWalk walk, Node node, int rank) {
    long[] axes =
        node.input(1)
            .flatMap(BatchWalk::numbers)
            .orElseThrow(() -> walk.refuse("its axes are computed"));
    return Arrays.stream(axes).map(axis -> positive(axis, rank)).sorted().toArray();
  }

  private static void squeeze(BatchWalk walk, Node node) {
    same(walk, node);
    Value x = node.inputs().get(0);
    BatchAxis from = walk.axis(x).orElse(null);
    if (from == null) {
      return;
    }
    int rank = walk.rank(x);
    if (node.input(1).isEmpty()) {
      BatchReshape.follow(walk, node);
      return;
    }
    long[] axes = axes(walk, node, rank);
    if (Arrays.stream(axes).anyMatch(axis -> axis == from.axis())) {
      throw walk.refuse("drops the axis of the batch");
    }
    int before = (int) Arrays.stream(axes).filter(axis -> axis < from.axis()).count();
    walk.carries(node.outputs().get(0), from.at(from.axis() - before));
  }

  private static void unsqueeze(BatchWalk walk, Node node) {
    same(walk, node);
    Value x = node.inputs().get(0);
    BatchAxis from = walk.axis(x).orElse(null);
    if (from == null) {
      return;
    }
    long[] axes = axes(walk, node, walk.rank(node.outputs().get(0)));
    int to = from.axis();
    for (long axis : axes) {
      to += axis <= to ? 1 : 0;
    }
    walk.carries(node.outputs().get(0), from.at(to));
  }

  private static void gather(BatchWalk walk, Node node) {
    Value data = node.inputs().get(0);
    Value indices = node.inputs().get(1);
    Value output = node.outputs().get(0);
    if (walk.sizeAt(data).isPresent()) {
      long[] wanted = BatchWalk.numbers(indices).orElse(new long[0]);
      for (int i = 0; i < wanted.length; i++) {
        int length = walk.shape(data).map(dims -> (int) dims[0]).orElse(0);
        if (positive(wanted[i], length) == walk.sizeAt(data).getAsInt()) {
          walk.holdsSize(output, i);
        }
      }
      return;
    }
    int axis = positive(node.intAttribute("axis", 0), walk.rank(data));
    BatchAxis from = walk.axis(data).orElse(null);
    if (from != null && from.axis() == axis) {
      throw walk.refuse("picks samples of the batch");
    }
    if (from != null) {
      int shift = from.axis() > axis ? walk.rank(indices) - 1 : 0;
      walk.carries(output, from.at(from.axis() + shift));
    } else {
      walk.axis(indices).ifPresent(at -> walk.carries(output, at.at(at.axis() + axis)));
    }
  }

  private static void gatherElements(BatchWalk walk, Node node) {
    BatchAxis from = walk.axis(node.inputs().get(0)).orElse(null);
    if (from != null && walk.axis(node.inputs().get(1)).isEmpty()) {
      node.setInput(1, walk.repeated(node.inputs().get(1), from.axis()));
    }
    broadcast(walk, node);
  }

  private static void gemm(BatchWalk walk, Node node) {
    BatchAxis from = walk.axis(node.inputs().get(0)).orElse(null);
    if (from == null || from.axis() != (node.intAttribute("transA", 0) == 0 ? 0 : 1)) {
      throw walk.refuse("multiplies along the batch");
    }
    walk.carries(node.outputs().get(0), from.at(0));
  }

  private static void matMul(BatchWalk walk, Node node) {
    Value output = node.outputs().get(0);
    for (int i = 0; i < 2; i++) {
      Value input = node.inputs().get(i);
      BatchAxis from = walk.axis(input).orElse(null);
      if (from != null) {
        int rank = walk.rank(input);
        int summed = i == 0 ? rank - 1 : Math.max(rank - 2, 0);
        if (from.axis() == summed) {
          throw walk.refuse("multiplies along the batch");
        }
        walk.carries(output, from.at(from.axis() + walk.rank(output) - rank));
        return;
      }
    }
  }

  private static void reduceOne(BatchWalk walk, Node node) {
    reduce(walk, node, List.of(node.intAttribute("axis", 0)));
  }

  private static void reduce(BatchWalk walk, Node node) {
    Optional<long[]> axes = node.input(1).flatMap(BatchWalk::numbers);
    reduce(
        walk, node, axes.map(numbers -> Arrays.stream(numbers).boxed().toList()).orElse(List.of()));
  }

  /** Over no axes means over all. */
  private static void reduce(BatchWalk walk, Node node, List<Long> axes) {
    Value x = node.inputs().get(0);
    BatchAxis from = walk.axis(x).orElse(null);
    if (from == null) {
      return;
    }
    int rank = walk.rank(x);
    List<Integer> over = axes.stream().map(axis -> positive(axis, rank)).toList();
    boolean none = over.isEmpty() && node.intAttribute("noop_with_empty_axes", 0) != 0;
    if (!none && (over.isEmpty() || over.contains(from.axis()))) {
      throw walk.refuse("reduces over the batch");
    }
    boolean keep = node.intAttribute("keepdims", 1) != 0;
    int before = keep ? 0 : (int) over.stream().filter(axis -> axis < from.axis()).count();
    walk.carries(node.outputs().get(0), from.at(from.axis() - before));
  }

  private static void slice(BatchWalk walk, Node node) {
    Value x = node.inputs().get(0);
    if (walk.sizeAt(x).isPresent()) {
      sliceOfSizes(walk, node, walk.sizeAt(x).getAsInt());
      return;
    }
    BatchAxis from = walk.axis(x).orElse(null);
    if (from == null) {
      return;
    }
    long[] starts = node.input(1).flatMap(BatchWalk::numbers).orElse(new long[0]);
    long[] ends = node.input(2).flatMap(BatchWalk::numbers).orElse(new long[0]);
    long[] axes = node.input(3).flatMap(BatchWalk::numbers).orElse(new long[] {0, 1, 2, 3});
    for (int i = 0; i < Math.min(axes.length, Math.min(starts.length, ends.length)); i++) {
      if (positive(axes[i], walk.rank(x)) == from.axis()) {
        if (starts[i] != 0 || ends[i] < walk.size()) {
          throw walk.refuse("picks samples of the batch");
        }
        ends[i] = Integer.MAX_VALUE;
        Tensor before = node.inputs().get(2).constant().orElseThrow();
        Tensor after = Elements.tensor(before.dataType(), before.shape(), at -> ends[at]);
        node.setInput(2, walk.ops().constant(after));
      }
    }
    walk.carries(node.outputs().get(0), from);
  }

  private static void sliceOfSizes(BatchWalk walk, Node node, int at) {
    int length = walk.shape(node.inputs().get(0)).map(dims -> (int) dims[0]).orElse(0);
    long[] starts = node.input(1).flatMap(BatchWalk::numbers).orElse(new long[0]);
    long[] ends = node.input(2).flatMap(BatchWalk::numbers).orElse(new long[0]);
    if (starts.length == 1 && ends.length == 1) {
      int start = positive(starts[0], length);
      long end = ends[0] < 0 ? ends[0] + length : ends[0];
      if (at >= start && at < end) {
        walk.holdsSize(node.outputs().get(0), at - start);
      }
    }
  }

  private static void split(BatchWalk walk, Node node) {
    Value x = node.inputs().get(0);
    BatchAxis from = walk.axis(x).orElse(null);
    if (from != null && positive(node.intAttribute("axis", 0), walk.rank(x)) == from.axis()) {
      throw walk.refuse("splits the batch");
    }
    if (from != null) {
      node.outputs().forEach(output -> walk.carries(output, from));
    }
  }

  /** Sizes that hold the batch's become those of the fixed batch times the number of groups. */
  private static void resize(BatchWalk walk, Node node) {
    BatchAxis from = walk.axis(node.inputs().get(0)).orElse(null);
    if (from == null) {
      return;
    }
    boolean all = node.intsAttribute("axes").isEmpty();
    node.input(3)
        .flatMap(BatchWalk::numbers)
        .filter(sizes -> all && sizes.length > from.axis())
        .ifPresent(sizes -> node.setInput(3, BatchReshape.withGroups(walk, sizes, from.axis())));
    walk.carries(node.outputs().get(0), from);
  }

  /** States that do not carry the batch are repeated. */
  private static void recurrent(BatchWalk walk, Node node) {
    boolean batchFirst = node.intAttribute("layout", 0) != 0;
    BatchAxis from = walk.axis(node.inputs().get(0)).orElse(null);
    if (from == null || from.axis() != (batchFirst ? 0 : 1)) {
      throw walk.refuse("takes the batch for time");
    }
    for (int slot = 4; slot <= 6; slot++) {
      Value state = node.input(slot).orElse(null);
      if (state != null && walk.axis(state).isEmpty()) {
        node.setInput(slot, walk.repeated(state, slot == 4 || batchFirst ? 0 : 1));
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      int axis = batchFirst ? 0 : i == 0 ? 2 : 1;
      walk.carries(node.outputs().get(i), BatchAxis.of(axis));
    }
  }
}

package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.Node;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How a reshape hands on the batch: which of the new axes it is part of. */
final class BatchReshape {
  private BatchReshape() {}

  static void follow(BatchWalk walk, Node node) {
    BatchAxis from = walk.axis(node.inputs().get(0)).orElse(null);
    if (from == null) {
      return;
    }
    Value output = node.outputs().get(0);
    long[] in = walk.sampledShape(node.inputs().get(0)).orElse(null);
    long[] out = walk.sampledShape(output).orElse(null);
    if (node.is("Flatten") && walk.size() == 1 && from.equals(BatchAxis.of(0))) {
      startBehindTheBatch(node);
      out = in == null || out == null ? null : new long[] {1, product(in, 0, in.length)};
    }
    BatchAxis to;
    if (in != null && out != null) {
      to = target(walk, from, in, out);
    } else if (from.axis() == 0 && from.inside() == 1) {
      to = BatchAxis.of(0);
    } else {
      throw walk.refuse("its dimensions are not known");
    }
    if (node.is("Reshape")) {
      rewrite(walk, node, from, to, walk.shape(output).orElse(null));
    }
    walk.carries(output, to);
  }

  /** To flatten from axis 0 on, at a batch of 1, is to flatten each sample. */
  private static void startBehindTheBatch(Node node) {
    if (node.intAttribute("axis", 1) == 0) {
      node.setAttribute("axis", Attribute.of(1));
    }
  }

  /**
   * The axis that the batch is part of. In memory, the batch lies inside of {@code outer} elements
   * and outside of the rest; the new axes are cut at the same place, or around it.
   */
  private static BatchAxis target(BatchWalk walk, BatchAxis from, long[] in, long[] out) {
    long outer = product(in, 0, from.axis()) * from.inside();
    int cut = 0;
    long before = 1;
    while (cut < out.length && before < outer) {
      before *= out[cut++];
    }
    if (before > outer) {
      long outside = before / out[cut - 1];
      if (outer % outside != 0) {
        throw walk.refuse("cuts the batch apart");
      }
      return new BatchAxis(cut - 1, outer / outside);
    }
    boolean own =
        cut < out.length && (walk.size() > 1 ? out[cut] % walk.size() == 0 : out[cut] == 1);
    boolean sameBehind =
        Arrays.equals(
            Arrays.copyOfRange(in, from.axis() + 1, in.length),
            Arrays.copyOfRange(out, cut, out.length));
    if (!own && cut > 0 && (cut == out.length || sameBehind)) {
      return new BatchAxis(cut - 1, out[cut - 1]);
    }
    if (cut == out.length) {
      throw walk.refuse("drops the axis of the batch");
    }
    return BatchAxis.of(cut);
  }

  private static long product(long[] dims, int from, int to) {
    return Arrays.stream(dims, from, to).reduce(1, Math::multiplyExact);
  }

  private static void rewrite(BatchWalk walk, Node node, BatchAxis from, BatchAxis to, long[] out) {
    int axis = to.axis();
    long[] target = BatchWalk.numbers(node.inputs().get(1)).orElse(null);
    if (target == null) {
      replacePart(walk, node, axis);
      return;
    }
    if (target[axis] == -1 || target[axis] == 0 && from.axis() == axis) {
      return;
    }
    boolean open = Arrays.stream(target).anyMatch(size -> size == -1);
    if (out != null || !open) {
      long[] sizes = out != null ? out.clone() : target.clone();
      sizes[axis] = -1;
      node.setInput(1, walk.ops().ints(sizes));
    } else {
      node.setInput(1, withGroups(walk, target, axis));
    }
  }

  /** A shape that is put together: the part that is the batch's size, where it is a constant. */
  private static void replacePart(BatchWalk walk, Node node, int axis) {
    Node joined = node.inputs().get(1).producer().orElse(null);
    if (joined == null || !joined.is("Concat")) {
      return;
    }
    int position = 0;
    for (int i = 0; i < joined.inputs().size(); i++) {
      Value part = joined.inputs().get(i);
      long[] numbers = BatchWalk.numbers(part).orElse(null);
      int length =
          numbers != null ? numbers.length : walk.shape(part).map(dims -> (int) dims[0]).orElse(1);
      boolean here = axis >= position && axis < position + length;
      if (here && numbers != null && numbers[axis - position] > 0) {
        List<Value> parts = new ArrayList<>(joined.inputs());
        parts.set(i, withGroups(walk, numbers, axis - position));
        node.setInput(1, walk.ops().concat(0, parts));
      }
      position += length;
    }
  }

  /** Sizes at the fixed batch, one of them multiplied by the number of fixed batches. */
  static Value withGroups(BatchWalk walk, long[] sizes, int axis) {
    List<Value> parts = new ArrayList<>();
    if (axis > 0) {
      parts.add(walk.ops().ints(Arrays.copyOfRange(sizes, 0, axis)));
    }
    parts.add(walk.groups(sizes[axis]));
    if (axis < sizes.length - 1) {
      parts.add(walk.ops().ints(Arrays.copyOfRange(sizes, axis + 1, sizes.length)));
    }
    return parts.size() == 1 ? parts.get(0) : walk.ops().concat(0, parts);
  }
}

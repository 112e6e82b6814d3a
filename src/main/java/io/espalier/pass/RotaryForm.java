package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/**
 * Rotary embeddings (arXiv:2104.09864): pairs of elements of each head are turned by angles whose
 * cosines and sines are in tables, by position.
 */
final class RotaryForm {
  private RotaryForm() {}

  /** The node's inputs are x, the positions, the cosines and the sines. */
  static List<Value> emit(Upgrade u, Ops ops) {
    if (u.node().intAttribute("is_packed_batching", 0) != 0) {
      throw u.refuse("its batch is packed");
    }
    boolean byHeads = u.rank(u.x()) == 4;
    long turned = u.node().intAttribute("rotary_embedding_dim", 0);
    long heads = u.node().intAttribute("num_heads", 0);
    if (!byHeads && turned == 0) {
      turned = 2 * u.knownDim(u.input(2), 1);
    }
    Value x = u.x();
    if (!byHeads) {
      x = heads > 0 ? ops.reshape(x, 0, 0, heads, -1) : ops.reshape(x, 0, 0, -1, turned);
    }
    Value positions = positions(u, ops, byHeads ? 2 : 1);
    Value cosines = ops.gather(u.input(2), positions, 0);
    Value sines = ops.gather(u.input(3), positions, 0);
    boolean whole = turned == 0 || turned == 2 * u.knownDim(u.input(2), 1) && heads == 0;
    return turned(u, ops, x, cosines, sines, whole ? 0 : turned);
  }

  /** The node's inputs are x, the cosines, the sines, and the positions that they are taken at. */
  static List<Value> standard(Upgrade u, Ops ops) {
    Value x = u.x();
    if (u.rank(x) == 3) {
      x = ops.reshape(x, 0, 0, u.node().intAttribute("num_heads", 0), -1);
    }
    Value positions = u.node().input(3).orElse(null);
    Value cosines = positions == null ? u.input(1) : ops.gather(u.input(1), positions, 0);
    Value sines = positions == null ? u.input(2) : ops.gather(u.input(2), positions, 0);
    return turned(u, ops, x, cosines, sines, u.node().intAttribute("rotary_embedding_dim", 0));
  }

  /** Turns the first {@code count} elements of each head, or all where that is 0. */
  private static List<Value> turned(
      Upgrade u, Ops ops, Value x, Value cosines, Value sines, long count) {
    boolean interleaved = u.node().intAttribute("interleaved", 0) != 0;
    boolean byHeads = u.rank(u.x()) == 4;
    long heads = byHeads ? 1 : 2;
    Value cos = ops.unsqueeze(cosines, heads);
    Value sin = ops.unsqueeze(sines, heads);
    Value y;
    if (count == 0) {
      y = turn(ops, x, cos, sin, interleaved);
    } else {
      long[] last = {3};
      Value first = ops.slice(x, new long[] {0}, new long[] {count}, last, ONE);
      Value rest = ops.slice(x, new long[] {count}, new long[] {Long.MAX_VALUE}, last, ONE);
      y = ops.concat(3, List.of(turn(ops, first, cos, sin, interleaved), rest));
    }
    return List.of(byHeads ? y : ops.reshape(y, ops.shape(u.x())));
  }

  private static final long[] ONE = {1};

  /** One offset for all samples, or the position of each element. */
  private static Value positions(Upgrade u, Ops ops, int axis) {
    Value given = u.input(1);
    if (u.rank(given) == 2) {
      return given;
    }
    Value zero = ops.scalar(DataType.INT64, 0);
    Value length = ops.squeeze(ops.shape(u.x(), axis, axis + 1), 0);
    Value range = ops.range(zero, length, ops.scalar(DataType.INT64, 1));
    return ops.unsqueeze(ops.add(range, given), 0);
  }

  private static Value turn(Ops ops, Value x, Value cosines, Value sines, boolean interleaved) {
    if (interleaved) {
      Value pairs = ops.call("Reshape", x, ops.ints(0, 0, 0, -1, 2));
      Value a = ops.gather(pairs, ops.scalar(DataType.INT64, 0), 4);
      Value b = ops.gather(pairs, ops.scalar(DataType.INT64, 1), 4);
      Value left = ops.unsqueeze(ops.sub(ops.mul(a, cosines), ops.mul(b, sines)), 4);
      Value right = ops.unsqueeze(ops.add(ops.mul(b, cosines), ops.mul(a, sines)), 4);
      return ops.reshape(ops.concat(4, List.of(left, right)), 0, 0, 0, -1);
    }
    Map<String, Attribute> half = Map.of("axis", Attribute.of(3), "num_outputs", Attribute.of(2));
    List<Value> halves = ops.call(io.espalier.graph.OperatorId.of("Split"), half, 2, x);
    Value a = halves.get(0);
    Value b = halves.get(1);
    Value left = ops.sub(ops.mul(a, cosines), ops.mul(b, sines));
    Value right = ops.add(ops.mul(b, cosines), ops.mul(a, sines));
    return ops.concat(3, List.of(left, right));
  }
}

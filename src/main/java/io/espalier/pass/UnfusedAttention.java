package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** softmax(q k' / sqrt(width of a head) + mask) v, in plain operators; arXiv:1706.03762. */
final class UnfusedAttention {
  private final Upgrade u;
  private final Ops ops;
  private final long heads;

  private UnfusedAttention(Upgrade u) {
    this.u = u;
    this.ops = u.ops();
    this.heads = u.node().intAttribute("num_heads", 1);
  }

  /** q, k and v are products of one input with one matrix. */
  static void selfAttention(Upgrade u) {
    UnfusedAttention attention = new UnfusedAttention(u);
    Node node = u.node();
    attention.refuse(4, "past");
    attention.refuse(6, "past_sequence_length");
    Unfusing.requireUnused(u, 1);
    if (node.intAttribute("do_rotary", 0) != 0) {
      throw u.refuse("it turns positions (do_rotary)");
    }
    Ops ops = u.ops();
    Value product = ops.matMul(u.x(), u.input(1));
    Value sum = node.input(2).map(bias -> ops.add(product, bias)).orElse(product);
    long[] sizes =
        node.intsAttribute("qkv_hidden_sizes")
            .map(list -> list.stream().mapToLong(Long::longValue).toArray())
            .orElse(null);
    List<Value> parts =
        sizes == null
            ? ops.call(
                OperatorId.of("Split"),
                Map.of("axis", Attribute.of(-1), "num_outputs", Attribute.of(3)),
                3,
                sum)
            : ops.split(sum, -1, ops.ints(sizes), 3);
    attention.attend(
        parts.stream().map(attention::split).toList(),
        node.input(3).map(attention::mask).orElse(null),
        node.input(5).orElse(null));
  }

  /** q, k and v are inputs, and may have biases. */
  static void multiHead(Upgrade u) {
    UnfusedAttention attention = new UnfusedAttention(u);
    Node node = u.node();
    attention.refuse(6, "past_key");
    attention.refuse(7, "past_value");
    Unfusing.requireUnused(u, 1);
    if (node.input(1).isEmpty() || node.input(2).isEmpty()) {
      throw u.refuse("its query, key and value are packed into one input");
    }
    Value[] three = {u.x(), u.input(1), u.input(2)};
    if (node.input(3).isPresent()) {
      Ops ops = u.ops();
      Value[] widths = new Value[3];
      for (int i = 0; i < 3; i++) {
        if (u.rank(three[i]) != 3) {
          throw u.refuse("it adds a bias to what is split into heads");
        }
        widths[i] = ops.shape(three[i], 2, 3);
      }
      List<Value> biases = ops.split(u.input(3), 0, ops.concat(0, List.of(widths)), 3);
      for (int i = 0; i < 3; i++) {
        three[i] = ops.add(three[i], biases.get(i));
      }
    }
    List<Value> parts = List.of(three).stream().map(attention::split).toList();
    attention.attend(
        parts, node.input(4).map(attention::mask).orElse(null), node.input(5).orElse(null));
  }

  private void refuse(int input, String name) {
    if (u.node().input(input).isPresent()) {
      throw u.refuse("it has an input " + name);
    }
  }

  /** [batch, sequence, width] as [batch, head, sequence, width of a head]. */
  private Value split(Value x) {
    return u.knowsRank(x) && u.rank(x) == 4
        ? x
        : ops.transpose(ops.reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);
  }

  /** What is added to the scores: 0 where the mask is 1, a low number where it is 0. */
  private Value mask(Value mask) {
    DataType type = u.dataType(u.x());
    Value seen = ops.cast(mask, type);
    switch (u.rank(mask)) {
      case 1 -> seen = ops.unsqueeze(upTo(mask, type), 1, 2);
      case 2 -> seen = ops.unsqueeze(seen, 1, 2);
      case 3 -> seen = ops.unsqueeze(seen, 1);
      default -> throw u.refuse("its mask has " + u.rank(mask) + " dimensions");
    }
    float low = u.node().floatAttribute("mask_filter_value", -10000);
    Value hidden = ops.sub(ops.scalar(type, 1), seen);
    return ops.mul(hidden, ops.scalar(type, low));
  }

  /** 1 for the positions below the length of each sample. */
  private Value upTo(Value lengths, DataType type) {
    Value input =
        u.node().input(1).filter(key -> u.node().opType().startsWith("Multi")).orElse(u.x());
    Value steps =
        ops.range(
            ops.scalar(DataType.INT64, 0),
            ops.squeeze(ops.shape(input, 1, 2), 0),
            ops.scalar(DataType.INT64, 1));
    Value ends = ops.unsqueeze(ops.cast(lengths, DataType.INT64), 1);
    return ops.cast(ops.less(ops.unsqueeze(steps, 0), ends), type);
  }

  private void attend(List<Value> parts, Value mask, Value bias) {
    Value q = parts.get(0);
    Value turned = ops.transpose(parts.get(1), 0, 1, 3, 2);
    DataType type = u.dataType(u.x());
    float scale = u.node().floatAttribute("scale", 0);
    Value factor =
        scale != 0
            ? ops.scalar(type, scale)
            : ops.reciprocal(ops.sqrt(ops.cast(ops.shape(q, 3, 4), type)));
    Value scores = ops.mul(ops.matMul(q, turned), factor);
    scores = bias == null ? scores : ops.add(scores, bias);
    scores = mask == null ? scores : ops.add(scores, mask);
    if (u.node().intAttribute("unidirectional", 0) != 0) {
      scores = ops.add(scores, future(scores, type));
    }
    Value weights = ops.call("Softmax", Map.of("axis", Attribute.of(-1)), scores);
    Value heads = ops.transpose(ops.matMul(weights, parts.get(2)), 0, 2, 1, 3);
    Unfusing.become(u, "Reshape", Map.of(), heads, ops.ints(0, 0, -1));
  }

  /** A low number above the diagonal. */
  private Value future(Value scores, DataType type) {
    float low = u.node().floatAttribute("mask_filter_value", -10000);
    Value all = ops.filled(ops.shape(scores, 2, 4), DataType.FLOAT, low);
    return ops.cast(ops.call("Trilu", all, ops.scalar(DataType.INT64, 1)), type);
  }
}

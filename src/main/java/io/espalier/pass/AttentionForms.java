package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Attention with several heads (arXiv:1706.03762). Queries, keys and values are [batch, heads,
 * length, size] inside.
 */
final class AttentionForms {
  static final Map<String, StandardForm> FORMS =
      Map.ofEntries(
          entry("com.microsoft.Attention", AttentionForms::attention),
          entry("com.microsoft.MultiHeadAttention", AttentionForms::multiHead));

  private final Upgrade u;
  private final Ops ops;
  private final long heads;

  private AttentionForms(Upgrade u, Ops ops) {
    this.u = u;
    this.ops = ops;
    this.heads = u.node().intAttribute("num_heads", 0);
    if (heads < 1) {
      throw u.refuse("it has no num_heads");
    }
  }

  /**
   * The node's inputs are x, the weights of queries, keys and values side by side, their bias, a
   * mask, a past of keys and values, and what is added to the scores.
   */
  private static List<Value> attention(Upgrade u, Ops ops) {
    AttentionForms form = new AttentionForms(u, ops);
    for (String unusual : List.of("do_rotary", "past_present_share_buffer")) {
      if (u.node().intAttribute(unusual, 0) != 0) {
        throw u.refuse("it has " + unusual);
      }
    }
    Value product = ops.matMul(u.x(), u.input(1));
    Value all = u.node().input(2).map(bias -> ops.add(product, bias)).orElse(product);
    List<Value> parts = ops.split(all, 2, ops.ints(form.sizes()), 3);
    Value k = form.byHeads(parts.get(1));
    Value v = form.byHeads(parts.get(2));
    Value past = u.node().input(4).orElse(null);
    if (past != null) {
      k = ops.concat(2, List.of(form.part(past, 0), k));
      v = ops.concat(2, List.of(form.part(past, 1), v));
    }
    Value y = form.attend(form.byHeads(parts.get(0)), k, v, 3, 5);
    return u.node().outputs().size() == 1
        ? List.of(y)
        : List.of(y, ops.concat(0, List.of(ops.unsqueeze(k, 0), ops.unsqueeze(v, 0))));
  }

  /** The hidden sizes of queries, keys and values. */
  private long[] sizes() {
    long all = u.knownDim(u.input(1), 1);
    return u.node()
        .intsAttribute("qkv_hidden_sizes")
        .map(sizes -> sizes.stream().mapToLong(Long::longValue).toArray())
        .orElseGet(() -> new long[] {all / 3, all / 3, all / 3});
  }

  private Value part(Value pair, int index) {
    return ops.gather(pair, ops.scalar(DataType.INT64, index), 0);
  }

  /**
   * The node's inputs are queries, keys and values, their bias side by side, a mask, what is added
   * to the scores, and the past of keys and of values.
   */
  private static List<Value> multiHead(Upgrade u, Ops ops) {
    AttentionForms form = new AttentionForms(u, ops);
    if (u.node().input(8).isPresent() || u.rank(u.x()) != 3) {
      throw u.refuse("its inputs are packed or share buffers");
    }
    Value q = form.byHeads(form.biased(u.x(), 0));
    Value k = u.input(1);
    Value v = u.input(2);
    if (u.rank(k) == 3) {
      k = form.byHeads(form.biased(k, 1));
      v = form.byHeads(form.biased(v, 2));
    } else if (u.rank(k) != 4 || u.node().input(3).isPresent()) {
      throw u.refuse("its keys and values are packed");
    }
    if (u.node().input(6).isPresent()) {
      k = ops.concat(2, List.of(u.input(6), k));
      v = ops.concat(2, List.of(u.input(7), v));
    }
    return List.of(form.attend(q, k, v, 4, 5), k, v);
  }

  /** The biases of queries, keys and values lie behind each other. */
  private Value biased(Value value, int index) {
    Value bias = u.node().input(3).orElse(null);
    if (bias == null) {
      return value;
    }
    long width = u.knownDim(u.x(), 2);
    long from = index * width;
    long to = index == 2 ? Long.MAX_VALUE : from + width;
    long[] first = {0};
    return ops.add(
        value, ops.slice(bias, new long[] {from}, new long[] {to}, first, new long[] {1}));
  }

  private Value byHeads(Value value) {
    return ops.transpose(ops.reshape(value, 0, 0, heads, -1), 0, 2, 1, 3);
  }

  /** softmax(q k' scale + mask + bias) v, as rows again. */
  private Value attend(Value q, Value k, Value v, int mask, int bias) {
    Value scaled = ops.mul(q, scale(q));
    List<Value> terms = new ArrayList<>();
    terms.add(ops.matMul(scaled, ops.transpose(k, 0, 1, 3, 2)));
    mask(q, k, mask).ifPresent(terms::add);
    u.node().input(bias).ifPresent(terms::add);
    Value weights = ops.call("Softmax", Map.of("axis", Attribute.of(-1)), ops.sum(terms));
    Value rows = ops.transpose(ops.matMul(weights, v), 0, 2, 1, 3);
    return ops.reshape(rows, 0, 0, -1);
  }

  /** The one given, or one over the root of a head's size. */
  private Value scale(Value q) {
    float given = u.node().floatAttribute("scale", 0);
    if (given != 0) {
      return u.number(given);
    }
    Value size = ops.cast(ops.shape(q, 3, 4), u.dataType(u.x()));
    return ops.reciprocal(ops.sqrt(size));
  }

  private Optional<Value> mask(Value q, Value k, int index) {
    Value given = u.node().input(index).orElse(null);
    Value mask = given == null ? null : filled(allowed(given, k));
    if (u.node().intAttribute("unidirectional", 0) != 0) {
      Value lowest = u.number(-Float.MAX_VALUE);
      Value rest = mask == null ? u.number(0) : mask;
      mask = ops.where(future(q, k), lowest, rest);
    }
    return Optional.ofNullable(mask);
  }

  private Value filled(Value allowed) {
    float filter = u.node().floatAttribute("mask_filter_value", -10000);
    return ops.where(allowed, u.number(0), u.number(filter));
  }

  /** Whether a query, [batch, 1, queries, keys], may attend to a key. */
  private Value allowed(Value mask, Value k) {
    Value zero = ops.scalar(DataType.INT32, 0);
    return switch (u.rank(mask)) {
      case 1 -> between(mask, k);
      case 2 -> ops.greater(ops.unsqueeze(mask, 1, 2), zero);
      case 3 -> ops.greater(ops.unsqueeze(mask, 1), zero);
      default -> throw u.refuse("its mask has four axes");
    };
  }

  /** For each sample the end of the keys; behind these, where they are there, the starts. */
  private Value between(Value bounds, Value k) {
    Value batch = ops.shape(u.x(), 0, 1);
    Value padded = ops.concat(0, List.of(bounds, ops.filled(batch, DataType.INT32, 0)));
    Value ends = ops.call("Slice", padded, ops.ints(0), batch, ops.ints(0));
    Value starts = ops.call("Slice", padded, batch, ops.mul(batch, ops.ints(2)), ops.ints(0));
    Value keys = ops.cast(positions(k), DataType.INT32);
    Value before = ops.less(keys, ops.unsqueeze(ends, 1));
    Value after = ops.not(ops.less(keys, ops.unsqueeze(starts, 1)));
    return ops.unsqueeze(ops.and(before, after), 1, 2);
  }

  private Value positions(Value byHeads) {
    Value length = ops.squeeze(ops.shape(byHeads, 2, 3), 0);
    return ops.range(ops.scalar(DataType.INT64, 0), length, ops.scalar(DataType.INT64, 1));
  }

  /** Whether a key lies behind a query; the last query is as late as the last key. */
  private Value future(Value q, Value k) {
    Value past = ops.sub(ops.shape(k, 2, 3), ops.shape(q, 2, 3));
    Value queries = ops.unsqueeze(ops.add(positions(q), past), 1);
    return ops.greater(positions(k), queries);
  }
}

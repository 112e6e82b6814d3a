package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * ONNX's own {@code Attention} (opset 23 on). Queries, keys and values are [batch, heads, length,
 * size] inside; several heads of queries may share one of keys and values (arXiv:2305.13245).
 */
final class StandardAttention {
  static final Map<String, StandardForm> FORMS = Map.of("Attention", StandardAttention::attention);

  private final Upgrade u;
  private final Ops ops;

  private StandardAttention(Upgrade u, Ops ops) {
    this.u = u;
    this.ops = ops;
  }

  /** The node's inputs are queries, keys, values, a mask, and the past of keys and of values. */
  private static List<Value> attention(Upgrade u, Ops ops) {
    if (u.node().input(6).isPresent()) {
      throw u.refuse("its keys are padded (nonpad_kv_seqlen)");
    }
    return new StandardAttention(u, ops).run();
  }

  private List<Value> run() {
    boolean packed = u.rank(u.x()) == 3;
    Value q = byHeads(u.x(), "q_num_heads");
    Value k = withPast(byHeads(u.input(1), "kv_num_heads"), 4);
    Value v = withPast(byHeads(u.input(2), "kv_num_heads"), 5);
    long queries = packed ? u.node().intAttribute("q_num_heads", 0) : u.knownDim(u.x(), 1);
    long shared = packed ? u.node().intAttribute("kv_num_heads", 0) : u.knownDim(u.input(1), 1);
    Value scores = ops.matMul(scaled(q), ops.transpose(repeated(k, queries, shared), 0, 1, 3, 2));
    List<Value> terms = new ArrayList<>(List.of(scores));
    masks(q, k).forEach(terms::add);
    Value weights = ops.call("Softmax", Map.of("axis", Attribute.of(-1)), ops.sum(terms));
    Value y = ops.matMul(weights, repeated(v, queries, shared));
    List<Value> results = new ArrayList<>();
    results.add(packed ? ops.reshape(ops.transpose(y, 0, 2, 1, 3), 0, 0, -1) : y);
    results.add(k);
    results.add(v);
    return results;
  }

  private Value byHeads(Value value, String heads) {
    return u.rank(value) == 4
        ? value
        : ops.transpose(ops.reshape(value, 0, 0, u.node().intAttribute(heads, 1), -1), 0, 2, 1, 3);
  }

  private Value withPast(Value value, int past) {
    return u.node().input(past).map(p -> ops.concat(2, List.of(p, value))).orElse(value);
  }

  /** Each head as often as it has queries. */
  private Value repeated(Value value, long queries, long shared) {
    if (queries == shared) {
      return value;
    }
    Value batch = ops.shape(value, 0, 1);
    Value rest = ops.shape(value, 2, 4);
    Value times = ops.ints(shared, queries / shared);
    Value wide = ops.expand(ops.unsqueeze(value, 2), ops.concat(0, List.of(batch, times, rest)));
    return ops.reshape(wide, ops.concat(0, List.of(batch, ops.ints(queries), rest)));
  }

  private Value scaled(Value q) {
    if (u.node().floatAttribute("softcap", 0) != 0) {
      throw u.refuse("it has a softcap");
    }
    if (u.has("scale")) {
      return ops.mul(q, u.number(u.node().floatAttribute("scale", 1)));
    }
    return ops.div(q, ops.sqrt(ops.cast(ops.shape(q, 3, 4), u.dataType(u.x()))));
  }

  /** What is added to the scores. */
  private List<Value> masks(Value q, Value k) {
    Value given = u.node().input(3).orElse(null);
    boolean bool = given != null && u.dataType(given) == DataType.BOOL;
    Value allowed = bool ? given : null;
    if (u.node().intAttribute("is_causal", 0) != 0) {
      Value past = ops.not(future(q, k));
      allowed = allowed == null ? past : ops.and(allowed, past);
    }
    List<Value> masks = new ArrayList<>();
    Optional.ofNullable(allowed)
        .map(yes -> ops.where(yes, u.number(0), u.number(-Float.MAX_VALUE)))
        .ifPresent(masks::add);
    if (given != null && !bool) {
      masks.add(given);
    }
    return masks;
  }

  /** Whether a key lies behind a query; the first query comes after all of the past. */
  private Value future(Value q, Value k) {
    Value queries = ops.unsqueeze(positions(q), 1);
    Value late =
        u.node().input(4).map(past -> ops.add(queries, ops.shape(past, 2, 3))).orElse(queries);
    return ops.greater(positions(k), late);
  }

  private Value positions(Value byHeads) {
    Value length = ops.squeeze(ops.shape(byHeads, 2, 3), 0);
    return ops.range(ops.scalar(DataType.INT64, 0), length, ops.scalar(DataType.INT64, 1));
  }
}

package io.espalier.keras;

import static java.util.Map.entry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An operator of TensorFlow's graphs, as tf.keras 2.0 to 2.3 wrote it down in a {@code
 * TensorFlowOpLayer}: a description of the node, and the operands that are constants by their
 * places. It becomes the call of a function.
 */
final class TensorFlowCall {
  /** What the operands are called after the first; others go by their places. */
  private static final Map<String, List<String>> OPERANDS =
      Map.ofEntries(
          entry("Mean", List.of("x", "axis")),
          entry("Sum", List.of("x", "axis")),
          entry("Max", List.of("x", "axis")),
          entry("Min", List.of("x", "axis")),
          entry("Prod", List.of("x", "axis")),
          entry("Any", List.of("x", "axis")),
          entry("All", List.of("x", "axis")),
          entry("ArgMax", List.of("x", "axis")),
          entry("ArgMin", List.of("x", "axis")),
          entry("Cumsum", List.of("x", "axis")),
          entry("Reshape", List.of("x", "shape")),
          entry("BroadcastTo", List.of("x", "shape")),
          entry("Transpose", List.of("x", "perm")),
          entry("ExpandDims", List.of("x", "axis")),
          entry("Tile", List.of("x", "multiples")),
          entry("Pad", List.of("x", "paddings")),
          entry("PadV2", List.of("x", "paddings", "constant_values")),
          entry("MirrorPad", List.of("x", "paddings")),
          entry("ReverseV2", List.of("x", "axis")),
          entry("GatherV2", List.of("params", "indices", "axis")),
          entry("OneHot", List.of("x", "depth", "on_value", "off_value")),
          entry("Split", List.of("axis", "x")),
          entry("SplitV", List.of("x", "num_or_size_splits", "axis")),
          entry("ClipByValue", List.of("x", "clip_value_min", "clip_value_max")),
          entry("ResizeBilinear", List.of("x", "size")),
          entry("ResizeNearestNeighbor", List.of("x", "size")),
          entry("Select", List.of("condition", "x1", "x2")),
          entry("SelectV2", List.of("condition", "x1", "x2")),
          entry("StridedSlice", List.of("x", "begin", "end", "strides")));

  private static final Map<String, String> ATTRIBUTES =
      Map.of(
          "keep_dims", "keepdims",
          "DstT", "dtype",
          "num_split", "num_or_size_splits");

  private final Json node;
  private final String operator;

  private TensorFlowCall(Json node) {
    this.node = node;
    this.operator = node.text("op");
  }

  /** The function that the layer is, and what it is called with. */
  record Function(String name, Call call) {}

  static Function of(LayerContext layer, Call call) {
    Json said = layer.config().get("node_def");
    TensorFlowCall made =
        new TensorFlowCall(said.isText() ? Json.parse(said.text(), said.where()) : said);
    return new Function(made.operator, made.call(layer, call));
  }

  private Call call(LayerContext layer, Call given) {
    List<Argument> operands = new ArrayList<>(given.refs());
    Map<String, Json> constants =
        new java.util.TreeMap<>(java.util.Comparator.comparingInt(TensorFlowCall::place));
    constants.putAll(
        layer
            .config()
            .find("constants")
            .filter(Json::isObject)
            .map(Json::entries)
            .orElse(Map.of()));
    constants.forEach(
        (place, value) ->
            operands.add(Math.min(place(place), operands.size()), new Argument.Constant(value)));
    Map<String, Argument> named = new LinkedHashMap<>();
    List<Argument> positional = new ArrayList<>();
    List<String> names = OPERANDS.getOrDefault(operator, List.of());
    boolean row =
        operator.startsWith("Concat") || operator.equals("Pack") || operator.equals("AddN");
    if (row) {
      boolean axisLast = operator.equals("ConcatV2");
      int end = operands.size() - (axisLast ? 1 : 0);
      positional.add(new Argument.Many(operands.subList(0, Math.max(end, 0))));
      if (axisLast && end >= 0) {
        named.put("axis", operands.get(end));
      }
    } else {
      for (int i = 0; i < operands.size(); i++) {
        if (i < names.size()) {
          named.put(names.get(i), operands.get(i));
        } else {
          positional.add(operands.get(i));
        }
      }
    }
    attributes().forEach((name, value) -> named.putIfAbsent(name, new Argument.Constant(value)));
    return new Call(positional, named);
  }

  private static int place(String key) {
    return key.matches("\\d{1,4}") ? Integer.parseInt(key) : Integer.MAX_VALUE;
  }

  /** The node's attributes, under the names of the functions' settings. */
  private Map<String, Json> attributes() {
    Map<String, Json> attributes = new LinkedHashMap<>();
    Map<String, Json> said =
        node.find("attr").filter(Json::isObject).map(Json::entries).orElse(Map.of());
    said.forEach(
        (key, value) -> {
          Json found = attribute(value);
          if (found != null) {
            attributes.put(ATTRIBUTES.getOrDefault(key, key), found);
          }
        });
    return attributes;
  }

  private static Json attribute(Json said) {
    for (String kind : List.of("b", "f")) {
      if (said.has(kind)) {
        return said.get(kind);
      }
    }
    if (said.has("i")) {
      return whole(said.get("i"));
    }
    if (said.has("s")) {
      return Json.of(text(said.text("s")));
    }
    if (said.has("type")) {
      return Json.of(typeName(said.get("type")));
    }
    if (said.has("list")) {
      List<Json> items = said.get("list").find("i").map(Json::items).orElse(List.of());
      return Json.of(items.stream().mapToLong(item -> whole(item).integer()).toArray());
    }
    return null;
  }

  /** JSON of protocol buffers has 64-bit integers as texts. */
  private static Json whole(Json said) {
    return said.isText() && said.text().matches("-?\\d{1,10}")
        ? Json.of((double) Long.parseLong(said.text()))
        : said;
  }

  private static String text(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return base64;
    }
  }

  private static String typeName(Json type) {
    String name = type.isText() ? type.text() : "";
    return name.replace("DT_", "").toLowerCase(java.util.Locale.ROOT);
  }
}

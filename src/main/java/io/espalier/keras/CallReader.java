package io.espalier.keras;

import io.espalier.keras.Argument.Constant;
import io.espalier.keras.Argument.Many;
import io.espalier.keras.Argument.Ref;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the calls of layers: {@code inbound_nodes} in the forms of Keras 1 to 3. */
final class CallReader {
  private static final String CONSTANT = "_CONSTANT_VALUE";

  private CallReader() {}

  /** The calls of a layer. */
  static List<Call> calls(Json layer) {
    List<Call> calls = new ArrayList<>();
    for (Json node : layer.find("inbound_nodes").map(Json::items).orElse(List.of())) {
      calls.add(node.isObject() && !node.has("class_name") ? modern(node) : legacy(node));
    }
    return calls;
  }

  /** References to inputs or outputs: one, a list, or anything nested of them. */
  static List<Ref> ports(Json ports) {
    if (isRef(ports)) {
      return List.of(ref(ports));
    }
    List<Ref> refs = new ArrayList<>();
    if (ports.isObject() && !ports.has("class_name")) {
      ports.entries().values().forEach(port -> refs.addAll(ports(port)));
    } else {
      ports.items().forEach(port -> refs.addAll(ports(port)));
    }
    return refs;
  }

  private static Call modern(Json node) {
    List<Argument> positional =
        node.find("args").map(Json::items).orElse(List.of()).stream()
            .map(CallReader::modernArgument)
            .toList();
    Map<String, Argument> named = new LinkedHashMap<>();
    node.find("kwargs")
        .ifPresent(
            kwargs ->
                kwargs.entries().forEach((key, value) -> named.put(key, modernArgument(value))));
    return new Call(positional, named);
  }

  private static Argument modernArgument(Json value) {
    if (value.isObject()) {
      String kind = value.text("class_name", "");
      if (kind.equals("__keras_tensor__")) {
        return ref(value.get("config").get("keras_history"));
      }
      if (kind.equals("__tuple__")) {
        return many(value);
      }
    }
    return value.isList() ? many(value) : new Constant(value);
  }

  private static Many many(Json list) {
    return new Many(list.items().stream().map(CallReader::modernArgument).toList());
  }

  /**
   * One list with an entry for each tensor: layer, call, output and, of Keras 2, named arguments.
   */
  private static Call legacy(Json node) {
    Map<String, Argument> named = new LinkedHashMap<>();
    if (isEntry(node)) {
      return new Call(List.of(entry(node, named)), named);
    }
    List<Argument> positional = new ArrayList<>();
    if (node.isObject()) {
      node.entries().values().forEach(item -> positional.add(entry(item, named)));
    } else {
      node.items().forEach(item -> positional.add(nested(item, named)));
    }
    return positional.size() == 1
        ? new Call(positional, named)
        : new Call(List.of(new Many(positional)), named);
  }

  private static Argument nested(Json item, Map<String, Argument> named) {
    return isEntry(item)
        ? entry(item, named)
        : new Many(item.items().stream().map(inner -> nested(inner, named)).toList());
  }

  private static Argument entry(Json entry, Map<String, Argument> named) {
    List<Json> parts = entry.items();
    if (parts.size() > 3 && parts.get(3).isObject()) {
      parts.get(3).entries().forEach((key, value) -> named.put(key, legacyArgument(value)));
    }
    return legacyRef(entry);
  }

  private static Argument legacyRef(Json entry) {
    List<Json> parts = entry.items();
    return parts.get(0).text().equals(CONSTANT) ? new Constant(parts.get(2)) : ref(entry);
  }

  private static Argument legacyArgument(Json value) {
    if (isEntry(value)) {
      return legacyRef(value);
    }
    boolean holdsRefs =
        value.isList()
            && !value.items().isEmpty()
            && value.items().stream().anyMatch(item -> isEntry(item));
    return holdsRefs
        ? new Many(value.items().stream().map(CallReader::legacyArgument).toList())
        : new Constant(value);
  }

  private static boolean isEntry(Json value) {
    return value.isList()
        && value.items().size() >= 3
        && value.items().get(0).isText()
        && value.items().get(1).isNumber()
        && (value.items().get(2).isNumber() || value.items().get(0).text().equals(CONSTANT));
  }

  private static boolean isRef(Json value) {
    return value.isList()
        && value.items().size() == 3
        && value.items().get(0).isText()
        && value.items().get(1).isNumber();
  }

  private static Ref ref(Json ref) {
    List<Json> parts = ref.items();
    if (parts.size() < 3) {
      throw ref.unexpected("[layer, call, output]");
    }
    return new Ref(parts.get(0).text(), (int) parts.get(1).integer(), (int) parts.get(2).integer());
  }
}

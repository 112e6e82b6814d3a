package io.espalier.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import io.espalier.graph.MalformedModelException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A piece of a configuration. What it is asked for it has, or the answer is a {@link
 * MalformedModelException} that says where the piece is, what was expected and what is there.
 */
final class Json {
  private static final TypeAdapter<JsonElement> READER =
      new com.google.gson.Gson().getAdapter(JsonElement.class);

  private final JsonElement element;
  private final String where;

  private Json(JsonElement element, String where) {
    this.element = element;
    this.where = where;
  }

  /**
   * Reads a text as Python writes it: JSON, and NaN, Infinity and -Infinity, which are taken as
   * numbers.
   *
   * @param where names the text in messages
   */
  static Json parse(String text, String where) {
    JsonReader reader = new JsonReader(new StringReader(quoteNumbers(text)));
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonElement element = READER.read(reader);
      if (reader.peek() != com.google.gson.stream.JsonToken.END_DOCUMENT) {
        throw new MalformedModelException(where + ": expected one JSON value, found more");
      }
      return new Json(element, where);
    } catch (JsonParseException | IllegalStateException | IOException e) {
      throw new MalformedModelException(where + ": expected JSON; " + reason(e), e);
    }
  }

  private static String reason(Exception e) {
    String text = String.valueOf(e.getMessage());
    return text.lines().findFirst().orElse("it cannot be read").replaceFirst("^.*Exception: ", "");
  }

  /** Puts the words that JSON has not into quotes, outside of strings. */
  private static String quoteNumbers(String text) {
    if (!text.contains("NaN") && !text.contains("Infinity")) {
      return text;
    }
    StringBuilder quoted = new StringBuilder(text.length() + 16);
    boolean inString = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (inString && c == '\\' && i + 1 < text.length()) {
        quoted.append(c).append(text.charAt(++i));
        continue;
      }
      inString ^= c == '"';
      String word = inString ? "" : wordAt(text, i);
      if (word.isEmpty()) {
        quoted.append(c);
      } else {
        quoted.append('"').append(word).append('"');
        i += word.length() - 1;
      }
    }
    return quoted.toString();
  }

  private static String wordAt(String text, int at) {
    for (String word : List.of("NaN", "Infinity", "-Infinity")) {
      if (text.startsWith(word, at)) {
        return word;
      }
    }
    return "";
  }

  static Json object() {
    return new Json(new JsonObject(), "");
  }

  /** The same under another name in messages. */
  Json at(String newWhere) {
    return new Json(element, newWhere);
  }

  String where() {
    return where;
  }

  boolean isObject() {
    return element.isJsonObject();
  }

  boolean isList() {
    return element.isJsonArray();
  }

  boolean isText() {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
  }

  boolean isNumber() {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber();
  }

  boolean isFlag() {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isBoolean();
  }

  boolean isNull() {
    return element.isJsonNull();
  }

  /** Whether there is something under {@code key} that is not null. */
  boolean has(String key) {
    return find(key).isPresent();
  }

  /** What is under {@code key}; absent if there is nothing, null, or no object to look into. */
  Optional<Json> find(String key) {
    if (!isObject()) {
      return Optional.empty();
    }
    JsonElement found = element.getAsJsonObject().get(key);
    return found == null || found.isJsonNull()
        ? Optional.empty()
        : Optional.of(new Json(found, where + ", '" + key + "'"));
  }

  Json get(String key) {
    return find(key)
        .orElseThrow(
            () -> new MalformedModelException(where + ": expected '" + key + "', found none"));
  }

  /** The first of the keys that is there. */
  Optional<Json> first(String... keys) {
    for (String key : keys) {
      if (has(key)) {
        return find(key);
      }
    }
    return Optional.empty();
  }

  String text() {
    if (!isText()) {
      throw unexpected("a text");
    }
    return element.getAsString();
  }

  String text(String key) {
    return get(key).text();
  }

  String text(String key, String absent) {
    return find(key).map(Json::text).orElse(absent);
  }

  boolean flag() {
    if (element instanceof JsonPrimitive primitive) {
      if (primitive.isBoolean()) {
        return primitive.getAsBoolean();
      }
      if (primitive.isNumber()) {
        return primitive.getAsDouble() != 0;
      }
    }
    throw unexpected("true or false");
  }

  boolean flag(String key, boolean absent) {
    return find(key).map(Json::flag).orElse(absent);
  }

  double number() {
    if (element instanceof JsonPrimitive primitive) {
      if (primitive.isNumber()) {
        return primitive.getAsDouble();
      }
      switch (primitive.getAsString()) {
        case "NaN":
          return Double.NaN;
        case "Infinity":
          return Double.POSITIVE_INFINITY;
        case "-Infinity":
          return Double.NEGATIVE_INFINITY;
        default:
      }
    }
    // Keras 2 wrote numpy's numbers as {"type": "ndarray", "value": 0.1}, Keras 3 in a "config"
    if (isObject()) {
      return first("value", "config").map(Json::number).orElseThrow(() -> unexpected("a number"));
    }
    throw unexpected("a number");
  }

  /** The number that this is, or that it wraps; absent if there is none. */
  Optional<Double> asNumber() {
    Json inner = this;
    for (int depth = 0; depth < 3 && inner.isObject(); depth++) {
      inner = inner.first("value", "config").orElse(inner);
    }
    return inner.isNumber() ? Optional.of(inner.number()) : Optional.empty();
  }

  double number(String key) {
    return get(key).number();
  }

  double number(String key, double absent) {
    return find(key).map(Json::number).orElse(absent);
  }

  long integer() {
    double number = number();
    if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
      throw unexpected("an integer");
    }
    return (long) number;
  }

  long integer(String key) {
    return get(key).integer();
  }

  long integer(String key, long absent) {
    return find(key).map(Json::integer).orElse(absent);
  }

  /** The integers of a list; a single number is a list of one. Null stands for -1. */
  long[] integers() {
    if (!isList() && !tuple().isList()) {
      return new long[] {integer()};
    }
    return items().stream().mapToLong(item -> item.isNull() ? -1 : item.integer()).toArray();
  }

  long[] integers(String key) {
    return get(key).integers();
  }

  /** What a list holds, nulls included; also of a tuple, as Keras 2 and 3 wrap them. */
  List<Json> items() {
    JsonElement list = tuple().element;
    if (!list.isJsonArray()) {
      throw unexpected("a list");
    }
    List<Json> items = new ArrayList<>();
    JsonArray array = list.getAsJsonArray();
    for (int i = 0; i < array.size(); i++) {
      items.add(new Json(array.get(i), where + "[" + i + "]"));
    }
    return items;
  }

  List<Json> items(String key) {
    return get(key).items();
  }

  private Json tuple() {
    String kind =
        isObject() ? find("class_name").filter(Json::isText).map(Json::text).orElse("") : "";
    return switch (kind) {
      case "__tuple__", "TensorShape" -> first("items", "config").orElse(this);
      default -> this;
    };
  }

  /** What an object holds, by key. */
  Map<String, Json> entries() {
    if (!isObject()) {
      throw unexpected("an object");
    }
    Map<String, Json> entries = new LinkedHashMap<>();
    element
        .getAsJsonObject()
        .entrySet()
        .forEach(
            entry ->
                entries.put(
                    entry.getKey(),
                    new Json(entry.getValue(), where + ", '" + entry.getKey() + "'")));
    return entries;
  }

  /** An object with one entry more, or another one in its place. */
  Json with(String key, Json value) {
    JsonObject copy = new JsonObject();
    entries().forEach((name, entry) -> copy.add(name, entry.element));
    copy.add(key, value.element);
    return new Json(copy, where);
  }

  static Json of(String text) {
    return new Json(new JsonPrimitive(text), "");
  }

  static Json of(boolean flag) {
    return new Json(new JsonPrimitive(flag), "");
  }

  static Json of(double number) {
    return new Json(new JsonPrimitive(number), "");
  }

  static Json of(long... numbers) {
    JsonArray array = new JsonArray();
    for (long number : numbers) {
      array.add(number);
    }
    return new Json(array, "");
  }

  static Json of(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return new Json(array, "");
  }

  static Json list(List<Json> items) {
    JsonArray array = new JsonArray();
    items.forEach(item -> array.add(item.element));
    return new Json(array, "");
  }

  /** An object with these entries, in their order. */
  static Json of(Map<String, Json> entries) {
    JsonObject object = new JsonObject();
    entries.forEach((key, value) -> object.add(key, value.element));
    return new Json(object, "");
  }

  MalformedModelException unexpected(String expected) {
    String found = element.toString();
    return new MalformedModelException(
        "%s: expected %s, got %s"
            .formatted(
                where, expected, found.length() > 60 ? found.substring(0, 60) + "…" : found));
  }

  /** As JSON. */
  @Override
  public String toString() {
    return element.toString();
  }
}

package io.espalier.pipeline;

import io.espalier.yaml.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The entries of one map in a recipe: each is taken once, what is left is not known. */
final class RecipeEntries {
  private final String file;
  private final YamlNode.Entries map;
  private final Map<String, YamlNode> left;
  private final Set<String> asked = new TreeSet<>();

  RecipeEntries(String file, YamlNode.Entries map) {
    this.file = file;
    this.map = map;
    this.left = new LinkedHashMap<>(map.entries());
  }

  /**
   * The entries of a node.
   *
   * @throws UsageException if it is no map
   */
  static RecipeEntries of(String file, YamlNode node, String what) {
    if (node instanceof YamlNode.Entries map) {
      return new RecipeEntries(file, map);
    }
    throw wrong(file, node.line(), what + ": expected a map of keys and values, got " + node);
  }

  Set<String> keys() {
    return map.entries().keySet();
  }

  Optional<YamlNode> take(String key) {
    asked.add(key);
    return Optional.ofNullable(left.remove(key));
  }

  Optional<String> text(String key) {
    return take(key).map(node -> text(key, node));
  }

  String text(String key, YamlNode node) {
    if (node instanceof YamlNode.Text text && !text.isNull()) {
      return text.text();
    }
    throw wrong(node.line(), key, "a value", node);
  }

  boolean flag(String key, boolean absent) {
    return take(key).map(node -> flag(key, node)).orElse(absent);
  }

  boolean flag(String key, YamlNode node) {
    if (node instanceof YamlNode.Text text && !text.isNull()) {
      switch (text.text()) {
        case "true":
          return true;
        case "false":
          return false;
        default: // said below
      }
    }
    throw wrong(node.line(), key, "true or false", node);
  }

  Optional<Double> number(String key) {
    int line = line(key);
    return text(key).map(text -> at(line, () -> RecipeOptions.number(key, text)));
  }

  Optional<Long> whole(String key) {
    return text(key, false).map(numbers -> numbers.get(0));
  }

  /** One whole number, or a list of them. */
  Optional<List<Long>> wholes(String key) {
    return text(key, true);
  }

  private Optional<List<Long>> text(String key, boolean several) {
    int line = line(key);
    return take(key)
        .map(
            node -> {
              List<Long> numbers = new ArrayList<>();
              for (String text : texts(key, node, several)) {
                numbers.add(at(line, () -> RecipeOptions.whole(key, text)));
              }
              return numbers;
            });
  }

  /** The scalars of a list, or the one that stands in place of a list. */
  List<String> texts(String key, YamlNode node, boolean several) {
    if (!several || !(node instanceof YamlNode.Items items)) {
      return List.of(text(key, node));
    }
    return items.items().stream().map(item -> text(key, item)).toList();
  }

  /** Lets a mistake that {@code work} finds name file and line. */
  <T> T at(int line, Supplier<T> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException | UsageException e) {
      if (e.getMessage().startsWith(file + ", line ")) {
        throw e;
      }
      throw wrong(file, line, e.getMessage());
    }
  }

  /** Where the key stands, or else the map. */
  int line(String key) {
    return map.keyLines().getOrDefault(key, map.line());
  }

  int line() {
    return map.line();
  }

  /**
   * Ends the reading.
   *
   * @throws UsageException if there is a key that nobody took
   */
  void requireAllTaken(String what) {
    for (String key : left.keySet()) {
      throw wrong(file, line(key), what + " has no '" + key + "'" + Nearest.hint(key, asked));
    }
  }

  UsageException wrong(int line, String key, String expected, Object got) {
    return wrong(file, line, key + ": expected " + expected + ", got " + got);
  }

  static UsageException wrong(String file, int line, String message) {
    return new UsageException(file + ", line " + line + ": " + message);
  }
}

package io.espalier.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The text form {@code NAME[:KEY=VALUE[,KEY=VALUE]...]}. Settings are asked for one by one; {@link
 * #finish} then refuses those nobody asked for, naming the ones that exist.
 */
final class NamedSettings {
  private final String name;
  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();

  NamedSettings(String text) {
    int colon = text.indexOf(':');
    this.name = (colon < 0 ? text : text.substring(0, colon)).strip();
    if (colon < 0) {
      return;
    }
    for (String pair : text.substring(colon + 1).split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "%s: expected KEY=VALUE, got '%s'".formatted(name, pair.strip()));
      }
      String key = pair.substring(0, equals).strip();
      if (values.put(key, pair.substring(equals + 1).strip()) != null) {
        throw new IllegalArgumentException("%s: '%s' is given twice".formatted(name, key));
      }
    }
  }

  String name() {
    return name;
  }

  /** The settings with a whole number for a key, which {@link #finish} then allows. */
  Map<Integer, Double> numbered() {
    Map<Integer, Double> numbered = new LinkedHashMap<>();
    for (String key : values.keySet()) {
      if (key.matches("[0-9]{1,9}")) {
        numbered.put(Integer.parseInt(key), required(key));
      }
    }
    return numbered;
  }

  String choice(String key, String otherwise, Set<String> choices) {
    known.add(key);
    String value = values.getOrDefault(key, otherwise);
    if (!choices.contains(value)) {
      throw wrong(key, "one of " + new TreeSet<>(choices), value);
    }
    return value;
  }

  double required(String key) {
    known.add(key);
    if (!values.containsKey(key)) {
      throw new IllegalArgumentException(
          "%s: '%s' is required, as in %s:%s=NUMBER".formatted(name, key, name, key));
    }
    return number(key, 0);
  }

  double number(String key, double otherwise) {
    known.add(key);
    String value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    try {
      double number = Double.parseDouble(value);
      if (!Double.isFinite(number)) {
        throw wrong(key, "a number", value);
      }
      return number;
    } catch (NumberFormatException e) {
      throw wrong(key, "a number", value);
    }
  }

  double positive(String key, double otherwise) {
    double number = number(key, otherwise);
    if (!(number > 0)) {
      throw wrong(key, "more than 0", values.get(key));
    }
    return number;
  }

  double atLeastZero(String key, double otherwise) {
    double number = number(key, otherwise);
    if (!(number >= 0)) {
      throw wrong(key, "0 or more", values.get(key));
    }
    return number;
  }

  double belowOne(String key, double otherwise) {
    double number = atLeastZero(key, otherwise);
    if (number >= 1) {
      throw wrong(key, "0 up to but not 1", values.get(key));
    }
    return number;
  }

  int count(String key, int otherwise) {
    known.add(key);
    String value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[0-9]{1,9}") || Integer.parseInt(value) == 0) {
      throw wrong(key, "a whole number from 1 to 999999999", value);
    }
    return Integer.parseInt(value);
  }

  int requiredCount(String key) {
    required(key);
    return count(key, 1);
  }

  IllegalArgumentException wrong(String key, String expected, String got) {
    return new IllegalArgumentException(
        "%s: %s: expected %s, got '%s'".formatted(name, key, expected, got));
  }

  void finish() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown setting '%s'; known are %s".formatted(name, key, known));
      }
    }
  }
}

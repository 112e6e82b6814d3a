package io.espalier.yaml;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of a YAML file; lines count from 1. */
public sealed interface YamlNode {
  int line();

  /**
   * A scalar as it is written, without quotes: {@code 0.92}, {@code true}.
   *
   * @param isNull whether nothing is written, or a plain {@code null} or {@code ~}
   */
  record Text(String text, boolean isNull, int line) implements YamlNode {
    @Override
    public String toString() {
      return isNull ? "nothing" : "'" + text + "'";
    }
  }

  /** A sequence. */
  record Items(List<YamlNode> items, int line) implements YamlNode {
    public Items {
      items = List.copyOf(items);
    }

    @Override
    public String toString() {
      return "a list";
    }
  }

  /**
   * A mapping, in the order of the file.
   *
   * @param keyLines where each key stands
   */
  record Entries(Map<String, YamlNode> entries, Map<String, Integer> keyLines, int line)
      implements YamlNode {
    public Entries {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
      keyLines = Map.copyOf(keyLines);
    }

    @Override
    public String toString() {
      return "a map";
    }
  }
}

package io.espalier.keras;

import java.util.Locale;

/** Keras' way from a class name to a name in a file. */
final class SnakeCase {
  private SnakeCase() {}

  static String of(String className) {
    return className
        .replaceAll("\\W+", "")
        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }
}

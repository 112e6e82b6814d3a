package io.espalier.runtime;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The size that a symbolic dimension's name stands for: a name of its own, or, as exporters write,
 * sums and products of others such as {@code past_sequence_length + 1}.
 */
final class DimExpression {
  private final String text;
  private final Set<String> names = new LinkedHashSet<>();
  private Map<String, Long> sizes = Map.of();
  private int position;

  private DimExpression(String text) {
    this.text = text;
  }

  /** The names in {@code text}; {@code text} itself where it is no expression. */
  static Set<String> names(String text) {
    DimExpression expression = new DimExpression(text);
    return expression.parse().isPresent() && !expression.names.isEmpty()
        ? expression.names
        : Set.of(text);
  }

  /** The value of {@code text}, at least 0; absent where a name in it has no size. */
  static Optional<Long> value(String text, Map<String, Long> sizes) {
    if (sizes.containsKey(text)) {
      return Optional.of(sizes.get(text));
    }
    DimExpression expression = new DimExpression(text);
    expression.sizes = sizes;
    Optional<Long> value = expression.parse();
    return value.filter(v -> sizes.keySet().containsAll(expression.names)).map(v -> Math.max(0, v));
  }

  private Optional<Long> parse() {
    try {
      long value = sum();
      return position == text.length() ? Optional.of(value) : Optional.empty();
    } catch (IllegalStateException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private long sum() {
    long value = product();
    while (true) {
      if (skip('+')) {
        value = Math.addExact(value, product());
      } else if (skip('-')) {
        value = Math.subtractExact(value, product());
      } else {
        return value;
      }
    }
  }

  private long product() {
    long value = factor();
    while (true) {
      if (skip('*')) {
        value = Math.multiplyExact(value, factor());
      } else if (skip('/')) {
        skip('/');
        long divisor = factor();
        value = Math.floorDiv(value, divisor == 0 ? 1 : divisor);
      } else {
        return value;
      }
    }
  }

  private long factor() {
    if (skip('(')) {
      long value = sum();
      if (!skip(')')) {
        throw new IllegalStateException("expected )");
      }
      return value;
    }
    int start = position;
    while (position < text.length() && isWord(text.charAt(position))) {
      position++;
    }
    String word = text.substring(start, position);
    blanks();
    if (word.isEmpty()) {
      throw new IllegalStateException("expected a name or a number");
    }
    if (Character.isDigit(word.charAt(0))) {
      return number(word);
    }
    if (word.equals("floor") && position < text.length() && text.charAt(position) == '(') {
      return factor();
    }
    names.add(word);
    return sizes.getOrDefault(word, 1L);
  }

  private static long number(String word) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new IllegalStateException("expected a number", e);
    }
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == ':' || c == '[' || c == ']';
  }

  private boolean skip(char c) {
    blanks();
    if (position < text.length() && text.charAt(position) == c) {
      position++;
      blanks();
      return true;
    }
    return false;
  }

  private void blanks() {
    while (position < text.length() && text.charAt(position) == ' ') {
      position++;
    }
  }
}

package io.espalier.prune;

import java.util.Collection;

/**
 * A pattern for whole names: {@code *} stands for any characters, dots and slashes too, {@code ?}
 * for one; all others for themselves.
 */
public record Glob(String pattern) {
  /** Whether it matches one of the names. */
  public boolean matchesAny(Collection<String> names) {
    return names.stream().anyMatch(this::matches);
  }

  /** Takes time proportional to both lengths at worst. */
  boolean matches(String name) {
    int at = 0;
    int next = 0;
    int star = -1;
    int resume = 0;
    while (at < name.length()) {
      char wanted = next < pattern.length() ? pattern.charAt(next) : 0;
      if (next < pattern.length() && wanted == '*') {
        star = next++;
        resume = at;
      } else if (next < pattern.length() && (wanted == '?' || wanted == name.charAt(at))) {
        next++;
        at++;
      } else if (star >= 0) {
        next = star + 1;
        at = ++resume;
      } else {
        return false;
      }
    }
    while (next < pattern.length() && pattern.charAt(next) == '*') {
      next++;
    }
    return next == pattern.length();
  }
}

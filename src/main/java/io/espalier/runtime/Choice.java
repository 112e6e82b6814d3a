package io.espalier.runtime;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One way to fill a model's inputs.
 *
 * @param sizes of the free dimensions, by key
 * @param cap largest index that inputs may hold
 * @param style of what is known about nothing
 */
record Choice(Map<String, Long> sizes, long cap, Style style) {
  /** How integers and conditions are filled that nothing is known about. */
  enum Style {
    RANDOM,
    ZEROS,
    ONES
  }

  Choice {
    sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
  }

  static Choice of(Map<String, Long> sizes) {
    return new Choice(sizes, Long.MAX_VALUE, Style.RANDOM);
  }

  Choice with(String key, long size) {
    Map<String, Long> changed = new LinkedHashMap<>(sizes);
    changed.put(key, size);
    return new Choice(changed, cap, style);
  }

  Choice with(Iterable<String> keys, long size) {
    Map<String, Long> changed = new LinkedHashMap<>(sizes);
    keys.forEach(key -> changed.put(key, size));
    return new Choice(changed, cap, style);
  }

  Choice capped(long largest) {
    return new Choice(sizes, largest, style);
  }

  Choice styled(Style other) {
    return new Choice(sizes, cap, other);
  }
}

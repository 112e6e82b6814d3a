package io.espalier.keras;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One call of a layer: its arguments by position and by name. */
record Call(List<Argument> positional, Map<String, Argument> named) {
  Call {
    positional = List.copyOf(positional);
    named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
  }

  /** A call with one argument. */
  static Call of(Argument argument) {
    return new Call(List.of(argument), Map.of());
  }

  /** All references in the arguments. */
  List<Argument.Ref> refs() {
    List<Argument.Ref> refs = new ArrayList<>();
    positional.forEach(argument -> refs.addAll(argument.refs()));
    named.values().forEach(argument -> refs.addAll(argument.refs()));
    return refs;
  }
}

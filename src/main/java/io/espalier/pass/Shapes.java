package io.espalier.pass;

import io.espalier.graph.Dim;
import io.espalier.graph.Types;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.List;
import java.util.OptionalLong;

/** Questions about dimensions that may be unknown. */
final class Shapes {
  private Shapes() {}

  static List<Dim> dims(Types types, Value value) {
    return types
        .dims(value)
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    "value '"
                        + value
                        + "': expected a tensor of known rank, got one of unknown rank"));
  }

  static int rank(Types types, Value value) {
    return dims(types, value).size();
  }

  static OptionalLong size(Dim dim) {
    return dim instanceof Dim.Known known ? OptionalLong.of(known.size()) : OptionalLong.empty();
  }

  static boolean isOne(Dim dim) {
    return dim instanceof Dim.Known known && known.size() == 1;
  }
}

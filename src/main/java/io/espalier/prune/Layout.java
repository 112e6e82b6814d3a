package io.espalier.prune;

import io.espalier.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * How a value that was made of a stored tensor by moving its elements relates to it.
 *
 * @param stored the tensor's shape
 * @param axes for each axis of the value the tensor's axis that it is, or {@link #NEW} for one of
 *     size 1 that was added; absent when the axes are no longer known
 */
record Layout(Shape stored, Optional<List<Integer>> axes) {
  static final int NEW = -1;
  static final int MAX_RANK = 64;

  /** That of the tensor itself. */
  static Layout of(Shape stored) {
    return stored.rank() > MAX_RANK
        ? new Layout(stored, Optional.empty())
        : new Layout(stored, Optional.of(IntStream.range(0, stored.rank()).boxed().toList()));
  }

  /** The same tensor, axes no longer known. */
  Layout lost() {
    return new Layout(stored, Optional.empty());
  }

  Layout with(List<Integer> newAxes) {
    return newAxes.size() > MAX_RANK ? lost() : new Layout(stored, Optional.of(newAxes));
  }

  boolean known() {
    return axes.isPresent();
  }

  /** The value's rank, where it is known. */
  OptionalInt rank() {
    return axes.map(known -> OptionalInt.of(known.size())).orElse(OptionalInt.empty());
  }

  /** The tensor's axis that the value's axis is, where it is known and not new. */
  OptionalInt storedAxis(int axis) {
    if (axes.isEmpty() || axis < 0 || axis >= axes.get().size() || axes.get().get(axis) == NEW) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(axes.get().get(axis));
  }

  /** The sizes of the value's axes; axes must be known. */
  List<Long> dims() {
    return axes.orElseThrow().stream().map(axis -> axis == NEW ? 1 : stored.dim(axis)).toList();
  }

  /**
   * Where the tensor's axes divide when the value's divide before its axis {@code from}: the first
   * axis of the second part. Absent when the axes are not known, or not in the tensor's order.
   */
  OptionalInt storedSplit(int from) {
    if (axes.isEmpty() || from < 0) {
      return OptionalInt.empty();
    }
    List<Integer> known = new ArrayList<>(axes.get());
    int split = stored.rank();
    int before = NEW;
    for (int i = 0; i < known.size(); i++) {
      int axis = known.get(i);
      if (axis == NEW) {
        continue;
      }
      if (axis < before) {
        return OptionalInt.empty();
      }
      before = axis;
      if (i >= from && split == stored.rank()) {
        split = axis;
      }
    }
    return OptionalInt.of(split);
  }
}

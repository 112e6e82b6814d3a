package io.espalier.pass;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The changes of all families. */
final class OperatorChanges {
  /** From this opset on, nodes no longer say which inputs they overwrite. */
  static final long NO_CONSUMED_INPUTS = 6;

  private static final Map<String, List<OperatorChange>> ALL = collect();

  private OperatorChanges() {}

  private static Map<String, List<OperatorChange>> collect() {
    Map<String, List<OperatorChange>> all = new TreeMap<>();
    Stream.of(
            AxesUpgrades.CHANGES,
            ShapeUpgrades.CHANGES,
            ArithmeticUpgrades.CHANGES,
            NormUpgrades.CHANGES,
            ImageUpgrades.CHANGES,
            LegacyUpgrades.CHANGES)
        .flatMap(List::stream)
        .sorted(Comparator.comparingLong(OperatorChange::since))
        .forEach(
            change -> all.computeIfAbsent(change.operator(), key -> new ArrayList<>()).add(change));
    return all;
  }

  /** The first change of an operator after {@code opset}. */
  static Optional<OperatorChange> after(long opset, String operator) {
    return all(operator).filter(change -> change.since() > opset).findFirst();
  }

  private static Stream<OperatorChange> all(String operator) {
    return ALL.getOrDefault(operator, List.of()).stream();
  }

  /** All of them, by operator and opset. */
  static Stream<OperatorChange> all() {
    return ALL.values().stream().flatMap(List::stream);
  }
}

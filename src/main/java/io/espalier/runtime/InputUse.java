package io.espalier.runtime;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a graph does with one of its inputs, as far as that says what values make sense. */
final class InputUse {
  /** A table that the input indexes, which is itself the input {@code table}, along an axis. */
  record TableInput(String table, int axis) {}

  private final Set<Demand> demands = EnumSet.noneOf(Demand.class);
  private final List<TableInput> tables = new ArrayList<>();
  private final Map<Integer, Long> sizes = new HashMap<>();
  private final List<String> words = new ArrayList<>();
  private long limit = Long.MAX_VALUE;
  private boolean pixels;
  private int rank = -1;

  /** The input, or what is made of it, indexes {@code size} entries. */
  void indexes(long size) {
    limit = Math.min(limit, size);
  }

  void indexes(TableInput table) {
    tables.add(table);
  }

  void demands(Demand demand) {
    demands.add(demand);
  }

  /** Weights ask for {@code size} along the input's {@code axis}. */
  void needs(int axis, long size) {
    sizes.putIfAbsent(axis, size);
  }

  /** At least {@code size} entries are read along the input's {@code axis}. */
  void needsAtLeast(int axis, long size) {
    sizes.merge(axis, size, Math::max);
  }

  void ranks(int of) {
    rank = rank < 0 ? of : rank;
  }

  /** The model brings the values from 0 to 255 into its own range. */
  void scalesPixels() {
    pixels = true;
  }

  void knows(List<String> vocabulary) {
    words.addAll(vocabulary);
  }

  Set<Demand> demands() {
    return demands;
  }

  List<TableInput> tables() {
    return tables;
  }

  /** The sizes that weights ask for, by axis. */
  Map<Integer, Long> sizes() {
    return sizes;
  }

  List<String> words() {
    return words;
  }

  /** Indices must stay below this. */
  long limit() {
    return limit;
  }

  boolean pixels() {
    return pixels;
  }

  /** The rank that operators ask for; -1 if none does. */
  int rank() {
    return rank;
  }
}

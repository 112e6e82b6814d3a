package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopSelectionTest {
  /** Keys from a function of the position. */
  private record Given(long count, boolean wide, LongUnaryOperator key) implements Scores {
    static Given of(boolean wide, long... keys) {
      return new Given(keys.length, wide, i -> keys[(int) i]);
    }

    @Override
    public Keys keys(boolean wideKeys, int capacity) {
      if (wideKeys) {
        return new LongKeys(
            (from, length, into) -> {
              for (int i = 0; i < length; i++) {
                into[i] = key.applyAsLong(from + i);
              }
            },
            capacity);
      }
      return new IntKeys(
          new ElementKeys() {
            @Override
            public void ints(long from, int length, int[] into) {
              for (int i = 0; i < length; i++) {
                into[i] = (int) key.applyAsLong(from + i);
              }
            }

            @Override
            public void longs(long from, int length, long[] into, int offset) {
              throw new AssertionError("not asked for");
            }
          },
          capacity);
    }

    @Override
    public boolean magnitudes() {
      return true;
    }

    @Override
    public Mask mask(long[] units) {
      return new Mask(count, units);
    }
  }

  private static List<TopSelection.Selected> select(long keep, List<? extends Scores> scores) {
    List<TopSelection.Selected> result = new ArrayList<>();
    try (Workers workers = new Workers(2)) {
      workers.run(
          () -> result.addAll(TopSelection.keep(keep, List.copyOf(scores), workers)), done -> {});
    }
    return result;
  }

  private static List<long[]> keep(long keep, List<? extends Scores> scores) {
    return select(keep, scores).stream().map(TopSelection.Selected::units).toList();
  }

  @Test
  void countsTheKeysThatAreNotZero() {
    for (boolean wide : new boolean[] {false, true}) {
      Given some = new Given(3_000_000, wide, i -> i % 3);
      Given none = new Given(100, wide, i -> 0);
      for (long keep : new long[] {1, 1_500_000, 2_500_000, 3_000_100}) {
        List<TopSelection.Selected> selected = select(keep, List.of(some, none));
        assertEquals(2_000_000, selected.get(0).positive());
        assertEquals(0, selected.get(1).positive());
      }
    }
  }

  /** Sorts positions by key, greatest first; the sort is stable. */
  private static List<long[]> reference(long keep, List<Given> scores) {
    record Unit(int index, long position, long key) {}
    List<Unit> units = new ArrayList<>();
    List<long[]> result = new ArrayList<>();
    for (int index = 0; index < scores.size(); index++) {
      Given one = scores.get(index);
      result.add(Mask.emptyWords(one.count()));
      for (long i = 0; i < one.count(); i++) {
        units.add(new Unit(index, i, one.key().applyAsLong(i)));
      }
    }
    units.sort(Comparator.comparingLong(Unit::key).reversed());
    units.stream()
        .limit(keep)
        .forEach(
            unit -> Mask.setRange(result.get(unit.index()), unit.position(), unit.position() + 1));
    return result;
  }

  private static void assertSame(List<long[]> expected, List<long[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "scores " + i);
    }
  }

  @Property
  void equalsASortOverSeveralScores(
      @ForAll long seed,
      @ForAll boolean wide,
      @ForAll @IntRange(min = 1, max = 4) int many,
      @ForAll @IntRange(min = 1, max = 2000) int distinct,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    Random random = new Random(seed);
    List<Given> scores =
        IntStream.range(0, many)
            .mapToObj(
                i ->
                    Given.of(
                        wide,
                        LongStream.range(0, 1 + random.nextInt(400))
                            .map(j -> key(random.nextInt(distinct), wide))
                            .toArray()))
            .toList();
    long total = scores.stream().mapToLong(Given::count).sum();
    long keep = Math.max(1, total * percent / 100);
    assertSame(reference(keep, scores), keep(keep, scores));
  }

  /** Spreads small numbers over all bits of a key, so that every digit decides. */
  private static long key(long number, boolean wide) {
    long bits = (number * 0x9e3779b97f4a7c15L) ^ number;
    return wide ? bits >>> 1 : bits >>> 33;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100_000, 900_000, 1_499_999, 1_500_000})
  void equalsASortOverMoreThanOneLoad(int keep) {
    for (boolean wide : new boolean[] {false, true}) {
      List<Given> scores =
          List.of(
              new Given(1_000_003, wide, i -> key(i % 700_001, wide)),
              new Given(500_000, wide, i -> key(i * 3 % 700_001, wide)));
      assertSame(reference(keep, scores), keep(keep, scores));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 64, 2_500_000, 4_999_999})
  void keepsTheFirstOfMillionsOfEqualKeys(long keep) {
    Given equal = new Given(5_000_000, false, i -> 7);
    long[] expected = Mask.emptyWords(equal.count());
    Mask.setRange(expected, 0, keep);
    assertArrayEquals(expected, keep(keep, List.of(equal)).get(0));
  }

  @Test
  void tiesGoToTheFirstAcrossScores() {
    Given few = Given.of(false, 5, 1, 5);
    Given more = Given.of(false, 5, 9, 5);
    List<long[]> kept = keep(3, List.of(few, more));
    assertEquals(0b101, kept.get(0)[0]);
    assertEquals(0b010, kept.get(1)[0]);
  }

  @Test
  void zerosAndTheGreatestKeysAreKeysToo() {
    Given ends = Given.of(false, 0, Integer.MAX_VALUE, 0, Integer.MAX_VALUE);
    assertEquals(0b0010, keep(1, List.of(ends)).get(0)[0]);
    assertEquals(0b1011, keep(3, List.of(ends)).get(0)[0]);
    Given wideEnds = Given.of(true, 0, Long.MAX_VALUE, 0, Long.MAX_VALUE);
    assertEquals(0b0010, keep(1, List.of(wideEnds)).get(0)[0]);
    assertEquals(0b1111, keep(4, List.of(wideEnds)).get(0)[0]);
  }
}

package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MaskTest {
  @Property
  void rangesSetTheirBitsAndNoOthers(
      @ForAll @IntRange(max = 300) int size,
      @ForAll @IntRange(max = 300) int first,
      @ForAll @IntRange(max = 300) int second) {
    int from = Math.min(size, Math.min(first, second));
    int to = Math.min(size, Math.max(first, second));
    long[] words = Mask.emptyWords(size);
    Mask.setRange(words, from, to);
    Mask mask = new Mask(size, words);
    for (int i = 0; i < size; i++) {
      assertEquals(i >= from && i < to, mask.kept(i), "element " + i);
    }
    assertEquals(to - from, mask.countKept());
  }

  @Property
  void keepingAllKeepsAll(@ForAll @IntRange(max = 300) int size) {
    assertEquals(size, Mask.keepingAll(size).countKept());
  }

  @Test
  void wordsHoldTheFirstElementLowest() {
    Mask mask = new Mask(70, new long[] {0b101, 1});
    assertEquals(0b101, mask.word(0));
    assertTrue(mask.kept(2));
    assertFalse(mask.kept(1));
    assertTrue(mask.kept(64));
  }

  @Test
  void hasNoElementsOutside() {
    Mask mask = Mask.keepingAll(3);
    assertThrows(IndexOutOfBoundsException.class, () -> mask.kept(3));
    assertThrows(IndexOutOfBoundsException.class, () -> mask.kept(-1));
  }
}

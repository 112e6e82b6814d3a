package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "conv*, conv1.weight, true",
    "*, /model/layer.0/MatMul, true",
    "/model/*/MatMul, /model/layer.0/attention/MatMul, true",
    "conv?, conv1, true",
    "conv?, conv, false",
    "conv?, conv12, false",
    "conv, conv1, false",
    "Conv*, conv1, false",
    "a.c, abc, false",
    "[ab], a, false",
  })
  void matchesWholeNames(String glob, String name, boolean matches) {
    assertEquals(matches, new Glob(glob).matches(name));
  }

  @Property
  void agreesWithARegularExpression(
      @ForAll @Chars({'a', 'b', '*', '?'}) @StringLength(max = 8) String glob,
      @ForAll @Chars({'a', 'b'}) @StringLength(max = 8) String name) {
    String expression = glob.replace("*", ".*").replace("?", ".");
    assertEquals(Pattern.matches(expression, name), new Glob(glob).matches(name));
  }

  @Test
  void manyStarsTakeNoTime() {
    long start = System.nanoTime();
    new Glob("*a".repeat(40) + "b").matches("a".repeat(10_000));
    assertTrue(System.nanoTime() - start < 5_000_000_000L);
  }
}

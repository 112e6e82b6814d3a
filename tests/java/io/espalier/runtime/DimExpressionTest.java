package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DimExpressionTest {
  @ParameterizedTest
  @CsvSource({
    "past,4",
    "past + now,20",
    "past+1,5",
    "2*(past - 1),6",
    "floor(now/3),5",
    "now // 3 * 2,10",
    "past - now,0"
  })
  void computes(String text, long expected) {
    assertEquals(Optional.of(expected), DimExpression.value(text, Map.of("past", 4L, "now", 16L)));
  }

  @Test
  void takesWhatIsNoExpressionAsAName() {
    assertEquals(Set.of("unk__12"), DimExpression.names("unk__12"));
    assertEquals(Set.of("Some odd name"), DimExpression.names("Some odd name"));
    assertEquals(Set.of("a-"), DimExpression.names("a-"));
    assertEquals(Set.of("past", "now"), DimExpression.names("past + now"));
    assertEquals(Optional.of(3L), DimExpression.value("a-", Map.of("a-", 3L)));
  }

  @Test
  void hasNoValueWithoutTheSizesItNames() {
    assertEquals(Optional.empty(), DimExpression.value("past + now", Map.of("past", 4L)));
  }
}

package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.random.RandomStream;
import io.espalier.train.ValidationSplit.Parts;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationSplitTest {
  private static final RandomStream RANDOM = new RandomStream(1, 2);

  private static Parts split(String text, int samples, int... labels) {
    return ValidationSplit.parse(text).split(samples, labels, RANDOM);
  }

  /** Expected sizes from Keras 3.15's {@code train_validation_split}. */
  @ParameterizedTest
  @CsvSource({"60000, 0.2, 48000", "11, 0.2, 8", "10, 0.1, 9", "7, 0.5, 3", "1000, 0.3, 700"})
  void lastOnesValidateAsInKeras(int samples, String share, int training) {
    Parts parts = split(share, samples);
    assertArrayEquals(IntStream.range(0, training).toArray(), parts.training());
    assertArrayEquals(IntStream.range(training, samples).toArray(), parts.validation());
  }

  @Test
  void randomOnesAreSeededAndOfTheSameNumber() {
    Parts parts = split("0.25:random", 1000);
    assertEquals(250, parts.validation().length);
    assertArrayEquals(parts.validation(), split("0.25:random", 1000).validation());
    assertFalse(Arrays.equals(parts.validation(), split("0.25", 1000).validation()));
    assertFalse(
        Arrays.equals(
            parts.validation(),
            ValidationSplit.parse("0.25:random")
                .split(1000, null, new RandomStream(2, 2))
                .validation()));
    assertPartition(parts, 1000);
  }

  private static void assertPartition(Parts parts, int samples) {
    int[] all =
        IntStream.concat(Arrays.stream(parts.training()), Arrays.stream(parts.validation()))
            .sorted()
            .toArray();
    assertArrayEquals(IntStream.range(0, samples).toArray(), all);
  }

  @Test
  void stratifiedTakesItsShareOfEveryClass() {
    int[] labels = IntStream.range(0, 1003).map(i -> i < 700 ? 3 : i < 990 ? 1 : 7).toArray();
    Parts parts = split("0.2:stratified", 1003, labels);
    assertPartition(parts, 1003);
    assertEquals(201, parts.validation().length);
    assertEquals(140, Arrays.stream(parts.validation()).filter(i -> labels[i] == 3).count(), 1);
    assertEquals(58, Arrays.stream(parts.validation()).filter(i -> labels[i] == 1).count(), 1);
    assertEquals(3, Arrays.stream(parts.validation()).filter(i -> labels[i] == 7).count(), 1);
    assertTrue(
        parts.validation()[0] < 600 && parts.validation()[100] < 650, "not only the last ones");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1", "0", "-0.1", "NaN", "0.2:first", "0.2:last:x", "20%"})
  void refusesOtherText(String text) {
    assertThrows(IllegalArgumentException.class, () -> ValidationSplit.parse(text));
  }

  @Test
  void refusesEmptyParts() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> split("0.9", 1))
            .getMessage()
            .contains("none to train on"));
    assertThrows(
        IllegalArgumentException.class,
        () -> ValidationSplit.parse("0.5:stratified").split(10, null, RANDOM));
  }

  @Test
  void everyEpochTakesEverySampleOnceInItsOwnOrder() {
    int[] samples = IntStream.range(100, 205).toArray();
    BatchOrder batches = new BatchOrder(samples, 10, RANDOM);
    assertEquals(11, batches.batches());
    int[] first = epoch(batches, 0);
    int[] second = epoch(batches, 1);
    assertFalse(Arrays.equals(first, second));
    assertArrayEquals(first, epoch(new BatchOrder(samples, 10, RANDOM), 0));
    assertArrayEquals(samples, Arrays.stream(second).sorted().toArray());
    assertEquals(5, batches.samples(1, 10).length);
    assertArrayEquals(samples, epoch(new BatchOrder(samples, 10, null), 3));
  }

  private static int[] epoch(BatchOrder batches, int epoch) {
    return IntStream.range(0, batches.batches())
        .boxed()
        .flatMapToInt(i -> Arrays.stream(batches.samples(epoch, i)))
        .toArray();
  }

  @Test
  void fewSamplesAreOneBatchWithANote() {
    BatchOrder batches = new BatchOrder(new int[] {4, 5, 6}, 128, null);
    assertEquals(3, batches.batch());
    assertEquals(1, batches.batches());
    assertTrue(batches.note().orElseThrow().contains("all 3 samples, fewer than the 128"));
    assertTrue(new BatchOrder(new int[] {4, 5, 6}, 3, null).note().isEmpty());
    assertThrows(IllegalArgumentException.class, () -> new BatchOrder(new int[0], 1, null));
    assertThrows(IllegalArgumentException.class, () -> new BatchOrder(new int[1], 0, null));
    assertEquals(new RunLength(2, 11), RunLength.of(2, 105, 10));
    assertEquals(List.of(0, 0, 1), List.of(epochOf(1), epochOf(11), epochOf(12)));
  }

  private static int epochOf(long step) {
    return RunLength.of(2, 105, 10).epochOf(step);
  }
}

package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.prune.Granularity.Block;
import io.espalier.prune.Granularity.Pooling;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BlockScoresTest {
  private static BlockScores scores(Tensor tensor, int split, Criterion criterion, Block block) {
    Weight weight =
        new Weight(
            new TestModel().constant("w", tensor), OptionalInt.empty(), OptionalInt.of(split));
    return new BlockScores(new ElementScores(weight, criterion, 5), block);
  }

  private static double[] pooled(BlockScores scores) {
    Keys keys = scores.keys(true, Keys.CAPACITY);
    double[] result = new double[(int) scores.count()];
    for (int from = 0; from < result.length; from += 100) {
      int length = Math.min(100, result.length - from);
      keys.load(from, length);
      for (int i = 0; i < length; i++) {
        result[from + i] = Double.longBitsToDouble(key(keys, length, i));
      }
    }
    return result;
  }

  /** Finds a key by asking what is greater. */
  private static long key(Keys keys, int length, int index) {
    long low = -1;
    long high = Long.MAX_VALUE - 1;
    long[] words = new long[2];
    while (low + 1 < high) {
      long middle = low + (high - low) / 2;
      keys.markGreater(middle, words, 0);
      if ((words[index >>> 6] >>> index & 1) != 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    assertTrue(index < length);
    return high;
  }

  private static double[] reference(
      double[] elements, int rows, int columns, Criterion criterion, Block block) {
    int across = (columns + block.columns() - 1) / block.columns();
    int down = (rows + block.rows() - 1) / block.rows();
    double[] result = new double[across * down];
    for (int unit = 0; unit < result.length; unit++) {
      double sum = 0;
      double max = 0;
      int count = 0;
      for (int r = unit / across * block.rows(); r < rows; r++) {
        for (int c = unit % across * block.columns(); c < columns; c++) {
          if (r / block.rows() == unit / across && c / block.columns() == unit % across) {
            double score = Math.abs(elements[r * columns + c]);
            score = criterion == Criterion.L2 ? score * score : score;
            sum += score;
            max = Math.max(max, score);
            count++;
          }
        }
      }
      result[unit] = block.pooling() == Pooling.MAX ? max : sum / count;
    }
    return result;
  }

  @Property(tries = 200)
  void poolsWhatIsThere(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll @IntRange(min = 1, max = 12) int columns,
      @ForAll @IntRange(min = 1, max = 14) int height,
      @ForAll @IntRange(min = 1, max = 14) int width,
      @ForAll Pooling pooling,
      @ForAll boolean squares) {
    Random random = new Random(seed);
    Criterion criterion = squares ? Criterion.L2 : Criterion.L1;
    Block block = new Block(height, width, pooling);
    double[] elements =
        IntStream.range(0, rows * columns).mapToDouble(i -> random.nextInt(64) - 32).toArray();
    Tensor tensor = TestModel.tensor(DataType.FLOAT, Shape.of(rows, columns), elements);
    double[] expected = reference(elements, rows, columns, criterion, block);
    double[] actual = pooled(scores(tensor, 1, criterion, block));
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-9 * expected[i], "block " + i);
    }
  }

  @Property
  void masksCoverWholeBlocks(
      @ForAll long units,
      @ForAll @IntRange(min = 1, max = 20) int rows,
      @ForAll @IntRange(min = 1, max = 20) int columns,
      @ForAll @IntRange(min = 3, max = 9) int height,
      @ForAll @IntRange(min = 3, max = 9) int width) {
    Tensor tensor = TestModel.normal(1, rows, columns);
    BlockScores scores = scores(tensor, 1, Criterion.L1, new Block(height, width, Pooling.AVERAGE));
    Mask mask = scores.mask(new long[] {units});
    int across = (columns + width - 1) / width;
    for (int i = 0; i < rows * columns; i++) {
      int unit = i / columns / height * across + i % columns / width;
      assertEquals((units >>> unit & 1) != 0, mask.kept(i), "element " + i);
    }
  }

  @Test
  void poolsRowsLongerThanOneRead() {
    Tensor tensor = TestModel.normal(7, 3, 40_000);
    double[] elements = TestModel.elements(tensor);
    for (Block block :
        new Block[] {new Block(2, 30_000, Pooling.AVERAGE), new Block(3, 1_000, Pooling.MAX)}) {
      double[] expected = reference(elements, 3, 40_000, Criterion.L1, block);
      double[] actual = pooled(scores(tensor, 1, Criterion.L1, block));
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], actual[i], 1e-9, "block " + i);
      }
    }
  }

  @Test
  void aKernelHasARowPerOutputChannel() {
    Tensor kernel = TestModel.normal(7, 6, 2, 3, 3);
    BlockScores scores = scores(kernel, 1, Criterion.L1, new Block(1, 18, Pooling.AVERAGE));
    assertEquals(6, scores.count());
  }
}

package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.network.Fans;
import io.espalier.network.Initializer;
import io.espalier.prune.Mask;
import io.espalier.random.RandomStream;
import io.espalier.train.Checkpoint.Saved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final Identity IDENTITY =
      new Identity(Map.of("the model", "abc", "--lr", "0.001"));

  @TempDir Path folder;

  private static Checkpoint checkpoint(int size) {
    float[] weights = new float[size];
    long[] words = new long[(size + 63) / 64];
    Random random = new Random(1);
    for (int i = 0; i < size; i++) {
      weights[i] = Float.intBitsToFloat(random.nextInt());
      words[i / 64] |= (long) random.nextInt(2) << i;
    }
    Map<String, Saved> parameters = new LinkedHashMap<>();
    float[] second = {1, 2, 3};
    parameters.put(
        "wé", new Saved(weights, new float[][] {weights.clone(), Arrays.copyOf(second, size)}));
    parameters.put("b", new Saved(new float[] {-0f, Float.NaN}, new float[0][]));
    return new Checkpoint(
        IDENTITY,
        false,
        1L << 40,
        parameters,
        Map.of("running_mean", new byte[] {1, 2, 3}),
        List.of(Mask.of(size, words), Mask.keepingAll(64)),
        Optional.of(new Checkpoint.Best(List.of(new float[] {7}), List.of(new byte[] {5}))),
        new EarlyStopping.State(4, 1, 2, 0.1, -1),
        new EpochSoFar(new RunningMean(0.1, 64), 12, 0.5),
        List.of(
            new Epoch(
                0,
                1.5,
                OptionalDouble.of(0.25),
                OptionalDouble.of(Double.NaN),
                OptionalDouble.empty(),
                0.3,
                0.01,
                2)));
  }

  @Test
  void everythingComesBack() throws IOException {
    Checkpoint written = checkpoint(600_001);
    Path into = folder.resolve("new/folder");
    written.write(into);
    Checkpoint read = Checkpoint.read(into);
    assertEquals(written.identity(), read.identity());
    assertEquals(written.step(), read.step());
    assertEquals(List.of("wé", "b"), List.copyOf(read.parameters().keySet()));
    Saved w = read.parameters().get("wé");
    Saved original = written.parameters().get("wé");
    assertBits(original.weights(), w.weights());
    assertBits(original.moments()[1], w.moments()[1]);
    assertBits(new float[] {-0f, Float.NaN}, read.parameters().get("b").weights());
    assertArrayEquals(new byte[] {1, 2, 3}, read.statistics().get("running_mean"));
    assertSame(written.masks().get(0), read.masks().get(0));
    assertSame(written.masks().get(1), read.masks().get(1));
    assertArrayEquals(new float[] {7}, read.best().orElseThrow().weights().get(0));
    assertArrayEquals(new byte[] {5}, read.best().orElseThrow().statistics().get(0));
    assertEquals(written.stopping(), read.stopping());
    assertEquals(0.1, read.epoch().loss().sum());
    assertEquals(64, read.epoch().loss().weight());
    assertEquals(12, read.epoch().right());
    assertEquals(0.5, read.epoch().seconds());
    assertEquals(written.history(), read.history());
    try (var files = Files.list(into)) {
      assertEquals(List.of(into.resolve(Checkpoint.FILE)), files.toList());
    }
  }

  private static void assertSame(Mask expected, Mask actual) {
    assertEquals(expected.size(), actual.size());
    for (int word = 0; (long) word << 6 < expected.size(); word++) {
      assertEquals(expected.word(word), actual.word(word));
    }
  }

  private static void assertBits(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]));
    }
  }

  @Test
  void aFailedWriteLeavesTheOldOne() throws IOException {
    checkpoint(10).write(folder);
    Map<String, Saved> broken = new LinkedHashMap<>(checkpoint(10).parameters());
    broken.put("broken", new Saved(null, new float[0][]));
    Checkpoint bad =
        new Checkpoint(
            IDENTITY,
            false,
            2,
            broken,
            Map.of(),
            List.of(),
            Optional.empty(),
            checkpoint(1).stopping(),
            EpochSoFar.none(),
            List.of());
    assertThrows(NullPointerException.class, () -> bad.write(folder));
    assertEquals(1L << 40, Checkpoint.read(folder).step());
    checkpoint(20).write(folder);
    assertEquals(20, Checkpoint.read(folder).parameters().get("wé").weights().length);
  }

  @Test
  void refusesOtherRunsByName() {
    Checkpoint checkpoint = checkpoint(1);
    checkpoint.requireSame(IDENTITY, folder);
    assertRefused(checkpoint, Map.of("the model", "abd", "--lr", "0.001"), "the model differ");
    assertRefused(
        checkpoint, Map.of("the model", "abc", "--lr", "0.1"), "--lr was 0.001 and is 0.1");
    assertRefused(checkpoint, Map.of("the model", "abc"), "--lr was 0.001 and is not given");
    assertThrows(IOException.class, () -> Checkpoint.read(folder));
  }

  private void assertRefused(Checkpoint checkpoint, Map<String, String> other, String words) {
    Identity identity = new Identity(other);
    String message =
        assertThrows(ModelException.class, () -> checkpoint.requireSame(identity, folder))
            .getMessage();
    assertTrue(message.contains(words), message);
  }

  @Test
  void everyDamageIsFound() throws IOException {
    checkpoint(70).write(folder);
    Path file = folder.resolve(Checkpoint.FILE);
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length += 17) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThrows(MalformedModelException.class, () -> Checkpoint.read(folder));
    }
    Files.write(file, Arrays.copyOf(good, good.length + 1));
    assertThrows(MalformedModelException.class, () -> Checkpoint.read(folder));
    for (int at = 0; at < good.length; at += 5) {
      byte[] bad = good.clone();
      bad[at] ^= 0x10;
      Files.write(file, bad);
      assertThrows(MalformedModelException.class, () -> Checkpoint.read(folder), "byte " + at);
    }
  }

  /**
   * Damage under a hash that is right: only our own exceptions, and no allocation beyond reason.
   */
  @Test
  void hostileFilesAreRefusedOrHarmless() throws Exception {
    checkpoint(70).write(folder);
    Path file = folder.resolve(Checkpoint.FILE);
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(4);
    int refused = 0;
    for (int trial = 0; trial < 600; trial++) {
      byte[] bad = good.clone();
      int at = random.nextInt(good.length - 32) & ~7;
      for (int i = at; i < Math.min(at + 8, good.length - 32); i++) {
        bad[i] = (byte) (trial % 3 == 0 ? 0xff : trial % 3 == 1 ? 0x7f : random.nextInt());
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bad, 0, bad.length - 32);
      System.arraycopy(digest.digest(), 0, bad, bad.length - 32, 32);
      Files.write(file, bad);
      try {
        Checkpoint.read(folder);
      } catch (MalformedModelException e) {
        refused++;
      }
    }
    assertTrue(refused > 60, "refused " + refused);
  }

  /** Steps of a toy run that has everything: shuffling, masks, pruning, a schedule, momentum. */
  private static final class Run {
    private static final RunLength LENGTH = new RunLength(4, 10);

    private final Adam adam = Adam.decoupled(Dialect.PYTORCH);
    private final float[] gradient = new float[500];
    private final RandomStream noise = RandomStream.named(3, "gradient");
    private final LearningRate rate = LearningRate.parse("onecycle", 0.1, LENGTH);
    private final PruningPlan plan =
        PruningPlan.polynomial(
            0.2, 0.8, 3, new PruningPlan.Steps(3, java.util.OptionalLong.of(30), 5, false), LENGTH);
    private final BatchOrder order =
        new BatchOrder(new RandomStream(9, 1).permutation(0, 100), 10, new RandomStream(3, 2));
    private final Parameter parameter;
    private long step;

    Run() {
      float[] weights =
          Initializer.named("he-normal").draw(RandomStream.named(3, "w"), 500, Fans.inOut(50, 10));
      parameter =
          new Parameter("w", weights, 2, FloatSource.of(gradient), FloatSink.NONE, Treatment.PLAIN);
    }

    Run(Checkpoint from) {
      this();
      parameter.restore(from.parameters().get("w"));
      if (!from.masks().isEmpty()) {
        parameter.prune(from.masks().get(0));
      }
      step = from.step();
    }

    void until(long last) {
      try (Workers workers = new Workers(1)) {
        Update update = new Update(List.of(parameter), adam, Clipping.NONE, workers);
        while (step < last) {
          step++;
          if (plan.updatesAt(step)) {
            prune(plan.targetAt(step));
          }
          noise.normal(step, gradient);
          int epoch = LENGTH.epochOf(step);
          for (int sample : order.samples(epoch, (int) ((step - 1) % 10))) {
            gradient[sample] += 1;
          }
          update.apply(step, rate.at(step, epoch));
        }
      }
    }

    private void prune(double sparsity) {
      float[] sorted = parameter.weights().clone();
      for (int i = 0; i < sorted.length; i++) {
        sorted[i] = Math.abs(sorted[i]);
      }
      Arrays.sort(sorted);
      float threshold = sorted[(int) (sorted.length * sparsity)];
      float[] kept = new float[sorted.length];
      for (int i = 0; i < kept.length; i++) {
        kept[i] = Math.abs(parameter.weights()[i]) >= threshold ? 1 : 0;
      }
      parameter.prune(kept);
    }

    Checkpoint checkpoint() {
      return new Checkpoint(
          IDENTITY,
          false,
          step,
          Map.of("w", parameter.saved()),
          Map.of(),
          masks(),
          Optional.empty(),
          new EarlyStopping.State(0, 0, -1, 0, -1),
          EpochSoFar.none(),
          List.of());
    }

    private List<Mask> masks() {
      if (parameter.mask() == null) {
        return List.of();
      }
      long[] words = new long[8];
      for (int i = 0; i < 500; i++) {
        words[i / 64] |= (long) parameter.mask()[i] << i;
      }
      return List.of(Mask.of(500, words));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 7, 8, 10, 17, 29, 30, 33, 39, 40})
  void aRunStoppedAtAnyStepEndsWithTheSameBits(long stop) throws IOException {
    Run whole = new Run();
    whole.until(40);
    Run first = new Run();
    first.until(stop);
    first.checkpoint().write(folder);
    first.until(stop + 2);
    Run second = new Run(Checkpoint.read(folder));
    second.until(40);
    assertBits(whole.parameter.weights(), second.parameter.weights());
    assertBits(whole.parameter.moments()[1], second.parameter.moments()[1]);
    assertEquals(
        400,
        java.util.stream.IntStream.range(0, 500)
            .filter(i -> whole.parameter.weights()[i] == 0)
            .count());
    assertFalse(Float.isNaN(whole.parameter.weights()[0]));
  }

  @Test
  void parametersRefuseWhatIsNotTheirs() {
    Run run = new Run();
    assertThrows(ModelException.class, () -> run.parameter.restore(null));
    assertThrows(
        ModelException.class,
        () -> run.parameter.restore(new Saved(new float[500], new float[1][500])));
    assertThrows(
        ModelException.class,
        () -> run.parameter.restore(new Saved(new float[499], new float[2][499])));
  }
}

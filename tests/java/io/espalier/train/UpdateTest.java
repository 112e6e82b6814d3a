package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateTest {
  private static final Adam ADAM = Adam.decoupled(Dialect.PYTORCH);

  private static float[] normal(long seed, int n) {
    Random random = new Random(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  private static Parameter parameter(float[] w, float[] g, Optimizer optimizer, Treatment how) {
    return new Parameter("w", w, optimizer.moments(), FloatSource.of(g), FloatSink.NONE, how);
  }

  private static Update.Outcome once(Parameter parameter, Optimizer optimizer, Clipping clipping) {
    try (Workers workers = new Workers(1)) {
      return new Update(List.of(parameter), optimizer, clipping, workers).apply(1, 0.1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void everyNumberOfThreadsGivesTheSameBits(int threads) {
    Clipping clipping = new Clipping.GlobalNorm(0.5, Dialect.PYTORCH);
    List<float[]> one = train(1, clipping);
    List<float[]> many = train(threads, clipping);
    for (int p = 0; p < one.size(); p++) {
      assertArrayEquals(one.get(p), many.get(p), 0f);
    }
  }

  private static List<float[]> train(int threads, Clipping clipping) {
    int[] sizes = {300_001, 3, 65_536, 0, 70_000};
    Treatment treatment = new Treatment(new ElasticNet(1e-3, 1e-3), 1e-3, false, true, 0);
    List<Parameter> parameters = new ArrayList<>();
    for (int p = 0; p < sizes.length; p++) {
      float[] weights = normal(p, sizes[p]);
      parameters.add(parameter(weights, normal(10 + p, sizes[p]), ADAM, treatment));
    }
    List<float[]> results = new ArrayList<>();
    float[] sums = new float[6];
    try (Workers workers = new Workers(threads)) {
      Update update = new Update(parameters, ADAM, clipping, workers);
      for (int step = 1; step <= 3; step++) {
        Update.Outcome outcome = update.apply(step, 1e-2);
        sums[2 * step - 2] = (float) outcome.penalty();
        sums[2 * step - 1] = (float) outcome.gradientNorm();
      }
    }
    parameters.forEach(p -> results.add(p.weights()));
    results.add(sums);
    return results;
  }

  @Test
  void prunedElementsAndTheirMomentsStayExactlyZero() {
    int n = 10_000;
    float[] kept = new float[n];
    for (int i = 0; i < n; i++) {
      kept[i] = i % 3 == 0 ? 1 : 0;
    }
    Treatment treatment = Treatment.PLAIN.withPenalty(new ElasticNet(0.1, 0.1));
    for (Optimizer optimizer :
        List.of(
            ADAM,
            Adam.defaults(Dialect.KERAS),
            Optimizer.named("nesterov", Dialect.KERAS),
            new RmsProp(Dialect.PYTORCH, 0.9, 1e-8, 0.9, true, 0))) {
      Parameter parameter = parameter(normal(1, n), normal(2, n), optimizer, treatment);
      try (Workers workers = new Workers(1)) {
        Update update = new Update(List.of(parameter), optimizer, Clipping.NONE, workers);
        update.apply(1, 0.01);
        parameter.prune(kept);
        for (int step = 2; step < 10; step++) {
          assertZero(parameter.weights(), kept);
          for (float[] moment : parameter.moments()) {
            assertZero(moment, kept);
          }
          update.apply(step, 0.01);
        }
        assertNotEquals(0, parameter.weights()[3]);
      }
    }
  }

  private static void assertZero(float[] x, float[] kept) {
    for (int i = 0; i < x.length; i++) {
      if (kept[i] == 0) {
        assertEquals(0, Float.floatToRawIntBits(x[i]) & 0x7fffffff);
      }
    }
  }

  @Test
  void pruningLeavesPositiveZeros() {
    Parameter parameter =
        parameter(new float[] {-2, 3}, new float[2], Sgd.plain(Dialect.PYTORCH), Treatment.PLAIN);
    parameter.prune(new float[] {0, 1});
    assertEquals(0, Float.floatToRawIntBits(parameter.weights()[0]));
    assertEquals(3, parameter.weights()[1]);
  }

  @Test
  void prunedElementsThatWereSetFromOutsideReturnToZero() {
    Optimizer sgd = Sgd.plain(Dialect.PYTORCH);
    Parameter parameter = parameter(new float[2], new float[2], sgd, Treatment.PLAIN);
    parameter.prune(new float[] {0, 1});
    parameter.weights()[0] = 5;
    parameter.weights()[1] = 5;
    once(parameter, sgd, Clipping.NONE);
    assertArrayEquals(new float[] {0, 5}, parameter.weights());
  }

  @Test
  void prunedElementsDoNotCountInTheNorm() {
    Optimizer sgd = Sgd.plain(Dialect.PYTORCH);
    float[] gradient = {3, 1000, 4};
    Parameter parameter = parameter(new float[3], gradient, sgd, Treatment.PLAIN);
    parameter.prune(new float[] {1, 0, 1});
    Clipping clipping = new Clipping.GlobalNorm(1, Dialect.KERAS);
    assertEquals(5, once(parameter, sgd, clipping).gradientNorm(), 1e-9);
    assertArrayEquals(new float[] {-0.06f, 0, -0.08f}, parameter.weights(), 1e-7f);
  }

  @Test
  void penaltyIsThatBeforeTheStepAndItsGradientIsClipped() {
    Optimizer sgd = Sgd.plain(Dialect.PYTORCH);
    Treatment treatment = Treatment.PLAIN.withPenalty(new ElasticNet(0.5, 2));
    Parameter parameter = parameter(new float[] {3, 0, -1}, new float[3], sgd, treatment);
    Update.Outcome outcome = once(parameter, sgd, new Clipping.Value(1));
    assertEquals(0.5 * 4 + 2 * 10, outcome.penalty(), 1e-6);
    assertArrayEquals(new float[] {2.9f, 0, -0.9f}, parameter.weights(), 1e-6f);
  }

  @Test
  void signOfZeroIsZeroAndOfTheSmallestNumberOne() {
    assertEquals(0, Stretch.sign(0f));
    assertEquals(0, Stretch.sign(-0f), 0f);
    assertEquals(1, Stretch.sign(Float.MIN_VALUE));
    assertEquals(-1, Stretch.sign(-Float.MIN_VALUE));
    assertEquals(-1, Stretch.sign(-Float.MAX_VALUE));
    assertTrue(Float.isNaN(Stretch.sign(Float.NaN)));
  }

  @Test
  void proximalStepReachesZeroWhereTheSubgradientDoesNot() {
    Optimizer sgd = Sgd.plain(Dialect.PYTORCH);
    float[] start = {0.25f, -0.25f, 2, -2};
    Treatment proximal = new Treatment(Penalty.NONE, 3, false, true, 0);
    Parameter parameter = parameter(start.clone(), new float[4], sgd, proximal);
    once(parameter, sgd, Clipping.NONE);
    assertArrayEquals(new float[] {0, 0, 1.7f, -1.7f}, parameter.weights(), 1e-6f);
    Parameter other =
        parameter(
            start.clone(), new float[4], sgd, Treatment.PLAIN.withPenalty(new ElasticNet(3, 0)));
    once(other, sgd, Clipping.NONE);
    assertEquals(-0.05f, other.weights()[0], 1e-6f);
  }

  @Test
  void constraintComesLast() {
    Optimizer sgd = Sgd.plain(Dialect.PYTORCH);
    Treatment treatment = new Treatment(Penalty.NONE, 0, true, true, 0);
    Parameter parameter = parameter(new float[] {1, 1}, new float[] {20, -20}, sgd, treatment);
    once(parameter, sgd, Clipping.NONE);
    assertArrayEquals(new float[] {0, 3}, parameter.weights(), 1e-6f);
  }

  @Test
  void decayIsNotClippedAndSparesWhatDoesNotDecay() {
    Optimizer decaying = new Sgd(Dialect.PYTORCH, 0, false, 1);
    Clipping clipping = new Clipping.GlobalNorm(1e-6, Dialect.KERAS);
    Parameter weight = parameter(new float[] {2}, new float[] {5}, decaying, Treatment.PLAIN);
    once(weight, decaying, clipping);
    assertEquals(1.8f, weight.weights()[0], 1e-6);
    Treatment spared = new Treatment(Penalty.NONE, 0, false, false, 0);
    Parameter bias = parameter(new float[] {2}, new float[] {5}, decaying, spared);
    once(bias, decaying, clipping);
    assertEquals(2f, bias.weights()[0], 1e-6);
  }

  @Test
  void gradientsComeFromBuffersAndWeightsGoToThem() {
    int n = 9_000;
    Optimizer sgd = Sgd.plain(Dialect.PYTORCH);
    FloatBuffer gradient = FloatBuffer.wrap(normal(5, n));
    gradient.position(7);
    FloatBuffer published = FloatBuffer.allocate(n);
    float[] start = normal(6, n);
    Parameter parameter =
        new Parameter(
            "w",
            start.clone(),
            0,
            FloatSource.of(gradient),
            FloatSink.of(published),
            Treatment.PLAIN);
    once(parameter, sgd, Clipping.NONE);
    assertArrayEquals(parameter.weights(), published.array());
    assertEquals(start[8_999] - 0.1f * gradient.get(8_999), published.get(8_999), 1e-6);
  }

  @Test
  void mastersOf16BitWeightsKeepWhatRoundingHides() {
    Optimizer sgd = Sgd.plain(Dialect.PYTORCH);
    ShortBuffer half = ShortBuffer.allocate(1);
    ShortBuffer brain = ShortBuffer.allocate(1);
    float[] gradient = {-0.001f};
    Parameter a =
        new Parameter(
            "a",
            new float[] {1},
            0,
            FloatSource.of(gradient),
            FloatSink.of(half, DataType.FLOAT16),
            Treatment.PLAIN);
    Parameter b =
        new Parameter(
            "b",
            new float[] {1},
            0,
            FloatSource.of(gradient),
            FloatSink.of(brain, DataType.BFLOAT16),
            Treatment.PLAIN);
    try (Workers workers = new Workers(1)) {
      Update update = new Update(List.of(a, b), sgd, Clipping.NONE, workers);
      update.apply(1, 0.1);
      assertEquals(0x3c00, half.get(0), "1.0001 is 1 in float16");
      for (int step = 2; step <= 100; step++) {
        update.apply(step, 0.1);
      }
    }
    assertEquals(0x3c0a, half.get(0), "1.01 to the nearest float16");
    assertEquals(0x3f81, brain.get(0), "1.01 to the nearest bfloat16");
    assertThrows(IllegalArgumentException.class, () -> FloatSink.of(half, DataType.FLOAT));
  }

  @Test
  void centeredRmsPropSurvivesAVarianceRoundedBelowZero() {
    RmsProp centered = new RmsProp(Dialect.PYTORCH, 0.9, 1e-8, 0, true, 0);
    Parameter parameter = parameter(new float[500], normal(8, 500), centered, Treatment.PLAIN);
    try (Workers workers = new Workers(1)) {
      Update update = new Update(List.of(parameter), centered, Clipping.NONE, workers);
      for (int step = 1; step < 300; step++) {
        update.apply(step, 1e-9);
      }
    }
    for (float weight : parameter.weights()) {
      assertTrue(Float.isFinite(weight));
    }
  }

  @Test
  void failuresOfWorkersReachTheCaller() {
    try (Workers workers = new Workers(4)) {
      IllegalStateException failure =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.run(
                      100,
                      piece -> {
                        if (piece == 57) {
                          throw new IllegalStateException("57");
                        }
                      }));
      assertEquals("57", failure.getMessage());
      int[] done = new int[50];
      workers.run(50, piece -> done[piece]++);
      for (int times : done) {
        assertEquals(1, times);
      }
    }
  }

  @Test
  void optimizersHaveTheDefaultsOfTheirDialect() {
    assertEquals(1e-7, ((Adam) Optimizer.named("adam", Dialect.KERAS)).epsilon());
    assertEquals(0.004, Optimizer.named("adamw", Dialect.KERAS).weightDecay());
    assertEquals(0.01, Optimizer.named("adamw", Dialect.PYTORCH).weightDecay());
    assertEquals(0.01, Optimizer.named("sgd", Dialect.KERAS).defaultLearningRate());
    assertEquals(0.01, Optimizer.named("rmsprop", Dialect.PYTORCH).defaultLearningRate());
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Optimizer.named("adm", Dialect.PYTORCH))
            .getMessage()
            .contains("adamw"));
  }
}

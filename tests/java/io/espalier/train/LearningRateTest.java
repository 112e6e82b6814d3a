package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected rates were printed by torch 2.13 and Keras 3.15 schedulers of the same settings. */
class LearningRateTest {
  private static void assertRates(String text, double rate, RunLength run, double... expected) {
    LearningRate schedule = LearningRate.parse(text, rate, run);
    for (int t = 0; t < expected.length; t++) {
      int step = t + 1;
      assertEquals(
          expected[t], schedule.at(step, run.epochOf(step)), 2e-8, () -> text + " at step " + step);
    }
  }

  private static RunLength steps(int count) {
    return new RunLength(1, count);
  }

  private static RunLength epochs(int count) {
    return new RunLength(count, 1);
  }

  @Test
  void cosineIsPyTorchs() {
    assertRates(
        "cosine:min=0.01",
        0.1,
        steps(10),
        0.1,
        0.0977975432,
        0.0914057647,
        0.0814503364,
        0.0689057647,
        0.055,
        0.0410942353,
        0.0285496636,
        0.0185942353,
        0.0122024568,
        0.01,
        0.01);
  }

  @Test
  void warmedUpCosineIsKeras() {
    assertRates(
        "cosine:min=0.01,warmup=4",
        0.1,
        steps(12),
        0.0,
        0.025,
        0.05,
        0.075,
        0.1,
        0.09657458,
        0.08681981,
        0.07222075,
        0.055,
        0.03777924,
        0.02318020,
        0.01342542,
        0.01,
        0.01);
  }

  @Test
  void oneCycleIsPyTorchs() {
    assertRates(
        "onecycle:max=0.5",
        0.1,
        steps(20),
        0.02,
        0.0658359214,
        0.185835921,
        0.334164079,
        0.454164079,
        0.5,
        0.493732003,
        0.475242316,
        0.445458089,
        0.405872827,
        0.358471501,
        0.305631011,
        0.250001,
        0.194370989,
        0.141530499,
        0.094129173,
        0.0545439112,
        0.024759684,
        0.00626999688,
        2e-06,
        2e-06);
    assertRates(
        "onecycle:rise=0.4,anneal=linear,div=10,final-div=100",
        0.5,
        steps(20),
        0.05,
        0.114285714,
        0.178571429,
        0.242857143,
        0.307142857,
        0.371428571,
        0.435714286,
        0.5,
        0.458375,
        0.41675,
        0.375125,
        0.3335,
        0.291875,
        0.25025,
        0.208625,
        0.167,
        0.125375,
        0.08375,
        0.042125,
        0.0005);
  }

  @Test
  void cyclicalOnesArePyTorchs() {
    assertRates(
        "triangular:max=0.5,size=4",
        0.1,
        steps(20),
        0.1,
        0.2,
        0.3,
        0.4,
        0.5,
        0.4,
        0.3,
        0.2,
        0.1,
        0.2);
    assertRates(
        "triangular2:max=0.5,size=4",
        0.1,
        steps(20),
        0.1,
        0.2,
        0.3,
        0.4,
        0.5,
        0.4,
        0.3,
        0.2,
        0.1,
        0.15,
        0.2,
        0.25,
        0.3,
        0.25,
        0.2,
        0.15,
        0.1,
        0.125);
    assertRates(
        "exp_range:max=0.5,size=4,gamma=0.9",
        0.1,
        steps(20),
        0.1,
        0.19,
        0.262,
        0.3187,
        0.36244,
        0.277147,
        0.2062882,
        0.14782969,
        0.1,
        0.138742049);
  }

  @Test
  void polynomialIsPyTorchsAndKeras() {
    assertRates(
        "polynomial:power=2",
        0.1,
        steps(8),
        0.1,
        0.0765625,
        0.05625,
        0.0390625,
        0.025,
        0.0140625,
        0.00625,
        0.0015625,
        0,
        0);
    assertRates(
        "polynomial:end=0.01,power=2,length=8",
        0.1,
        steps(100),
        0.1,
        0.07890625,
        0.060625,
        0.04515625,
        0.0325,
        0.02265625,
        0.015625,
        0.01140625,
        0.01,
        0.01);
  }

  @Test
  void stepsFallAtTheStartOfEpochs() {
    assertRates("step:every=3,rate=0.5", 0.1, epochs(8), 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025);
    RunLength run = new RunLength(30, 4);
    LearningRate tenths = LearningRate.parse("step:every=10", 0.001, run);
    assertEquals(0.001, tenths.at(40, run.epochOf(40)), 1e-12);
    assertEquals(0.0001, tenths.at(41, run.epochOf(41)), 1e-12);
    assertEquals(0.00001, tenths.at(81, run.epochOf(81)), 1e-12);
  }

  @Test
  void dl4jsOthers() {
    assertRates("fixed", 0.1, steps(3), 0.1, 0.1, 0.1);
    assertRates("exponential:gamma=0.9", 0.1, epochs(5), 0.1, 0.09, 0.081, 0.0729, 0.06561);
    assertRates(
        "inverse:gamma=0.5,by=step", 0.1, steps(5), 0.1, 0.0666666667, 0.05, 0.04, 0.0333333333);
    assertRates("map:2=0.5,4=0.25", 0.1, epochs(6), 0.1, 0.1, 0.5, 0.5, 0.25, 0.25);
    assertRates("map:0=0.2,1=0.3,by=step", 0.1, steps(2), 0.2, 0.3);
  }

  @Test
  void warmupIsAFactorWhereEpochsCount() {
    LearningRate rate =
        LearningRate.parse("step:every=2,rate=0.5,warmup=1", 0.4, new RunLength(4, 4));
    assertEquals(0, rate.at(1, 0), 1e-12);
    assertEquals(0.3, rate.at(4, 0), 1e-12);
    assertEquals(0.4, rate.at(5, 1), 1e-12);
    assertEquals(0.2, rate.at(9, 2), 1e-12);
    LearningRate half =
        LearningRate.parse("fixed:warmup=3,warmup-from=0.25", 0.1, new RunLength(1, 4));
    assertEquals(0.025, half.at(1, 0), 1e-12);
    assertEquals(0.05, half.at(2, 0), 1e-12);
    assertEquals(0.1, half.at(4, 0), 1e-12);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "cosin | expected one of fixed, step",
        "cosine:mn=3 | unknown setting 'mn'; known are [by, length, min, warmup, warmup-from]",
        "cosine:min | expected KEY=VALUE, got 'min'",
        "cosine:min=1,min=2 | 'min' is given twice",
        "cosine:min=x | min: expected a number, got 'x'",
        "cosine:min=-1 | min: expected 0 or more",
        "step | 'every' is required",
        "step:every=0 | every: expected a whole number",
        "step:every=1e9 | every: expected a whole number",
        "triangular:size=3 | 'max' is required",
        "exponential:gamma=NaN | gamma: expected a number",
        "onecycle:rise=2 | rise: expected a share",
        "onecycle:by=epoch | by: expected step",
        "map | expected rates",
        "map:1=-2 | 1: expected a rate of 0 or more",
        "fixed:by=week | by: expected one of [epoch, step]",
        "fixed:warmup=40 | warmup: expected less than the run's 40 steps",
      })
  void saysWhatIsWrong(String text, String message) {
    IllegalArgumentException failure =
        assertThrows(
            IllegalArgumentException.class,
            () -> LearningRate.parse(text, 0.1, new RunLength(4, 10)));
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
  }

  @Test
  void everyScheduleIsInTheHelp() {
    for (String name :
        "fixed step exponential inverse map polynomial cosine triangular triangular2 exp_range onecycle"
            .split(" ")) {
      assertTrue(LearningRate.help().lines().anyMatch(line -> line.startsWith(name)), name);
    }
  }
}

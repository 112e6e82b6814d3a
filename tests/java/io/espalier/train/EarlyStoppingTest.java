package io.espalier.train;

import static io.espalier.train.EarlyStopping.Verdict.BEST;
import static io.espalier.train.EarlyStopping.Verdict.GO_ON;
import static io.espalier.train.EarlyStopping.Verdict.STOP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.train.EarlyStopping.Settings;
import io.espalier.train.EarlyStopping.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EarlyStoppingTest {
  private static List<Verdict> verdicts(EarlyStopping stopping, double... values) {
    List<Verdict> verdicts = new ArrayList<>();
    for (int epoch = 0; epoch < values.length; epoch++) {
      verdicts.add(stopping.ended(epoch, values[epoch], true));
      if (verdicts.get(epoch) == STOP) {
        break;
      }
    }
    return verdicts;
  }

  private static EarlyStopping stopping(String text) {
    return new EarlyStopping(Settings.parse(text));
  }

  @Test
  void stopsAfterPatienceEpochsWithoutImprovement() {
    EarlyStopping stopping = stopping("val_loss:3");
    assertEquals(
        List.of(BEST, BEST, GO_ON, GO_ON, STOP), verdicts(stopping, 1, 0.5, 0.6, 0.5, 0.7, 0.1));
    assertEquals(new EarlyStopping.State(5, 3, 1, 0.5, 4), stopping.state());
  }

  @Test
  void improvementStartsTheWaitAnew() {
    EarlyStopping stopping = stopping("val_loss:2");
    assertEquals(List.of(BEST, GO_ON, BEST, GO_ON, STOP), verdicts(stopping, 1, 1, 0.9, 0.9, 0.9));
  }

  @Test
  void equalIsNoImprovementEitherWay() {
    assertEquals(List.of(BEST, STOP), verdicts(stopping("val_loss"), 1, 1, 0));
    assertEquals(List.of(BEST, STOP), verdicts(stopping("val_acc"), 0.5, 0.5, 1));
    assertEquals(List.of(BEST, BEST, STOP), verdicts(stopping("accuracy:0"), 0.5, 0.6, 0.6));
  }

  @Test
  void minDeltaMustBeExceeded() {
    assertEquals(
        List.of(BEST, GO_ON, BEST, GO_ON, STOP),
        verdicts(stopping("val_accuracy:2:0.25"), 0, 0.25, 0.5, 0.75, 0.75));
    assertEquals(
        List.of(BEST, GO_ON, BEST, GO_ON, STOP),
        verdicts(stopping("loss:2:0.5"), 2, 1.5, 1.25, 1, 0.75));
  }

  @Test
  void neverStopsAfterTheFirstEpochButFindsItBest() {
    EarlyStopping stopping = stopping("val_loss:0");
    assertEquals(BEST, stopping.ended(0, Double.NaN, true));
    assertEquals(0, stopping.state().bestEpoch());
    assertEquals(STOP, stopping.ended(1, 0.5, true), "nothing improves on NaN, as in Keras");
  }

  @Test
  void nanIsNoImprovement() {
    assertEquals(List.of(BEST, GO_ON, BEST), verdicts(stopping("val_loss:2"), 1, Double.NaN, 0.5));
  }

  @Test
  void epochsThatDoNotCountAreNeitherBestNorWaitedFor() {
    EarlyStopping stopping = stopping("val_accuracy:1");
    assertEquals(GO_ON, stopping.ended(0, 0.99, false));
    assertEquals(GO_ON, stopping.ended(1, 0.98, false));
    assertEquals(GO_ON, stopping.ended(2, 0.97, false));
    assertEquals(BEST, stopping.ended(3, 0.5, true));
    assertEquals(BEST, stopping.ended(4, 0.6, true));
    assertEquals(STOP, stopping.ended(5, 0.6, true));
    assertEquals(4, stopping.state().bestEpoch());
    assertEquals(6, stopping.state().run());
  }

  @Test
  void bestIsKnownWithoutStopping() {
    EarlyStopping stopping = new EarlyStopping(Settings.BEST_ONLY);
    verdicts(stopping, 3, 1, 2, 5, 6, 7);
    assertEquals(new EarlyStopping.State(6, 4, 1, 1, -1), stopping.state());
  }

  @Test
  void goesOnFromAState() {
    EarlyStopping first = stopping("val_loss:2");
    first.ended(0, 1, true);
    first.ended(1, 2, true);
    EarlyStopping second = new EarlyStopping(first.settings(), first.state());
    assertEquals(STOP, second.ended(2, 1.5, true));
  }

  /** Where DL4J's condition decides the same question, it decides the same. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5})
  void agreesWithDl4jWithoutMinDelta(int patience) {
    Random random = new Random(patience);
    for (int trial = 0; trial < 200; trial++) {
      var theirs = new ScoreImprovementEpochTerminationCondition(patience);
      theirs.initialize();
      EarlyStopping ours = stopping("val_loss:" + patience);
      for (int epoch = 0; epoch < 30; epoch++) {
        double loss = random.nextInt(20);
        boolean stopped = ours.ended(epoch, loss, true) == STOP;
        assertEquals(theirs.terminate(epoch, loss, true), stopped);
        assertEquals(theirs.getBestEpoch(), ours.state().bestEpoch());
        if (stopped) {
          break;
        }
      }
    }
  }

  @Test
  void parsesNamesAndSaysWhatIsWrong() {
    assertEquals(new Settings(Monitor.VAL_ACCURACY, 5, 0.001), Settings.parse("val_acc:5:0.001"));
    assertEquals(new Settings(Monitor.VAL_LOSS, 0, 0), Settings.parse("val_loss"));
    assertTrue(Monitor.of("val_loss").validates());
    for (String wrong :
        List.of("val", "", "val_loss:x", "val_loss:3:y", "loss:1:2:3", "loss:-1", "loss:1:-1")) {
      assertThrows(IllegalArgumentException.class, () -> Settings.parse(wrong), wrong);
    }
  }
}

package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Codebooks for each channel of a weight. */
class SharedValuesTest {
  private static WeightSharing sharing(Codebook.Start start) {
    return new WeightSharing(5, WeightSharing.Per.CHANNEL, start, OptionalInt.empty());
  }

  /** Channels lie along the middle axis of 3x4x10. */
  @ParameterizedTest
  @EnumSource
  void eachChannelHasTheValuesThatItWouldHaveAlone(Codebook.Start start) {
    Random random = new Random(1);
    float[] weights = new float[120];
    float[][] channels = new float[4][30];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % 3 == 0 ? 0 : (float) random.nextGaussian();
      channels[i / 10 % 4][i / 40 * 10 + i % 10] = weights[i];
    }
    float[] shared = weights.clone();
    SharedValues values = SharedValues.fit(weights, 4, 10, sharing(start), 9);
    values.apply(shared, values.codes(weights));
    for (int channel = 0; channel < 4; channel++) {
      float[] alone = channels[channel].clone();
      Codebook codebook = Codebook.fit(alone, 5, start, 9 + channel);
      codebook.apply(alone, codebook.codes(channels[channel]));
      for (int i = 0; i < 30; i++) {
        assertEquals(alone[i], shared[i / 10 * 40 + channel * 10 + i % 10]);
      }
    }
  }

  /**
   * One step of descent moves a shared value by the sum of the gradients of those that share it.
   */
  @Test
  void gradientsAreSummedInEachChannel() {
    float[] weights = {1, 1, 0, 2, 1, 2, 2, 1};
    SharedValues one = SharedValues.fit(weights, 1, 8, sharing(Codebook.Start.LINEAR), 0);
    short[] codes = one.codes(weights);
    assertArrayEquals(new short[] {1, 1, 0, 2, 1, 2, 2, 1}, codes);
    float[] gradients = {0.5f, 0.25f, 9, -1, 2, 4, 8, 16};
    one.sum(gradients, codes);
    assertArrayEquals(new float[] {18.75f, 18.75f, 0, 11, 18.75f, 11, 11, 18.75f}, gradients);
    gradients = new float[] {0.5f, 0.25f, 9, -1, 2, 4, 8, 16};
    SharedValues two = SharedValues.fit(weights, 2, 2, sharing(Codebook.Start.LINEAR), 0);
    two.sum(gradients, two.codes(weights));
    assertArrayEquals(new float[] {2.75f, 2.75f, 0, 7, 2.75f, 4, 7, 16}, gradients);
  }
}

package io.espalier.train;

import io.espalier.pass.TrainingInputs;
import io.espalier.random.RandomStream;
import io.espalier.runtime.HostTensor;

/** Draws the mask of one Dropout: a function of seed, the mask's name and the step. */
final class DropoutMask {
  private final TrainingInputs.Mask mask;
  private final RandomStream random;

  DropoutMask(TrainingInputs.Mask mask, long seed) {
    this.mask = mask;
    this.random = RandomStream.named(seed, "dropout " + mask.input().name());
  }

  String name() {
    return mask.input().name();
  }

  HostTensor room(int batch) {
    return Rooms.of(mask.input(), batch);
  }

  void draw(long step, HostTensor into) {
    random.dropout(step, mask.rate(), into.floats());
  }
}

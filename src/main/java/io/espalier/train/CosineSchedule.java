package io.espalier.train;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Half a cosine from one rate to another, then constant: {@code end + (initial − end)(1 + cos(π
 * t/length))/2} (Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts). PyTorch's {@code
 * CosineAnnealingLR} up to its length, Keras' {@code CosineDecay}.
 */
record CosineSchedule(ScheduleType by, double initial, double end, int length)
    implements ISchedule {
  private static final long serialVersionUID = 1;

  @Override
  public double valueAt(int iteration, int epoch) {
    double share = Math.min(1, (double) (by == ScheduleType.EPOCH ? epoch : iteration) / length);
    return end + (initial - end) * (1 + Math.cos(Math.PI * share)) / 2;
  }

  @Override
  public ISchedule clone() {
    return this;
  }
}

package io.espalier.train;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * From one rate to another along a power of the remaining share of the length, then constant:
 * {@code (initial − end)(1 − t/length)^power + end}. PyTorch's {@code PolynomialLR} (end 0), Keras'
 * {@code PolynomialDecay} without cycle. DL4J's own {@code PolySchedule} computes (1 + t/length)
 * instead.
 */
record PolynomialSchedule(ScheduleType by, double initial, double end, double power, int length)
    implements ISchedule {
  private static final long serialVersionUID = 1;

  @Override
  public double valueAt(int iteration, int epoch) {
    double share = Math.min(1, (double) (by == ScheduleType.EPOCH ? epoch : iteration) / length);
    return (initial - end) * Math.pow(1 - share, power) + end;
  }

  @Override
  public ISchedule clone() {
    return this;
  }
}

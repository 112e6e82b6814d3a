package io.espalier.train;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Up and down between two rates along straight lines of {@code size} each (Smith 2017,
 * arXiv:1506.01186); PyTorch's {@code CyclicLR}. DL4J's own {@code CycleSchedule} is another thing.
 *
 * @param gamma factor per unit of time on the height, 1 except for exp_range
 * @param halving whether every cycle is half as high as the one before: triangular2
 */
record CyclicalSchedule(
    ScheduleType by, double base, double max, int size, double gamma, boolean halving)
    implements ISchedule {
  private static final long serialVersionUID = 1;

  @Override
  public double valueAt(int iteration, int epoch) {
    int time = by == ScheduleType.EPOCH ? epoch : iteration;
    long cycle = time / (2L * size);
    double position = (double) (time - 2 * cycle * size) / size;
    double height = (max - base) * (1 - Math.abs(position - 1));
    return base + height * (halving ? Math.pow(0.5, cycle) : Math.pow(gamma, time));
  }

  @Override
  public ISchedule clone() {
    return this;
  }
}

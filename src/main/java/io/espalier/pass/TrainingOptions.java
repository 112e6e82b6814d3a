package io.espalier.pass;

import io.espalier.graph.Value;
import java.util.function.Predicate;

/**
 * How a training graph is derived.
 *
 * @param training whether Dropout drops and BatchNormalization takes the statistics of the batch;
 *     if not, the graph evaluates: the same inputs, but for the masks
 * @param batchStatistics whether BatchNormalization takes part in that; if not, its statistics are
 *     those of the model and stay
 * @param trains whether a parameter trains, by the value of the imported model that holds it
 */
public record TrainingOptions(
    LossOptions loss, boolean training, boolean batchStatistics, Predicate<Value> trains) {

  /** A graph that trains everything. */
  public static TrainingOptions training(LossOptions loss) {
    return new TrainingOptions(loss, true, true, value -> true);
  }

  /** The same for a look at the loss: nothing is random, statistics are the model's. */
  public TrainingOptions evaluating() {
    return new TrainingOptions(loss, false, batchStatistics, trains);
  }

  /** Only parameters that pass the test train. */
  public TrainingOptions training(Predicate<Value> test) {
    return new TrainingOptions(loss, training, batchStatistics, test);
  }

  public TrainingOptions withBatchStatistics(boolean on) {
    return new TrainingOptions(loss, training, on, trains);
  }
}

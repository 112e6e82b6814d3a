package io.espalier.pass;

import io.espalier.graph.Value;
import java.util.function.Predicate;

/**
 * How a training graph is derived.
 *
 * @param training whether Dropout drops and BatchNormalization takes the statistics of the batch;
 *     if not, the graph evaluates: the same inputs, but for the masks
 * @param follows whether a running statistic of BatchNormalization takes part in that, by the value
 *     of the imported model that holds its mean; if not, the model's are used and stay
 * @param trains whether a parameter trains, by the value of the imported model that holds it
 */
public record TrainingOptions(
    LossOptions loss, boolean training, Predicate<Value> follows, Predicate<Value> trains) {

  /** A graph that trains everything. */
  public static TrainingOptions training(LossOptions loss) {
    return new TrainingOptions(loss, true, value -> true, value -> true);
  }

  /** The same for a look at the loss: nothing is random, statistics are the model's. */
  public TrainingOptions evaluating() {
    return new TrainingOptions(loss, false, follows, trains);
  }

  /** Only parameters that pass the test train. */
  public TrainingOptions training(Predicate<Value> test) {
    return new TrainingOptions(loss, training, follows, test);
  }

  /** Only statistics that pass the test follow the batches. */
  public TrainingOptions following(Predicate<Value> test) {
    return new TrainingOptions(loss, training, test, trains);
  }
}

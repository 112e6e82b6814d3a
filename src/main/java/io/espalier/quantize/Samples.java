package io.espalier.quantize;

import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a model is run on to see what flows through it. */
public interface Samples {
  /** Whether they are data that the model is meant for, and not invented. */
  boolean areReal();

  /**
   * Runs the model on all samples, some at a time.
   *
   * @param wanted values of the main graph
   * @param seen takes what they were in one run
   */
  void run(Model model, List<Value> wanted, Consumer<Map<Value, Tensor>> seen);
}

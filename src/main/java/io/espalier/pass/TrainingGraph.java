package io.espalier.pass;

import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.graph.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A graph that computes a loss. Its inputs are those of the model, in the model's order, then
 * {@link #weights}, {@link #masks}, {@link #statistics} and what the loss takes; its outputs are
 * the loss, the number of right positions if that has a meaning, and the updated statistics.
 * Gradients of the loss for the weights' inputs are for others to append.
 *
 * @param loss a float scalar
 * @param right how many positions (labels, or elements of a binary target) are right, a float
 *     scalar; only where targets are classes
 * @param targets the input for labels (int64) or targets (float), unless only a teacher is asked
 * @param sampleWeights the input for a weight per sample, if asked for
 * @param teachers the inputs for a teacher's outputs, by the name of the output; each takes what a
 *     {@link Teacher} gives under that name
 * @param refusals what does not train as one would expect, and why
 */
public record TrainingGraph(
    Model model,
    Value loss,
    Optional<Value> right,
    Optional<Value> targets,
    Optional<Value> sampleWeights,
    Map<String, Value> teachers,
    List<TrainingInputs.Weight> weights,
    List<TrainingInputs.Mask> masks,
    List<TrainingInputs.Statistic> statistics,
    List<Refusal> refusals) {
  public TrainingGraph {
    teachers = Collections.unmodifiableMap(new LinkedHashMap<>(teachers));
    weights = List.copyOf(weights);
    masks = List.copyOf(masks);
    statistics = List.copyOf(statistics);
    refusals = List.copyOf(refusals);
  }
}

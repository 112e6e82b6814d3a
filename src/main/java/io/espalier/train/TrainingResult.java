package io.espalier.train;

import io.espalier.graph.Refusal;
import io.espalier.prune.PruningResult;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a run came to; the trained weights are in the model it was given.
 *
 * @param steps updates that were made
 * @param stoppedEpoch after which the run stopped early, from 0
 * @param bestEpoch whose weights the model has, from 0; absent: those of the last one
 * @param stepsPerSecond while training, without validation; of a resumed run, in all its processes
 * @param pruned the masks, where the run pruned
 */
public record TrainingResult(
    long steps,
    List<Epoch> history,
    OptionalInt stoppedEpoch,
    OptionalInt bestEpoch,
    double stepsPerSecond,
    Optional<PruningResult> pruned,
    List<Refusal> refusals,
    List<String> notes) {
  public TrainingResult {
    history = List.copyOf(history);
    refusals = List.copyOf(refusals);
    notes = List.copyOf(notes);
  }
}

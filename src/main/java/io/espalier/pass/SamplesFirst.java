package io.espalier.pass;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Lets every input take its samples along the first axis, as data sets have them: inputs that carry
 * the batch elsewhere are transposed, of inputs that do not carry it the first sample is taken.
 */
final class SamplesFirst {
  private SamplesFirst() {}

  /**
   * Changes the inputs of a graph with a free batch.
   *
   * @param axes of the inputs that carry the batch
   * @return the inputs that are one for all samples
   */
  static List<Refusal> run(Graph graph, Map<Value, Integer> axes) {
    List<Refusal> shared = new ArrayList<>();
    for (Value input : graph.requiredInputs()) {
      List<Dim> dims = Types.declared().dims(input).orElse(null);
      Integer axis = axes.get(input);
      boolean movable = dims != null && !SubgraphOutputs.contain(graph, input);
      if (!movable || input.uses().isEmpty() || axis != null && axis == 0) {
        continue;
      }
      List<Value.Use> uses = List.copyOf(input.uses());
      Ops ops = new Ops(graph).before(graph.nodes().get(0));
      Value taken;
      List<Dim> moved = new ArrayList<>(dims);
      if (axis != null) {
        moved.add(0, moved.remove((int) axis));
        taken = ops.transpose(input, order(axis, dims.size()));
      } else {
        moved.add(0, new Dim.Symbol(Rebatching.BATCH));
        taken = ops.gather(input, ops.scalar(DataType.INT64, 0), 0);
        shared.add(
            new Refusal(
                "input " + input, "is one for all samples of a batch: that of the first is taken"));
      }
      input.setType(new TensorType(input.type().orElseThrow().dataType(), Optional.of(moved)));
      uses.forEach(use -> use.node().setInput(use.index(), taken));
    }
    return shared;
  }

  /** The order of axes that puts the first one at {@code axis}. */
  private static long[] order(int axis, int rank) {
    return LongStream.concat(
            LongStream.rangeClosed(1, axis),
            LongStream.concat(LongStream.of(0), LongStream.range(axis + 1L, rank)))
        .toArray();
  }
}

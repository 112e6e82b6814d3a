package io.espalier.pipeline;

import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.Weight;
import io.espalier.report.Inspection;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the constants of a model are made of. */
final class ConstantCensus {
  private final Map<Value, Floats.Census> counted = new HashMap<>();
  private final Map<DataType, List<Value>> byType = new EnumMap<>(DataType.class);

  private ConstantCensus() {}

  /** Reads every float constant of every graph; the listener hears how far that is. */
  static ConstantCensus take(Model model, Listener listener) {
    List<Value> constants = new ArrayList<>();
    model.forEachGraph(graph -> constants.addAll(graph.constants()));
    long total = constants.stream().mapToLong(value -> tensor(value).shape().elements()).sum();
    ConstantCensus census = new ConstantCensus();
    long done = 0;
    for (Value constant : constants) {
      Tensor tensor = tensor(constant);
      census.byType.computeIfAbsent(tensor.dataType(), type -> new ArrayList<>()).add(constant);
      if (ReportDraft.isCounted(tensor)) {
        census.counted.put(constant, Floats.census(tensor));
      }
      done += tensor.shape().elements();
      Stages.progress(listener, done, total);
    }
    return census;
  }

  /** The float elements, those of {@code weights} as prunable. */
  Report.Parameters parameters(List<Weight> weights) {
    long total = 0;
    long nonzero = 0;
    for (Map.Entry<Value, Floats.Census> one : counted.entrySet()) {
      total += tensor(one.getKey()).shape().elements();
      nonzero += one.getValue().nonzero();
    }
    return new Report.Parameters(
        total, weights.stream().mapToLong(Weight::elements).sum(), nonzero);
  }

  /** A row for each element type that occurs. */
  List<Inspection.Constants> byType() {
    List<Inspection.Constants> rows = new ArrayList<>();
    byType.forEach((type, constants) -> rows.add(row(type, constants)));
    return rows;
  }

  private Inspection.Constants row(DataType type, List<Value> constants) {
    long elements = 0;
    long bytes = 0;
    long zeros = 0;
    for (Value constant : constants) {
      Tensor tensor = tensor(constant);
      Floats.Census census = counted.get(constant);
      elements += tensor.shape().elements();
      bytes += tensor.isReadable() ? tensor.byteSize() : 0;
      zeros += census == null ? 0 : tensor.shape().elements() - census.nonzero();
    }
    return new Inspection.Constants(
        type.toString(),
        constants.size(),
        elements,
        type.bits() == 0 ? null : bytes,
        type.isFloat() ? zeros : null);
  }

  /** What was found out about one weight. */
  Inspection.Weight weight(PrunableWeights.Finding finding) {
    Tensor tensor = tensor(finding.value());
    Floats.Census census = counted.get(finding.value());
    long elements = tensor.shape().elements();
    String reason = finding.refusal().orElse(null);
    if (reason == null && census.nonfinite() > 0) {
      reason = "%d of its elements are NaN or infinite".formatted(census.nonfinite());
    }
    return new Inspection.Weight(
        finding.value().name(),
        tensor.dataType().toString(),
        Arrays.stream(tensor.shape().dims()).boxed().toList(),
        elements,
        census == null ? null : census.nonzero(),
        census == null || elements == 0 ? null : 1 - (double) census.nonzero() / elements,
        finding.users().stream().map(ConstantCensus::user).toList(),
        reason == null,
        reason);
  }

  private static Inspection.User user(Node node) {
    return new Inspection.User(node.nameOrOutput(), node.operator().toString());
  }

  private static Tensor tensor(Value constant) {
    return constant.constant().orElseThrow();
  }
}

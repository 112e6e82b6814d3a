package io.espalier.pipeline;

import static io.espalier.storage.Compression.BZIP2;
import static io.espalier.storage.Compression.GZIP;
import static io.espalier.storage.Compression.XZ;
import static io.espalier.storage.Compression.ZSTD;

import io.espalier.graph.Floats;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.prune.PrunedWeight;
import io.espalier.prune.PruningResult;
import io.espalier.report.Report;
import io.espalier.storage.StorageResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A report while its figures come in. */
final class ReportDraft {
  private final Recipe recipe;
  private final Optional<PruningResult> pruned;
  private final Report.Parameters parameters;
  private final Report.Sparsity sparsity;
  private final List<Report.TensorRow> rows;
  private final String inputName;
  private final long inputBytes;
  private Report.Input input;
  private Report.Output output;
  private Report.Fidelity fidelity;
  private boolean allCompared;
  private List<Report.Accuracy> accuracy = List.of();
  private List<Report.Errors> errors = List.of();
  private Report.Latency latency;
  private Report.Training training;
  private StorageResult stored;
  private Report.Opening opening;
  private Report.Quantization quantization;

  /** A draft for a run that pruned {@code model} so, which has its new weights already. */
  ReportDraft(Recipe recipe, InputModel model, Optional<PruningResult> pruned) throws IOException {
    this.recipe = recipe;
    this.pruned = pruned;
    this.parameters = count(model, weights());
    this.sparsity = sparsity();
    this.rows = weights().stream().map(ReportDraft::row).toList();
    this.inputName = model.name();
    this.inputBytes = model.bytes();
  }

  ReportDraft input(String sha256, FileFigures.Sizes packed) {
    input =
        new Report.Input(
            inputName,
            inputBytes,
            packed.of(GZIP),
            packed.of(BZIP2),
            packed.of(ZSTD),
            packed.of(XZ),
            sha256);
    return this;
  }

  void output(Path path, long bytes, FileFigures.Sizes packed, String sha256) {
    output =
        new Report.Output(
            path.toString(),
            bytes,
            packed.of(GZIP),
            packed.of(BZIP2),
            packed.of(ZSTD),
            packed.of(XZ),
            sha256);
  }

  void runs(OutputComparison outputs) {
    fidelity = outputs.fidelity();
    accuracy = outputs.accuracy();
    errors = outputs.errors();
    allCompared = outputs.complete();
  }

  void training(Report.Training figures) {
    training = figures;
  }

  void latency(Report.Latency times) {
    latency = times;
  }

  void storage(StorageResult result) {
    stored = result;
  }

  void opening(Report.Opening figures) {
    opening = figures;
  }

  /** Null where nothing was quantized. */
  void quantization(Report.Quantization figures) {
    quantization = figures;
  }

  /** Whether other encodings than dense ones were looked for. */
  boolean hasEncodedWeights() {
    return stored != null && !stored.weights().isEmpty();
  }

  /** Null where the weights are stored as they are because nothing else was asked for. */
  private Report.Storage storage() {
    if (!hasEncodedWeights()) {
      return null;
    }
    Report.Ratios ratios =
        output == null
            ? null
            : Report.Ratios.of(
                parameters, output.bytes(), archives(Float.BYTES * parameters.total()));
    return new Report.Storage(StorageStage.rows(stored), ratios, opening);
  }

  /** The report so far, without what another run of the same recipe would measure anew. */
  Report untimed(List<Refusal> refusals, List<String> notes) {
    Report.Latency measured = latency;
    latency = null;
    try {
      return report(refusals, notes, null).untimed();
    } finally {
      latency = measured;
    }
  }

  /** The report on all that came in. */
  Report report(List<Refusal> refusals, List<String> notes, Double seconds) {
    List<String> allNotes = new ArrayList<>(notes);
    Report report =
        new Report(
            Report.SCHEMA_VERSION,
            Version.current(),
            input,
            output,
            parameters,
            sparsity,
            compression(),
            rows,
            fidelity,
            accuracy,
            errors,
            latency,
            training,
            storage(),
            quantization,
            List.of(),
            refusals.stream()
                .map(refusal -> new Report.RefusalRow(refusal.where(), refusal.reason()))
                .toList(),
            allNotes,
            seconds);
    allNotes.addAll(Advice.on(report));
    return report.with(GateCheck.check(recipe.gates(), report, allCompared), allNotes);
  }

  private List<PrunedWeight> weights() {
    return pruned.map(PruningResult::weights).orElse(List.of());
  }

  /** Null where the recipe does not prune. */
  private Report.Sparsity sparsity() {
    if (pruned.isEmpty()) {
      return null;
    }
    double asked = 0;
    long zeros = 0;
    long elements = 0;
    for (PrunedWeight weight : weights()) {
      asked += weight.requested() * weight.elements();
      zeros += weight.elements() - weight.nonzero();
      elements += weight.elements();
    }
    return elements == 0
        ? new Report.Sparsity(recipe.pruning().orElseThrow().sparsity(), 0)
        : new Report.Sparsity(asked / elements, (double) zeros / elements);
  }

  private Report.Compression compression() {
    return output == null
        ? null
        : new Report.Compression(
            (double) input.bytes() / output.bytes(),
            ratio(input.gzipBytes(), output.gzipBytes()),
            ratio(input.bzip2Bytes(), output.bzip2Bytes()),
            ratio(input.zstdBytes(), output.zstdBytes()),
            ratio(input.xzBytes(), output.xzBytes()),
            archives(input.bytes()));
  }

  /** So many bytes over those of the output once it is compressed. */
  private Report.Archives archives(long before) {
    return new Report.Archives(
        ratio(before, output.gzipBytes()),
        ratio(before, output.bzip2Bytes()),
        ratio(before, output.zstdBytes()),
        ratio(before, output.xzBytes()));
  }

  private static Double ratio(Long before, Long after) {
    return before == null || after == null ? null : (double) before / after;
  }

  private static Report.TensorRow row(PrunedWeight weight) {
    return new Report.TensorRow(
        weight.name(),
        Arrays.stream(weight.shape().dims()).boxed().toList(),
        weight.elements(),
        weight.nonzero(),
        weight.sparsity());
  }

  private static Report.Parameters count(InputModel model, List<PrunedWeight> pruned) {
    Map<Value, PrunedWeight> weights = new HashMap<>();
    pruned.forEach(weight -> weights.put(weight.weight().value(), weight));
    long[] totals = new long[3];
    model
        .model()
        .forEachGraph(
            graph -> {
              for (Value constant : graph.constants()) {
                Tensor tensor = constant.constant().orElseThrow();
                if (!isCounted(tensor)) {
                  continue;
                }
                PrunedWeight weight = weights.get(constant);
                totals[0] += tensor.shape().elements();
                totals[1] += weight == null ? 0 : weight.elements();
                totals[2] += weight == null ? Floats.countNonzero(tensor) : weight.nonzero();
              }
            });
    return new Report.Parameters(totals[0], totals[1], totals[2]);
  }

  /** Whether its elements are parameters. */
  static boolean isCounted(Tensor tensor) {
    return tensor.dataType().isFloat() && tensor.isReadable();
  }
}

package io.espalier.report;

import java.util.List;

/**
 * The result of pruning or training one model. A component that is null was not measured, and a
 * note or a refusal says why.
 *
 * @param schemaVersion of the JSON form; raised when a field changes its meaning or goes away
 * @param espalier the version that made the report
 * @param seconds of wall time, from reading the input to the finished output; times are null in the
 *     report that lies in a bundle
 */
public record Report(
    int schemaVersion,
    String espalier,
    Input input,
    Output output,
    Parameters parameters,
    Sparsity sparsity,
    Compression compression,
    List<TensorRow> tensors,
    Fidelity fidelity,
    List<Accuracy> accuracy,
    List<Errors> errors,
    Latency latency,
    Training training,
    Storage storage,
    Quantization quantization,
    List<GateResult> gates,
    List<RefusalRow> refusals,
    List<String> notes,
    Double seconds) {

  public static final int SCHEMA_VERSION = 1;

  public Report {
    tensors = List.copyOf(tensors);
    accuracy = List.copyOf(accuracy);
    errors = List.copyOf(errors);
    gates = List.copyOf(gates);
    refusals = List.copyOf(refusals);
    notes = List.copyOf(notes);
  }

  /** The file that came in; bytes of external data are counted. */
  public record Input(
      String path,
      long bytes,
      Long gzipBytes,
      Long bzip2Bytes,
      Long zstdBytes,
      Long xzBytes,
      String sha256) {}

  /** The file that was written; null fields as in {@link Input}. */
  public record Output(
      String path,
      long bytes,
      Long gzipBytes,
      Long bzip2Bytes,
      Long zstdBytes,
      Long xzBytes,
      String sha256) {}

  /**
   * Numbers of elements of the model's float constants.
   *
   * @param total all of them: weights, biases, normalization parameters
   * @param prunable those in weights that were pruned
   * @param nonzero those of {@code total} that are not zero in the output
   */
  public record Parameters(long total, long prunable, long nonzero) {}

  /**
   * Shares of the pruned weights' elements, in [0, 1].
   *
   * @param requested what was asked for, over all pruned weights
   * @param achieved what is zero in the output
   */
  public record Sparsity(double requested, double achieved) {}

  /**
   * Input bytes / output bytes: of the files, and of both compressed in one way.
   *
   * @param fromPlain bytes of the input file as it is / of the output compressed
   */
  public record Compression(
      double file, Double gzip, Double bzip2, Double zstd, Double xz, Archives fromPlain) {}

  /** A ratio for each form of compression. */
  public record Archives(Double gzip, Double bzip2, Double zstd, Double xz) {}

  /** One pruned weight. */
  public record TensorRow(
      String name, List<Long> shape, long elements, long nonzero, double sparsity) {

    public TensorRow {
      shape = List.copyOf(shape);
    }
  }

  /**
   * Outputs of both models on the same inputs.
   *
   * @param inputs where the inputs came from: {@code random} or the data's name
   * @param maxAbsDiff largest absolute difference of two output elements
   * @param meanAbsDiff their mean
   * @param top1Agreement share of samples with the same largest class; null for other outputs
   */
  public record Fidelity(
      String inputs, long samples, double maxAbsDiff, double meanAbsDiff, Double top1Agreement) {}

  /**
   * Shares of samples, or of their positions, classified as labelled.
   *
   * @param split {@code training}, {@code validation} or {@code test}; {@code data} for samples
   *     that were named without saying whether the model has seen them
   * @param data the samples' name, as given
   * @param before null where the model that came in was no trained one
   */
  public record Accuracy(String split, String data, long samples, Double before, double after) {}

  /** How far outputs are from numbers that they are to reach; null and the split as above. */
  public record Errors(
      String split, String data, long samples, MeanErrors before, MeanErrors after) {}

  /** Means over all elements. */
  public record MeanErrors(double squared, double absolute) {}

  /** Times of one inference; both models ran in turn, so that drift hits both. */
  public record Latency(
      String device, int batch, int threads, int runs, Percentiles before, Percentiles after) {}

  /** Milliseconds. */
  public record Percentiles(double p50Ms, double p95Ms) {}

  /**
   * How the weights were written, where that was asked for.
   *
   * @param ratios of the whole file; null where none was written
   * @param opening null where the models were not run
   */
  public record Storage(List<StoredRow> weights, Ratios ratios, Opening opening) {
    public Storage {
      weights = List.copyOf(weights);
    }
  }

  /**
   * How many times smaller a model became, in the two ways that the literature counts.
   *
   * @param nonzero A: parameters over those that are not zero
   * @param file B: bytes of all parameters as float32 over those of the file, everything in it
   *     counted
   * @param archives B of the file once it is compressed; null where that was not done
   */
  public record Ratios(double nonzero, double file, Archives archives) {

    /** Those of a model with such parameters in a file of {@code bytes}. */
    public static Ratios of(Parameters parameters, long bytes, Archives archives) {
      return new Ratios(
          (double) parameters.total() / parameters.nonzero(),
          (double) parameters.total() * Float.BYTES / bytes,
          archives);
    }
  }

  /**
   * How one weight was written. Bytes are those of its data; names and nodes come on top.
   *
   * @param encoding {@code dense}, {@code sparse_initializer}, or what the nodes decode
   * @param denseBytes of all elements as they are
   * @param entropyBytes what no code gets below that says of each element on its own what it is, as
   *     frequent as its values are, a table of the values included
   */
  public record StoredRow(
      String name, String encoding, long denseBytes, long bytes, double entropyBytes) {}

  /**
   * Opening a session on the model as it came in and on what was written. Encoded weights are
   * decoded then, unless optimization is off.
   *
   * @param beforePeakBytes the most memory that the process held more than before; null of a model
   *     below 16 MiB, and where the system does not tell
   */
  public record Opening(
      double beforeMs, double afterMs, Long beforePeakBytes, Long afterPeakBytes) {}

  /**
   * What weights were made integers for, and how. What that did to outputs, accuracy and latency
   * stands with the others of those.
   *
   * @param goal as {@code --quantize} has it, with all settings
   * @param weights how many became integers
   * @param bytesBefore of their elements as they were
   * @param bytesAfter of their codes, scales and zero points
   * @param maxError the largest difference of an element
   * @param integerLayers how many layers with those weights onnxruntime computes on integers, as it
   *     opens the model; null where the goal is size, or the model was not opened
   * @param calibration null where no ranges of activations were observed
   */
  public record Quantization(
      String goal,
      int weights,
      long bytesBefore,
      long bytesAfter,
      double maxError,
      Integer integerLayers,
      Calibration calibration) {}

  /** How ranges of activations follow from samples: of the data, or {@code random}. */
  public record Calibration(String method, long samples, String data) {}

  /**
   * What training did before the model was written.
   *
   * @param epochs that were asked for
   * @param steps updates of the weights that were made
   * @param stoppedEpoch the epoch, from 1, after which the run stopped early; null if it did not
   * @param bestEpoch the epoch, from 1, whose weights were kept; null: the last one's
   * @param stepsPerSecond while training, without validation; of a resumed run, in all its
   *     processes
   */
  public record Training(
      int epochs,
      long steps,
      List<EpochRow> history,
      Integer stoppedEpoch,
      Integer bestEpoch,
      Double stepsPerSecond) {

    public Training {
      history = List.copyOf(history);
    }

    private Training untimed() {
      List<EpochRow> rows = history.stream().map(EpochRow::untimed).toList();
      return new Training(epochs, steps, rows, stoppedEpoch, bestEpoch, null);
    }
  }

  /**
   * One epoch, counted from 1; null figures were not measured, sparsity where nothing is pruned.
   * Those of training are means over its batches.
   */
  public record EpochRow(
      int epoch,
      double loss,
      Double accuracy,
      Double valLoss,
      Double valAccuracy,
      Double sparsity,
      double learningRate,
      Double seconds) {

    private EpochRow untimed() {
      return new EpochRow(
          epoch, loss, accuracy, valLoss, valAccuracy, sparsity, learningRate, null);
    }
  }

  /** A demand on the result, what was found, and whether it is met. */
  public record GateResult(String gate, String asked, String got, boolean met) {}

  /** Something that was left as it is, and why. */
  public record RefusalRow(String where, String reason) {}

  /** The same report with these gates and notes. */
  public Report with(List<GateResult> otherGates, List<String> otherNotes) {
    return new Report(
        schemaVersion,
        espalier,
        input,
        output,
        parameters,
        sparsity,
        compression,
        tensors,
        fidelity,
        accuracy,
        errors,
        latency,
        training,
        storage,
        quantization,
        otherGates,
        refusals,
        otherNotes,
        seconds);
  }

  /** The same report without times. */
  public Report untimed() {
    return new Report(
        schemaVersion,
        espalier,
        input,
        output,
        parameters,
        sparsity,
        compression,
        tensors,
        fidelity,
        accuracy,
        errors,
        null,
        training == null ? null : training.untimed(),
        storage == null ? null : new Storage(storage.weights(), storage.ratios(), null),
        quantization,
        gates,
        refusals,
        notes,
        null);
  }

  /** Whether every gate is met. */
  public boolean gatesMet() {
    return gates.stream().allMatch(GateResult::met);
  }
}

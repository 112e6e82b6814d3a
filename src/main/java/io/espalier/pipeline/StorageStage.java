package io.espalier.pipeline;

import io.espalier.graph.Evaluator;
import io.espalier.onnx.ExternalDataPolicy;
import io.espalier.report.Report;
import io.espalier.runtime.SessionEvaluator;
import io.espalier.storage.Compression;
import io.espalier.storage.StorageOptions;
import io.espalier.storage.StorageResult;
import io.espalier.storage.StoredWeight;
import io.espalier.storage.WeightStorage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Lays down the weights as the recipe asks for. */
final class StorageStage {
  private StorageStage() {}

  /**
   * What is asked for of this model.
   *
   * @throws UsageException if some of it does nothing to it
   */
  static StorageOptions resolved(StorageOptions asked, InputModel input) {
    try {
      return asked.resolved(input.hasEncodedWeights());
    } catch (IllegalArgumentException e) {
      throw new UsageException("--" + e.getMessage());
    }
  }

  /** Bytes of the smallest tensor that a text asks to be written as external data. */
  static long externalFrom(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "never" -> Long.MAX_VALUE;
      case "always" -> ExternalDataPolicy.USUAL_FROM;
      default -> {
        if (!text.isEmpty() && Character.isDigit(text.charAt(0))) {
          yield Quantity.bytes("--external-data", text);
        }
        throw RecipeOptions.wrong("--external-data", "always, never or a size such as 1KiB", text);
      }
    };
  }

  /** Where the initializers of the model that is written go. */
  static ExternalDataPolicy externalData(StorageOptions options) {
    return options.externalFrom().map(ExternalDataPolicy::from).orElse(ExternalDataPolicy.KEEP);
  }

  /**
   * Encodes the model's weights in place.
   *
   * @param target the file that the model goes to
   * @param verify whether onnxruntime makes each weight anew, to compare
   */
  static StorageResult run(
      InputModel input, StorageOptions asked, Path target, boolean verify, Listener listener) {
    StorageOptions options = resolved(asked, input);
    if (options.form() != StorageOptions.Form.DENSE) {
      Stages.begin(listener, "encoding");
    }
    Optional<Evaluator> runtime = verify ? Optional.of(new SessionEvaluator()) : Optional.empty();
    boolean compressed = Compression.ofName(target) != Compression.NONE;
    StorageResult result = WeightStorage.store(input.model(), options, compressed, runtime);
    boolean decoded = asked.form() == StorageOptions.Form.DENSE && input.hasEncodedWeights();
    return new StorageResult(
        result.weights(), result.refusals(), result.merged(), result.changed() || decoded);
  }

  /** How each weight was laid down, for a report. */
  static List<Report.StoredRow> rows(StorageResult stored) {
    return stored.weights().stream().map(StorageStage::row).toList();
  }

  private static Report.StoredRow row(StoredWeight weight) {
    return new Report.StoredRow(
        weight.name(),
        weight.encoding(),
        weight.denseBytes(),
        weight.bytes(),
        weight.entropyBytes());
  }
}

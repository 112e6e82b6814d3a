package io.espalier.storage;

import java.util.Locale;
import java.util.Optional;

/**
 * How weights are written.
 *
 * @param form which encodings are allowed
 * @param packsDigits whether numbers below 8 bits are packed together; off where the file is
 *     compressed afterwards, which does better on whole bytes
 * @param maxOpenRatio the longest that opening the model may take, compared with a model whose
 *     weights are stored as they are; 20 ms are allowed besides; absent: {@value
 *     #DEFAULT_MAX_OPEN_RATIO} times
 * @param maxWeightError the largest error of an element, as a share of the largest magnitude in its
 *     tensor; 0: every bit is kept
 * @param dropWeightInputs whether weights that are listed among the graph's inputs may be encoded,
 *     after which they can no longer be fed
 * @param externalFrom bytes of the smallest tensor that is written as external data; absent: those
 *     that were so before, and where the model file would take 2 GiB, all of 1 KiB and more
 */
public record StorageOptions(
    Form form,
    Optional<Double> maxOpenRatio,
    double maxWeightError,
    boolean dropWeightInputs,
    Optional<Long> externalFrom) {
  /** Where {@code maxOpenRatio} is absent. */
  public static final double DEFAULT_MAX_OPEN_RATIO = 2;

  /** Which encodings a weight may have. */
  public enum Form {
    /** As the model that comes in has them: encoded if some of its weights are, else dense. */
    KEEP,
    /** For each weight the one that takes the fewest bytes, within what opening may take. */
    AUTO,
    /** Every element as it is. */
    DENSE,
    /**
     * The specification's {@code sparse_initializer}: onnxruntime reads it, onnx's own reference
     * runtime and shape inference do not, so it is never chosen by itself.
     */
    SPARSE,
    /** As {@link #AUTO}, whatever opening takes. */
    PACKED
  }

  /** The same for a model whose weights are encoded, or not. */
  public StorageOptions resolved(boolean encoded) {
    Form resolved = form != Form.KEEP ? form : encoded ? Form.AUTO : Form.DENSE;
    if (resolved == Form.DENSE && form == Form.KEEP) {
      String unused =
          maxOpenRatio.isPresent()
              ? "max-open-ratio"
              : dropWeightInputs ? "drop-weight-inputs" : null;
      if (unused != null) {
        throw new IllegalArgumentException(
            unused + ": the model's weights are dense, and stay so; --storage auto encodes them");
      }
    }
    return with(resolved);
  }

  private StorageOptions with(Form other) {
    return new StorageOptions(other, maxOpenRatio, maxWeightError, dropWeightInputs, externalFrom);
  }

  /** The same where {@code dropWeightInputs} was done already. */
  public StorageOptions withInputsDropped() {
    return new StorageOptions(form, maxOpenRatio, maxWeightError, false, externalFrom);
  }

  /** As options of the command line; empty where nothing is asked for. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    if (form != Form.KEEP) {
      text.append(" --storage ").append(form.name().toLowerCase(Locale.ROOT));
    }
    if (maxWeightError > 0) {
      text.append(" --max-weight-error ").append(maxWeightError);
    }
    externalFrom.ifPresent(
        from ->
            text.append(" --external-data ").append(from == Long.MAX_VALUE ? "never" : from + "B"));
    return text.toString();
  }

  public StorageOptions {
    if (maxOpenRatio.isPresent() && !(maxOpenRatio.get() >= 1)) {
      throw new IllegalArgumentException(
          "max-open-ratio: expected 1 or more, got " + maxOpenRatio.get());
    }
    if (maxOpenRatio.isPresent() && form != Form.KEEP && form != Form.AUTO) {
      throw new IllegalArgumentException(
          "max-open-ratio: only --storage auto heeds what opening takes, not "
              + form.name().toLowerCase(Locale.ROOT));
    }
    if (!(maxWeightError >= 0 && maxWeightError < 1)) {
      throw new IllegalArgumentException(
          "max-weight-error: expected 0 up to but not including 1, got " + maxWeightError);
    }
    if (maxWeightError > 0 && form != Form.AUTO && form != Form.PACKED) {
      throw new IllegalArgumentException(
          "max-weight-error: only --storage auto and packed round, not "
              + form.name().toLowerCase(Locale.ROOT));
    }
  }
}

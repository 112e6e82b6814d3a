package io.espalier.storage;

import java.util.Locale;

/**
 * How weights are written.
 *
 * @param form which encodings are allowed
 * @param packsDigits whether numbers below 8 bits are packed together; off where the file is
 *     compressed afterwards, which does better on whole bytes
 * @param maxOpenRatio the longest that opening the model may take, compared with a model whose
 *     weights are stored as they are; 20 ms are allowed besides
 * @param maxWeightError the largest error of an element, as a share of the largest magnitude in its
 *     tensor; 0: every bit is kept
 * @param dropWeightInputs whether weights that are listed among the graph's inputs may be encoded,
 *     after which they can no longer be fed
 */
public record StorageOptions(
    Form form, double maxOpenRatio, double maxWeightError, boolean dropWeightInputs) {
  /** The default of {@code maxOpenRatio}. */
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
    return new StorageOptions(resolved, maxOpenRatio, maxWeightError, dropWeightInputs);
  }

  /** As options of the command line; empty where weights are stored as they were. */
  public String summary() {
    return form == Form.KEEP
        ? ""
        : " --storage "
            + form.name().toLowerCase(Locale.ROOT)
            + (maxWeightError == 0 ? "" : " --max-weight-error " + maxWeightError);
  }

  public StorageOptions {
    if (!(maxOpenRatio >= 1)) {
      throw new IllegalArgumentException("max-open-ratio: expected 1 or more, got " + maxOpenRatio);
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

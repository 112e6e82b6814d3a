package io.espalier.pipeline;

import io.espalier.quantize.Quantization;
import io.espalier.storage.StorageOptions;
import java.util.List;
import java.util.Optional;

/**
 * What is done to the graph once the weights are what they will be.
 *
 * @param strip whether what only training needs goes after a training run
 * @param opset of the default domain that the model is brought to; absent: it keeps its own
 * @param foldBatchNormalization whether BatchNormalization is folded into the operator before it
 * @param quantization what weights are made integers for; absent: they stay floats
 * @param quantizeExclude globs of the weights that stay floats all the same
 */
public record Rewriting(
    boolean strip,
    Optional<Long> opset,
    boolean foldBatchNormalization,
    Optional<Quantization> quantization,
    List<String> quantizeExclude) {

  public Rewriting {
    quantizeExclude = List.copyOf(quantizeExclude);
    if (quantization.isEmpty() && !quantizeExclude.isEmpty()) {
      throw new UsageException("--quantize-exclude: nothing is quantized; --quantize asks for it");
    }
  }

  /** Checks that weights that are no longer inputs become something else. */
  void requireUse(StorageOptions storage) {
    if (storage.dropWeightInputs()
        && storage.form() == StorageOptions.Form.DENSE
        && quantization.isEmpty()) {
      throw new UsageException(
          "--drop-weight-inputs: nothing is encoded with --storage dense, nor quantized");
    }
  }

  /** As options of the command line. */
  String summary() {
    StringBuilder text = new StringBuilder();
    text.append(strip ? "" : " --no-strip");
    opset.ifPresent(version -> text.append(" --opset ").append(version));
    text.append(foldBatchNormalization ? " --fold-batch-normalization" : "");
    quantization.ifPresent(goal -> text.append(" --quantize ").append(goal));
    quantizeExclude.forEach(glob -> text.append(" --quantize-exclude ").append(glob));
    return text.toString();
  }
}

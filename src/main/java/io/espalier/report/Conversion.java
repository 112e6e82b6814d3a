package io.espalier.report;

import java.util.List;

/**
 * A model that was brought into the ONNX format.
 *
 * @param schemaVersion of the JSON form; raised when a field changes its meaning or goes away
 * @param espalier the version that converted
 * @param writer what wrote the input, as in {@code Keras 2.4.0 on tensorflow}; null for ONNX
 * @param layers of the input; null for ONNX
 * @param transposes nodes that bring a tensor into another layout, of all nodes
 * @param raisedFrom the opset that the model came with; null if it kept that
 * @param verified whether onnxruntime opened the result
 * @param outputs how far those of both models are apart; null where weights are stored as they were
 * @param latency of both models; null as above
 * @param storage how each weight was written; null where nothing was asked for
 */
public record Conversion(
    int schemaVersion,
    String espalier,
    String input,
    String output,
    long inputBytes,
    long outputBytes,
    String writer,
    Integer layers,
    int nodes,
    int transposes,
    long opset,
    Long raisedFrom,
    long parameters,
    boolean verified,
    Report.Fidelity outputs,
    Report.Latency latency,
    Report.Storage storage,
    List<Report.RefusalRow> refusals) {
  public static final int SCHEMA_VERSION = 1;

  public Conversion {
    refusals = List.copyOf(refusals);
  }
}

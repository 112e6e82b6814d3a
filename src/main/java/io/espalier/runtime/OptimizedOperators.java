package io.espalier.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.onnx.OnnxFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What onnxruntime makes of a model when it opens it: the operators that really run. */
public final class OptimizedOperators {
  private OptimizedOperators() {}

  /**
   * The nodes of the main graph by operator, as in {@code com.microsoft.QGemm}.
   *
   * @throws ModelException if onnxruntime refuses the model
   * @throws IOException if the folder for temporary files cannot be written to
   */
  public static Map<String, Integer> count(Model model, SessionOptions options) throws IOException {
    Path file = Files.createTempFile("optimized", ".onnx");
    try {
      write(model, options, file);
      Map<String, Integer> counts = new TreeMap<>();
      try (OnnxFile optimized = OnnxFile.open(file)) {
        for (Node node : optimized.model().graph().nodes()) {
          counts.merge(node.operator().toString(), 1, Integer::sum);
        }
      }
      return counts;
    } finally {
      Files.delete(file);
    }
  }

  private static void write(Model model, SessionOptions options, Path file) {
    ByteBuffer bytes = Probe.bytes(model);
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    try (OrtSession.SessionOptions ort = Ort.open(options)) {
      ort.setOptimizedModelFilePath(file.toString());
      Ort.environment().createSession(direct, ort).close();
    } catch (OrtException e) {
      throw new ModelException(
          model.graph().name() + ": onnxruntime does not open it: " + OrtText.of(e), e);
    }
  }
}

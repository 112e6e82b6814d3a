package io.espalier;

import io.espalier.graph.Elements;
import io.espalier.graph.Tensor;
import io.espalier.onnx.OnnxFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The cases of ONNX's own backend suite, which are not part of the project: folders with a
 * model.onnx and a test_data_set_0, at any depth of the folder that the property {@code
 * espalier.backend} or the variable {@code ESPALIER_BACKEND} names. {@code python -m
 * onnx.backend.test.cmd_tools generate-data -o DIR} writes them; others lie in the package's
 * onnx/backend/test/data. Tests that need them are skipped where there is no such folder.
 */
public final class BackendSuite {
  private BackendSuite() {}

  /** The folders, in order of their names; ends the test as skipped if there are none. */
  public static List<Path> folders() throws IOException {
    return models().stream()
        .filter(path -> path.endsWith("model.onnx"))
        .map(Path::getParent)
        .toList();
  }

  /** The models of all folders, and those that come without data. */
  public static List<Path> models() throws IOException {
    String set = System.getProperty("espalier.backend", System.getenv("ESPALIER_BACKEND"));
    Assumptions.assumeTrue(
        set != null && Files.isDirectory(Path.of(set)),
        "no cases: set ESPALIER_BACKEND to their folder");
    try (Stream<Path> all = Files.walk(Path.of(set), 3)) {
      return all.filter(path -> path.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  /** The inputs of a case, in order; a file that holds no tensor ends the list. */
  public static List<Tensor> inputs(Path folder) throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    Path file = folder.resolve("test_data_set_0/input_0.pb");
    while (Files.exists(file)) {
      byte[] wrapped = inModel(Files.readAllBytes(file));
      Path model = Files.createTempFile("case", ".onnx");
      Files.write(model, wrapped);
      try (OnnxFile one = OnnxFile.open(model)) {
        Tensor tensor = one.model().graph().initializers().get(0).initializer().orElseThrow();
        var elements = Elements.of(tensor);
        tensors.add(
            elements.isEmpty()
                ? tensor
                : Elements.tensor(tensor.dataType(), tensor.shape(), elements.get()));
      } finally {
        Files.delete(model);
      }
      file = folder.resolve("test_data_set_0/input_" + tensors.size() + ".pb");
    }
    return tensors;
  }

  /** A model whose graph has a serialized tensor as its only initializer. */
  private static byte[] inModel(byte[] tensor) throws IOException {
    byte[] graph = field(5, tensor);
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    model.write(new byte[] {8, 8}); // ir_version = 8
    model.write(field(7, graph));
    model.write(field(8, new byte[] {16, 17})); // opset_import.version = 17
    return model.toByteArray();
  }

  private static byte[] field(int number, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(number << 3 | 2);
    int length = content.length;
    while (length > 127) {
      bytes.write(length & 127 | 128);
      length >>= 7;
    }
    bytes.write(length);
    bytes.write(content);
    return bytes.toByteArray();
  }
}

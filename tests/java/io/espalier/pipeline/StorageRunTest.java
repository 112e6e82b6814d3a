package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.SharedData;
import io.espalier.graph.Value;
import io.espalier.report.Conversion;
import io.espalier.report.ConversionText;
import io.espalier.report.Paint;
import io.espalier.report.Report;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose weights are packed, through the whole run and back. */
class StorageRunTest {
  private static final Path MODEL = Path.of("models/digits-lenet5.onnx");

  @TempDir Path folder;

  private Path prune(Path model, String name, String... options) throws IOException {
    Path output = folder.resolve(name);
    RecipeOptions given = new RecipeOptions().set("output", output.toString()).set("seed", "3");
    for (int i = 0; i < options.length; i += 2) {
      given.set(options[i], options[i + 1]);
    }
    report = Espalier.run(given.recipe(model), Listener.NONE);
    return output;
  }

  private Report report;
  private Conversion conversion;

  private Path convert(Path model, String name, String form) throws IOException {
    Path output = folder.resolve(name);
    conversion =
        Converter.convert(
            new RecipeOptions()
                .set("output", output.toString())
                .set("storage", form)
                .conversion(model),
            Listener.NONE);
    return output;
  }

  private static Map<String, ByteBuffer> weights(Path model) throws IOException {
    Map<String, ByteBuffer> weights = new TreeMap<>();
    try (InputModel input = InputModel.open(model)) {
      for (Value value : input.model().graph().initializers()) {
        weights.put(value.name(), value.initializer().orElseThrow().bytes());
      }
    }
    return weights;
  }

  @Test
  void packedIsSmallerAndTheSame() throws IOException {
    Path dense = prune(MODEL, "dense.onnx", "sparsity", "0.9");
    Path packed = prune(MODEL, "packed.onnx", "sparsity", "0.9", "storage", "auto");
    assertTrue(Files.size(packed) * 7 < Files.size(dense), Files.size(packed) + " bytes");
    assertEquals(5, report.storage().weights().size());
    assertTrue(report.storage().opening().afterMs() > 0);
    assertEquals(weights(dense), weights(packed));
    Path back = convert(packed, "back.onnx", "dense");
    assertEquals(Files.size(dense), Files.size(back), 256);
    assertEquals(weights(dense), weights(back));
    Session.open(packed, SessionOptions.DEFAULT.withOptimize(false)).close();
  }

  @Test
  void aPackedModelIsPrunedAgainAndStaysPacked() throws IOException {
    Path packed = prune(MODEL, "packed.onnx", "sparsity", "0.9", "storage", "auto");
    Path again = prune(packed, "again.onnx", "sparsity", "0.95");
    assertEquals(0.95, report.sparsity().achieved(), 1e-3);
    assertFalse(report.storage().weights().isEmpty());
    assertTrue(Files.size(again) * 10 < Files.size(packed) * 7);
    Path dense = prune(packed, "dense.onnx", "sparsity", "0.95", "storage", "dense");
    assertEquals(weights(dense), weights(again));
  }

  @Test
  void sharedValuesAreCodes() throws IOException {
    Path coded =
        prune(
            MODEL,
            "coded.onnx",
            "sparsity",
            "0.9",
            "codebook",
            "16",
            "storage",
            "auto",
            "data",
            "models/digits.npz",
            "test",
            "models/digits.npz#test");
    assertTrue(Files.size(coded) * 24 < Files.size(MODEL), Files.size(coded) + " bytes");
    assertTrue(
        report.storage().weights().stream()
            .anyMatch(weight -> weight.encoding().matches("gaps, 1[0-6] codes")));
    Path compressed = convert(coded, "coded.onnx.xz", "auto");
    assertTrue(Files.size(compressed) < Files.size(coded));
    assertEquals(weights(coded), weights(compressed));
  }

  @Test
  void convertingSaysWhatItDidToTheWeights() throws IOException {
    Path dense = prune(MODEL, "dense.onnx", "sparsity", "0.9");
    Path packed = convert(dense, "packed.onnx", "auto");
    assertEquals(Files.size(packed), conversion.outputBytes());
    assertEquals(5, conversion.storage().weights().size());
    assertEquals(0, conversion.outputs().maxAbsDiff());
    assertTrue(conversion.latency().after().p50Ms() > 0);
    assertTrue(conversion.storage().opening().afterMs() > 0);
    String text = ConversionText.render(conversion, 90, Paint.NONE);
    for (String part : List.of("gaps", "Weights: ", "Opening", "Latency", "largest difference 0")) {
      assertTrue(text.contains(part), text);
    }
    convert(packed, "back.onnx", "dense");
    assertNull(conversion.storage());
  }

  @Test
  void largeTensorsAreExternalDataOnRequest() throws IOException {
    Path pruned = prune(MODEL, "out.onnx", "sparsity", "0.9", "external-data", "64KiB");
    Path data = folder.resolve("out.onnx.data");
    assertTrue(Files.size(pruned) < Files.size(data));
    Path whole = prune(MODEL, "whole.onnx", "sparsity", "0.9");
    assertEquals(weights(whole), weights(pruned));
    Path bundle =
        prune(MODEL, "out.zip", "sparsity", "0.9", "external-data", "always", "storage", "auto");
    assertEquals(weights(whole), weights(bundle));
    Path back = folder.resolve("back.onnx");
    Converter.convert(
        new RecipeOptions()
            .set("output", back.toString())
            .set("external-data", "never")
            .conversion(pruned),
        Listener.NONE);
    assertFalse(Files.exists(folder.resolve("back.onnx.data")));
    assertEquals(weights(whole), weights(back));
  }

  @Test
  void whatDoesNothingIsRefused() throws IOException {
    refuses("--max-open-ratio: only --storage auto", "storage", "packed", "max-open-ratio", "3");
    refuses("--max-open-ratio: the model's weights are dense", "max-open-ratio", "3");
    refuses("--drop-weight-inputs: nothing is encoded", "storage", "dense", "drop-weight-inputs");
    refuses("--drop-weight-inputs: the model's weights are dense", "drop-weight-inputs");
    refuses("--external-data: expected always, never or a size", "external-data", "big");
    refuses("--opset: expected 7 to 21, got 22", "opset", "22");
    refuses("--opset 12: the model is at opset 17, and models are only", "opset", "12");
  }

  private void refuses(String message, String... options) {
    RecipeOptions given = new RecipeOptions().set("output", folder.resolve("no.onnx").toString());
    for (int i = 0; i < options.length; i += 2) {
      given.set(options[i], i + 1 < options.length ? options[i + 1] : "");
    }
    UsageException refused =
        assertThrows(UsageException.class, () -> Espalier.run(given.recipe(MODEL), Listener.NONE));
    assertTrue(refused.getMessage().startsWith(message), refused.getMessage());
    assertFalse(Files.exists(folder.resolve("no.onnx")));
  }

  @Test
  void anOldModelIsRaisedAndPackedInFull() throws IOException {
    Path model = SharedData.require("onnx/squeezenet.onnx");
    Path raised = folder.resolve("raised.onnx");
    Conversion done =
        Converter.convert(
            new RecipeOptions()
                .set("output", raised.toString())
                .set("opset", "11")
                .conversion(model),
            Listener.NONE);
    assertEquals(11, done.opset());
    assertEquals(List.of(), done.refusals());
    assertTrue(weights(raised).entrySet().containsAll(weights(model).entrySet()));
    try (InputModel input = InputModel.open(raised)) {
      assertEquals(11, input.model().opsets().get(""));
      assertTrue(input.model().irVersion() >= 6);
    }
  }
}

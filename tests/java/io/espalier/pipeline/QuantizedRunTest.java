package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.SharedData;
import io.espalier.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizedRunTest {
  private static final double AGREEMENT = 0.99;

  @TempDir Path folder;

  private Report run(String goal, Path model, RecipeOptions options) throws IOException {
    return Espalier.run(
        options
            .set("sparsity", "0")
            .set("quantize", goal)
            .set("output", folder.resolve("out.onnx").toString())
            .recipe(model),
        Listener.NONE);
  }

  private static RecipeOptions digits() {
    return new RecipeOptions()
        .set("data", "models/digits.npz#train")
        .set("test", "models/digits.npz#test");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"speed; 3.7", "speed:activations=dynamic; 3.8", "size; 3.9", "size:bits=4; 7.5"})
  void digitsAreReadAsBefore(String goal, double smaller) throws IOException {
    Report report = run(goal, Path.of("models/digits-lenet5.onnx"), digits());
    assertTrue(report.fidelity().top1Agreement() >= AGREEMENT, report.fidelity().toString());
    assertTrue(report.fidelity().maxAbsDiff() > 0);
    assertTrue(report.compression().file() > smaller, report.compression().toString());
    assertEquals(List.of(), report.refusals());
    if (goal.startsWith("speed")) {
      assertEquals(4, report.quantization().weights());
      assertEquals(4, report.quantization().integerLayers());
    }
    Report again =
        Espalier.run(
            new RecipeOptions()
                .set("sparsity", "0")
                .set("quantize", goal)
                .set("output", folder.resolve("again.onnx").toString())
                .recipe(folder.resolve("out.onnx")),
            Listener.NONE);
    assertTrue(again.refusals().size() >= 4 || goal.startsWith("size"), again.toString());
  }

  @Test
  void whatIsExcludedStays() throws IOException {
    Report report =
        run(
            "size",
            Path.of("models/digits-lenet5.onnx"),
            new RecipeOptions().set("quantize-exclude", "fc1*"));
    assertTrue(report.compression().file() < 1.1, report.compression().toString());
    UsageException e =
        assertThrows(
            UsageException.class,
            () ->
                run(
                    "size",
                    Path.of("models/digits-lenet5.onnx"),
                    new RecipeOptions().set("quantize-exclude", "nothing").flag("force", true)));
    assertTrue(e.getMessage().contains("names no weight"), e.getMessage());
  }

  @Test
  void anOldNetForMnistIsRaisedAndReadsAsBefore() throws IOException {
    Path mnist = SharedData.require("mnist");
    Path model = SharedData.require("onnx/cnn_mnist_pytorch.onnx");
    RecipeOptions options =
        new RecipeOptions()
            .set("data", mnist + "#train")
            .set("test", mnist + "#test")
            .set("mean", "0.1307")
            .set("std", "0.3081");
    Report report = run("speed", model, options);
    assertTrue(report.fidelity().top1Agreement() >= AGREEMENT, report.fidelity().toString());
    assertTrue(report.accuracy().get(0).after() > 0.985, report.accuracy().toString());
    assertTrue(
        report.notes().stream().anyMatch(note -> note.startsWith("raised from opset 9 to 21")),
        report.notes().toString());
    assertEquals(4, report.quantization().integerLayers());
    assertEquals("mse", report.quantization().calibration().method());
    assertEquals(256, report.quantization().calibration().samples());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlperf_tiny_resnet8_keras2.4.h5",
        "mlperf_tiny_vww_mobilenet_keras2.4.h5",
        "mlperf_tiny_wakeword_keras2.13.h5",
        "mlperf_tiny_toycar_autoencoder_keras2.4.hdf5"
      })
  void netsOfMlperfTinyAgreeWithThemselves(String name) throws IOException {
    Path model = SharedData.require("keras/" + name);
    Report report = run("speed", model, new RecipeOptions());
    assertTrue(report.fidelity().top1Agreement() >= AGREEMENT, report.fidelity().toString());
    Report.Quantization quantization = report.quantization();
    assertEquals(quantization.weights(), quantization.integerLayers());
    assertEquals("random", quantization.calibration().data());
    assertTrue(quantization.bytesBefore() > 3 * quantization.bytesAfter());
    assertTrue(Files.size(folder.resolve("out.onnx")) > 0);
  }
}

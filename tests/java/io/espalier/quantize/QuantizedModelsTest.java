package io.espalier.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.Models;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.PruningOptions;
import io.espalier.runtime.OptimizedOperators;
import io.espalier.runtime.OrtEngine;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizedModelsTest {
  private static final OrtEngine ENGINE = new OrtEngine();
  private static final int SAMPLES = 64;

  private static Model model(long opset, long irVersion) {
    ModelProto.Builder proto = Models.perceptron().setIrVersion(irVersion);
    proto.getOpsetImportBuilder(0).setVersion(opset);
    if (irVersion < 4) {
      proto
          .getGraphBuilder()
          .addInput(Models.value("w1", 8, 16))
          .addInput(Models.value("b1", 16))
          .addInput(Models.value("w2", 4, 16))
          .addInput(Models.value("b2", 4));
    }
    Model model =
        OnnxFile.open(ByteBuffer.wrap(proto.build().toByteArray()), Path.of("m.onnx")).model();
    Tensor weight = weight(model, "w1");
    IntToDoubleFunction element = Elements.of(weight).orElseThrow();
    Value value = model.graph().find("w1").orElseThrow();
    value.setInitializer(
        Elements.tensor(
            weight.dataType(), weight.shape(), i -> i % 3 == 0 ? 0 : element.applyAsDouble(i)));
    return model;
  }

  private static Tensor weight(Model model, String name) {
    return model.graph().find(name).flatMap(Value::constant).orElseThrow();
  }

  private static PrunableWeights weights(Model model) {
    return PrunableWeights.find(model, PruningOptions.of(0));
  }

  private static Map<Value, Tensor> inputs(Model model) {
    Random random = new Random(9);
    float[] x = new float[SAMPLES * 8];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return Map.of(model.graph().find("x").orElseThrow(), ArrayTensor.of(Shape.of(SAMPLES, 8), x));
  }

  private static IntToDoubleFunction run(Model model, Value wanted) {
    Tensor result = ENGINE.evaluate(model, inputs(model), List.of(wanted)).get(wanted);
    return Elements.of(result).orElseThrow();
  }

  private static Node node(Model model, String name) {
    return model.graph().nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "size; 7; 3; 0.006",
        "size; 13; 7; 0.006",
        "size:by=tensor; 9; 4; 0.006",
        "size:symmetric=no; 13; 7; 0.006",
        "size:by=block,block=16,symmetric=no; 13; 7; 0.006",
        "size:bits=4; 7; 3; 0.25",
        "size:bits=4,symmetric=no; 13; 7; 0.25",
        "size:bits=4; 21; 10; 0.25",
        "size:bits=4,by=block,block=16,symmetric=no; 21; 10; 0.25"
      })
  void weightsComeBackNearlyAndZerosExactly(String goal, long opset, long irVersion, double share)
      throws IOException {
    Model model = model(opset, irVersion);
    Map<String, Tensor> before = new LinkedHashMap<>();
    for (String name : List.of("w1", "w2")) {
      before.put(name, weight(model, name));
    }
    QuantizationResult result =
        new SizeQuantization((Quantization.Size) Quantization.parse(goal))
            .run(model, weights(model));

    assertEquals(List.of(), result.refusals());
    assertEquals(2, result.weights().size());
    Map<String, Value> now =
        Map.of(
            "w1",
            node(model, "hidden").inputs().get(1),
            "w2",
            node(model, "output").inputs().get(1));
    for (QuantizationResult.WeightRow row : result.weights()) {
      IntToDoubleFunction old = Elements.of(before.get(row.name())).orElseThrow();
      IntToDoubleFunction decoded = run(model, now.get(row.name()));
      double largest = 0;
      double worst = 0;
      for (int i = 0; i < row.elements(); i++) {
        largest = Math.max(largest, Math.abs(old.applyAsDouble(i)));
        worst = Math.max(worst, Math.abs(old.applyAsDouble(i) - decoded.applyAsDouble(i)));
        if (old.applyAsDouble(i) == 0) {
          assertEquals(0, decoded.applyAsDouble(i));
        }
      }
      assertEquals(worst, row.maxError(), 1e-6 * largest);
      assertTrue(worst > 0 && worst < share * largest, worst + " of " + largest);
      assertTrue(row.bytesAfter() < row.bytesBefore() / 2);
    }
    assertFolded(model);
  }

  /** When onnxruntime has opened the model, nothing is left of the decoding. */
  private static void assertFolded(Model model) throws IOException {
    Set<String> operators = OptimizedOperators.count(model, SessionOptions.DEFAULT).keySet();
    assertTrue(
        operators.stream().noneMatch(Set.of("Cast", "Mul", "Sub", "Reshape", "Floor")::contains),
        operators.toString());
  }

  @Test
  void leavesAloneWhatItMay() {
    Model fed = model(13, 7);
    fed.graph().makeInput(fed.graph().find("w1").orElseThrow());
    QuantizationResult result =
        new SizeQuantization((Quantization.Size) Quantization.parse("size")).run(fed, weights(fed));
    assertEquals(1, result.weights().size());
    assertTrue(result.refusals().get(0).reason().contains("listed as an input"));
    Model old = model(6, 3);
    assertEquals(
        List.of(),
        new SizeQuantization((Quantization.Size) Quantization.parse("size"))
            .run(old, weights(old))
            .weights());
  }

  @Test
  void dynamicLayersRunOnIntegers() throws IOException {
    Model model = model(13, 7);
    IntToDoubleFunction before = run(model, model.graph().outputs().get(0));
    QuantizationResult result =
        new DynamicQuantization(new Quantization.Dynamic(8), ENGINE.types(model))
            .run(model, weights(model));
    assertEquals(2, result.weights().size());
    assertClose(before, run(model, model.graph().outputs().get(0)), 0.5);
    Map<String, Integer> operators = OptimizedOperators.count(model, SessionOptions.DEFAULT);
    assertEquals(2, operators.get("com.microsoft.DynamicQuantizeMatMul"), operators.toString());
  }

  @ParameterizedTest
  @EnumSource(Quantization.Calibration.class)
  void staticLayersRunOnIntegers(Quantization.Calibration calibration) throws IOException {
    Model model = model(13, 7);
    IntToDoubleFunction before = run(model, model.graph().outputs().get(0));
    QuantizationResult result = quantize(model, calibration, new Drawn(0, true));
    assertEquals(2, result.weights().size());
    assertEquals("y", model.graph().outputs().get(0).name());
    assertClose(before, run(model, model.graph().outputs().get(0)), 1);
    Map<String, Integer> operators = OptimizedOperators.count(model, SessionOptions.DEFAULT);
    assertEquals(1, operators.get("com.microsoft.QGemm"), operators.toString());
    assertFalse(operators.containsKey("MatMul"), operators.toString());
  }

  private static QuantizationResult quantize(
      Model model, Quantization.Calibration calibration, Samples samples) {
    Quantization.Static goal = new Quantization.Static(8, calibration, 99.9, 256);
    return new StaticQuantization(goal, ENGINE.types(model), samples).run(model, weights(model));
  }

  /** The inputs of this test, moved by an offset. */
  private record Drawn(double offset, boolean areReal) implements Samples {
    Map<Value, Tensor> inputs(Model model) {
      Map<Value, Tensor> moved = new HashMap<>();
      QuantizedModelsTest.inputs(model)
          .forEach(
              (value, x) -> {
                IntToDoubleFunction element = Elements.of(x).orElseThrow();
                moved.put(
                    value,
                    Elements.tensor(
                        x.dataType(), x.shape(), i -> element.applyAsDouble(i) + offset));
              });
      return moved;
    }

    @Override
    public void run(Model model, List<Value> wanted, Consumer<Map<Value, Tensor>> seen) {
      Map<Value, Tensor> all = inputs(model);
      List<Value> inner = wanted.stream().filter(v -> !v.isGraphInput()).toList();
      all.putAll(ENGINE.evaluate(model, inputs(model), inner));
      all.keySet().retainAll(wanted);
      seen.accept(all);
    }
  }

  @Test
  void theShiftOfMeansIsWhatRoundingDoes() throws IOException {
    Model model = model(13, 7);
    Drawn samples = new Drawn(20, true);
    Layer layer = Layers.find(model, weights(model), ENGINE.types(model)).all().get(0);
    CodedWeight coded = CodedWeight.of(layer.tensor(), layer.channel(), layer.channels(), 8, true);
    double[] shift = MeanShift.measure(model, Map.of(layer, coded), samples).get(layer);
    double[] before = means(model, layer, samples);
    IntToDoubleFunction rounded =
        i -> coded.grids()[layer.channel().applyAsInt(i)].value(coded.codes()[i]);
    layer.weight().setInitializer(Elements.tensor(DataType.FLOAT, layer.tensor().shape(), rounded));
    double[] after = means(model, layer, samples);
    double largest = 0;
    for (int i = 0; i < shift.length; i++) {
      assertEquals(after[i] - before[i], shift[i], 1e-4);
      largest = Math.max(largest, Math.abs(shift[i]));
    }
    assertTrue(largest > 1e-2, "largest " + largest);
    assertTrue(model.graph().values().stream().noneMatch(v -> v.name().contains("errors")));
  }

  private static double[] means(Model model, Layer layer, Drawn samples) {
    Value output = layer.output();
    Map<Value, Tensor> found = ENGINE.evaluate(model, samples.inputs(model), List.of(output));
    IntToDoubleFunction y = Elements.of(found.get(output)).orElseThrow();
    double[] means = new double[layer.channels()];
    for (int i = 0; i < SAMPLES * means.length; i++) {
      means[i % means.length] += y.applyAsDouble(i) / SAMPLES;
    }
    return means;
  }

  private static void assertClose(IntToDoubleFunction a, IntToDoubleFunction b, double most) {
    double worst = 0;
    for (int i = 0; i < SAMPLES * 4; i++) {
      worst = Math.max(worst, Math.abs(a.applyAsDouble(i) - b.applyAsDouble(i)));
    }
    assertTrue(worst > 0 && worst < most, "largest difference " + worst);
  }
}

package io.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.espalier.Golden;
import io.espalier.report.ModelDifference.ChangedConstant;
import io.espalier.report.ModelDifference.ChangedNode;
import io.espalier.report.ModelDifference.Constant;
import io.espalier.report.ModelDifference.Contents;
import io.espalier.report.ModelDifference.Declaration;
import io.espalier.report.ModelDifference.Node;
import io.espalier.report.ModelDifference.Side;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DifferenceTextTest {
  private static final Contents KERNEL = contents("float", 0.0, 20, 1, 5, 5);

  private static ModelDifference sample() {
    return new ModelDifference(
        ModelDifference.SCHEMA_VERSION,
        "1.2.3",
        new Side("models/digits.onnx", 1_725_875, 10, 431_080, 431_080),
        new Side("digits.pruned.onnx.xz", 184_636, 11, 431_080, 43_630),
        false,
        9.347,
        List.of(
            new Declaration("opset", "17", "18"),
            new Declaration("metadata espalier.recipe", null, "prune --sparsity 0.9"),
            new Declaration("output y", "float[N,10]", null)),
        new ModelDifference.Nodes(
            8,
            List.of(new Node("relu1", "Relu")),
            List.of(new Node("q1", "QuantizeLinear"), new Node("q2", "QuantizeLinear")),
            List.of(new ChangedNode("conv1", "Conv", List.of("inputs", "attribute group")))),
        new ModelDifference.Constants(
            3,
            List.of(new Constant("old", contents("int64", null, 2))),
            List.of(),
            List.of(
                new ChangedConstant(
                    "conv1.weight", KERNEL, contents("float", 0.9, 20, 1, 5, 5), 0.2276),
                new ChangedConstant(
                    "fc1.weight",
                    contents("float", 0.01, 50, 8),
                    contents("int8", null, 50, 4),
                    null))),
        new Report.Fidelity("random", 4, 4.73, 1.75, 0.75),
        new Report.Accuracy("test", "digits.npz#test", 1000, 0.983, 0.609),
        List.of(new Report.GateResult("max-output-diff", "at most 0.100", "4.73", false)),
        List.of(new Report.RefusalRow("words", "elements of type string cannot be read")),
        List.of("bytes divided by 255"));
  }

  private static Contents contents(String type, Double sparsity, long... shape) {
    long elements = 1;
    for (long dim : shape) {
      elements *= dim;
    }
    List<Long> dims = java.util.Arrays.stream(shape).boxed().toList();
    return new Contents(type, dims, elements, sparsity);
  }

  @Test
  void textIsAsItWas() throws IOException {
    Golden.check("compare.txt", DifferenceText.render(sample(), 80, Paint.NONE));
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 100, 140})
  void textFitsTheWidth(int width) {
    DifferenceText.render(sample(), width, Paint.NONE)
        .lines()
        .forEach(line -> assertTrue(line.length() <= width, line));
  }

  @Test
  void jsonBeginsWithItsVersionAndLeavesOutWhatIsNotThere() {
    var json = JsonParser.parseString(Json.of(sample())).getAsJsonObject();
    assertEquals("schemaVersion", json.keySet().iterator().next());
    var declaration = json.getAsJsonArray("declarations").get(1).getAsJsonObject();
    assertFalse(declaration.has("a"));
  }
}

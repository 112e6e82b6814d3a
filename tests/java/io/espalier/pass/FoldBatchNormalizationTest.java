package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Attribute;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FoldBatchNormalizationTest {
  /** A network with one BatchNormalization of four channels. */
  private record Story(String name, long[] input, Function<Net, Value> build) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final long[] IMAGE = {2, 4, 5, 5};
  private static final long[] ROWS = {2, 3};

  private static Value call(Net net, String operator, Map<String, Attribute> with, Value... taken) {
    return net.batchNormalization(net.ops.call(operator, with, taken), 4);
  }

  static Stream<Story> folded() {
    return Stream.of(
        new Story(
            "Conv", IMAGE, n -> call(n, "Conv", Map.of(), n.x(IMAGE), n.weight("w", 4, 4, 3, 3))),
        new Story(
            "Conv with bias, in groups",
            IMAGE,
            n ->
                call(
                    n,
                    "Conv",
                    Map.of("group", Attribute.of(2)),
                    n.x(IMAGE),
                    n.weight("w", 4, 2, 3, 3),
                    n.weight("b", 4))),
        new Story(
            "ConvTranspose",
            IMAGE,
            n -> call(n, "ConvTranspose", Map.of(), n.x(IMAGE), n.weight("w", 4, 4, 2, 2))),
        new Story(
            "ConvTranspose in groups",
            IMAGE,
            n ->
                call(
                    n,
                    "ConvTranspose",
                    Map.of("group", Attribute.of(2)),
                    n.x(IMAGE),
                    n.weight("w", 4, 2, 2, 2),
                    n.weight("b", 4))),
        new Story("Gemm", ROWS, n -> call(n, "Gemm", Map.of(), n.x(ROWS), n.weight("w", 3, 4))),
        new Story(
            "Gemm, transposed, half its bias",
            ROWS,
            n ->
                call(
                    n,
                    "Gemm",
                    Map.of("transB", Attribute.of(1), "beta", Attribute.of(0.5f)),
                    n.x(ROWS),
                    n.weight("w", 4, 3),
                    n.weight("b", 4))),
        new Story("MatMul", ROWS, n -> call(n, "MatMul", Map.of(), n.x(ROWS), n.weight("w", 3, 4))),
        new Story(
            "MatMul and Add",
            ROWS,
            n ->
                call(
                    n,
                    "Add",
                    Map.of(),
                    n.ops.matMul(n.x(ROWS), n.weight("w", 3, 4)),
                    n.weight("b", 4))),
        new Story(
            "a weight that others use",
            ROWS,
            n -> {
              Value w = n.weight("w", 3, 4);
              Value x = n.x(ROWS);
              return n.ops.add(call(n, "Gemm", Map.of(), x, w), n.ops.matMul(x, w));
            }));
  }

  @ParameterizedTest
  @MethodSource("folded")
  void givesTheSame(Story story) {
    Net net = new Net();
    Model model = net.output(story.build().apply(net));
    Model before = ModelCopy.of(model).model();
    PassResult result = new FoldBatchNormalization(Net.ENGINE.types(model)).run(model);

    assertEquals(List.of(), result.refusals());
    assertEquals(1, result.changes());
    assertTrue(net.graph.nodes().stream().noneMatch(node -> node.is("BatchNormalization")));
    assertEquals("y", model.graph().outputs().get(0).name());
    Map<String, Tensor> feeds = Map.of("x", net.tensor(story.input()));
    Tensor expected = Net.run(before, before.graph().outputs().get(0), feeds);
    Tensor found = Net.run(model, model.graph().outputs().get(0), feeds);
    assertEquals(0, Batches.difference(expected, found), 2e-6);
  }

  static Stream<Story> refused() {
    return Stream.of(
        new Story("an activation between", IMAGE, n -> call(n, "Relu", Map.of(), n.x(IMAGE))),
        new Story("an input", IMAGE, n -> n.batchNormalization(n.x(IMAGE), 4)),
        new Story(
            "used elsewhere",
            ROWS,
            n -> {
              Value h = n.ops.matMul(n.x(ROWS), n.weight("w", 3, 4));
              return n.ops.add(h, n.batchNormalization(h, 4));
            }),
        new Story(
            "a computed bias",
            ROWS,
            n -> {
              Value x = n.x(ROWS);
              Value bias = n.ops.reduceSum(x, new long[] {1}, true);
              return call(n, "Gemm", Map.of(), x, n.weight("w", 3, 4), bias);
            }),
        new Story(
            "channels that are not columns",
            new long[] {2, 4, 3},
            n -> call(n, "MatMul", Map.of(), n.x(2, 4, 3), n.weight("w", 3, 3))));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void leavesWhatItCannotFold(Story story) {
    Net net = new Net();
    Model model = net.output(story.build().apply(net));
    List<Node> before = List.copyOf(net.graph.nodes());
    PassResult result = new FoldBatchNormalization(Net.ENGINE.types(model)).run(model);
    assertEquals(0, result.changes());
    assertEquals(1, result.refusals().size());
    assertEquals(before, net.graph.nodes());
    assertEquals(Ops.OPSET, model.opsets().get(""));
  }
}

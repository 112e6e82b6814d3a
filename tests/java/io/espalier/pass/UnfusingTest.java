package io.espalier.pass;

import static io.espalier.pass.UpgradeCase.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.Tensor;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against onnxruntime's own kernels of the fused operators. */
class UnfusingTest {
  static Stream<UpgradeCase> cases() {
    return Stream.of(simple(), skips(), embeddings(), attention(), multiHead())
        .flatMap(List::stream);
  }

  private static UpgradeCase ms(String operator) {
    return at(21, "com.microsoft." + operator);
  }

  private static List<UpgradeCase> simple() {
    return List.of(
        at(21, "SimplifiedLayerNormalization").x(2, 3, 4).x(4).with("axis", -1),
        ms("BiasGelu").x(2, 3).x(3),
        ms("FastGelu").x(2, 3),
        ms("FastGelu").x(2, 3).x(3),
        ms("FusedConv").x(1, 2, 5, 5).x(3, 2, 3, 3).x(3).with("activation", "Relu"),
        ms("FusedConv")
            .x(1, 2, 5, 5)
            .x(3, 2, 3, 3)
            .withInts("pads", 1, 1, 1, 1)
            .with("activation", "Clip")
            .withFloats("activation_params", -0.5f, 1f),
        ms("FusedConv").x(1, 2, 5, 5).x(3, 2, 3, 3).x(3).x(1, 3, 3, 3).with("activation", "Relu"),
        ms("FusedConv")
            .x(1, 2, 5, 5)
            .x(3, 2, 3, 3)
            .with("activation", "LeakyRelu")
            .withFloats("activation_params", 0.2f),
        ms("FusedGemm").x(2, 3).x(4, 3).x(4).with("transB", 1).with("activation", "Relu"),
        ms("FusedGemm")
            .x(2, 3)
            .x(3, 4)
            .x(4)
            .with("activation", "LeakyRelu")
            .with("activation_alpha", 0.3),
        ms("FusedMatMul").x(2, 3, 4).x(2, 5, 4).with("transB", 1).with("alpha", 0.5),
        ms("FusedMatMul").x(2, 4, 3).x(4, 5).with("transA", 1),
        ms("TransposeMatMul").x(2, 3, 4).x(2, 5, 4).with("transB", 1));
  }

  private static List<UpgradeCase> skips() {
    return List.of(
        ms("SkipLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4).x(4),
        ms("SkipLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4).x(4).x(4).with("epsilon", 0.1),
        ms("SkipSimplifiedLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4),
        ms("SkipSimplifiedLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4).x(4));
  }

  private static List<UpgradeCase> embeddings() {
    long[] ids = {2, 3};
    return List.of(
        ms("EmbedLayerNormalization")
            .ints32(ids, 1, 0, 4, 2, 2, 3)
            .ints32(ids, 0, 0, 1, 0, 1, 1)
            .x(5, 4)
            .x(6, 4)
            .x(2, 4)
            .x(4)
            .x(4)
            .outputs(2),
        ms("EmbedLayerNormalization")
            .ints32(ids, 1, 0, 4, 2, 2, 3)
            .absent()
            .x(5, 4)
            .x(6, 4)
            .absent()
            .x(4)
            .x(4)
            .outputs(2));
  }

  private static List<UpgradeCase> attention() {
    return List.of(
        ms("Attention").x(2, 3, 4).x(4, 12).x(12).with("num_heads", 2),
        ms("Attention").x(2, 3, 4).x(4, 12).x(12).with("num_heads", 2).with("unidirectional", 1),
        ms("Attention")
            .x(2, 3, 4)
            .x(4, 12)
            .x(12)
            .ints32(new long[] {2, 3}, 1, 1, 0, 1, 1, 1)
            .with("num_heads", 2),
        ms("Attention").x(2, 3, 4).x(4, 12).x(12).ints32(new long[] {2}, 2, 3).with("num_heads", 2),
        ms("Attention")
            .x(2, 3, 4)
            .x(4, 20)
            .x(20)
            .with("num_heads", 2)
            .with("scale", 0.3)
            .withInts("qkv_hidden_sizes", 8, 8, 4));
  }

  private static List<UpgradeCase> multiHead() {
    return List.of(
        ms("MultiHeadAttention").x(2, 3, 4).x(2, 5, 4).x(2, 5, 4).with("num_heads", 2),
        ms("MultiHeadAttention")
            .x(2, 3, 4)
            .x(2, 5, 4)
            .x(2, 5, 6)
            .x(14)
            .ints32(new long[] {2, 5}, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0)
            .with("num_heads", 2));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void computesTheSame(UpgradeCase of) {
    Model before = of.model();
    before.graph().setOutputs(before.graph().outputs().subList(0, 1));
    Model after = ModelCopy.of(before).model();
    PassResult result = new Unfusing(Net.ENGINE.types(after)).run(after);

    assertEquals(List.of(), result.refusals());
    assertEquals(1, result.changes());
    assertTrue(after.graph().nodes().stream().noneMatch(Unfusing::handles));
    Tensor wanted = output(of, before);
    Tensor got = output(of, after);
    assertEquals(wanted.shape(), got.shape());
    assertEquals(0, Batches.difference(wanted, got), 1e-5);
  }

  private static Tensor output(UpgradeCase of, Model model) {
    return Net.ENGINE
        .evaluate(model, of.feeds(model), model.graph().outputs())
        .get(model.graph().outputs().get(0));
  }

  @Test
  void everyOperatorHasACase() {
    Set<String> checked =
        cases().map(of -> of.operator).collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(Unfusing.operators()), checked);
  }
}

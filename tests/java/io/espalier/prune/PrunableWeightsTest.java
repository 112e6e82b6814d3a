package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Refusal;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.prune.PrunableWeights.UnmatchedGlob;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrunableWeightsTest {
  private final TestModel test = new TestModel();
  private final Value x = test.input("x");

  private static PruningOptions options(Granularity granularity, boolean optIns) {
    return new PruningOptions(
        0.5,
        Scope.LAYER,
        granularity,
        Criterion.L1,
        List.of(),
        List.of(),
        Map.of(),
        64,
        optIns,
        optIns);
  }

  private static PruningOptions globs(
      List<String> include, List<String> exclude, Map<String, Double> layers) {
    return new PruningOptions(
        0.5,
        Scope.LAYER,
        Granularity.element(),
        Criterion.L1,
        include,
        exclude,
        layers,
        64,
        false,
        false);
  }

  private PrunableWeights find() {
    return find(PruningOptions.of(0.5));
  }

  private PrunableWeights find(PruningOptions options) {
    return PrunableWeights.find(test.model(), options);
  }

  private static List<String> names(PrunableWeights found) {
    return found.weights().stream().map(Weight::name).toList();
  }

  private static void assertFound(PrunableWeights found, String... names) {
    assertEquals(List.of(names), names(found));
    assertEquals(List.of(), found.refusals());
  }

  private static void assertRefused(PrunableWeights found, String where, String... reasonParts) {
    assertEquals(List.of(), names(found));
    assertEquals(List.of(where), found.refusals().stream().map(Refusal::where).toList());
    for (String part : reasonParts) {
      String reason = found.refusals().get(0).reason();
      assertTrue(reason.contains(part), reason);
    }
  }

  private static Tensor zeros(DataType type, long... dims) {
    Shape shape = Shape.of(dims);
    return new ArrayTensor(type, shape, ByteBuffer.allocate((int) type.byteSize(shape.elements())));
  }

  @Test
  void findsInitializersAndConstantNodesAndLeavesBiasesAndScalesSilently() {
    Value conv =
        test.node("conv", "Conv", x, test.weight("conv.w", 8, 4, 3, 3), test.weight("conv.b", 80));
    Value norm =
        test.node(
            "norm",
            "BatchNormalization",
            conv,
            test.weight("scale", 100),
            test.weight("shift", 100));
    Value fc =
        test.node("fc", "MatMul", norm, test.constantNode("fc.w", TestModel.normal(1, 8, 9)));
    test.node("add", "Add", fc, test.weight("row", 1, 90));
    assertFound(find(), "conv.w", "fc.w");
  }

  @Test
  void aSharedWeightIsOne() {
    Value shared = test.weight("shared", 16, 16);
    test.node("second", "MatMul", test.node("first", "MatMul", x, shared), shared);
    assertFound(find(), "shared");
  }

  @Test
  void findsThroughOperatorsThatMoveElements() {
    Value w = test.weight("w", 16, 4, 3, 3);
    Value halved = TestModel.with(test.node("cast", "Cast", w), "to", 10);
    Value same = test.node("same", "Identity", halved);
    Value turned = test.node("turn", "Transpose", same);
    Value grown = test.node("grow", "Unsqueeze", turned, test.ints("axes", 0));
    Value shrunk = test.node("shrink", "Squeeze", grown, test.ints("axes again", 0));
    Value shaped = test.node("shape", "Reshape", shrunk, test.ints("dims", 36, 16));
    test.node("fc", "MatMul", x, shaped);
    assertFound(find(), "w");
  }

  @Test
  void refusesWeightsThatOthersComputeWith() {
    Value w = test.weight("w", 16, 16);
    test.node("fc", "MatMul", x, w);
    test.node("scale", "Mul", x, w);
    assertRefused(find(), "w", "node scale (Mul)");
  }

  @Test
  void askingForTheShapeIsNoUse() {
    Value w = test.weight("w", 16, 16);
    test.node("fc", "MatMul", x, w);
    test.node("shape", "Shape", w);
    test.node("size", "Size", w);
    assertFound(find(), "w");
  }

  @Test
  void refusesWeightsThatAreOutputs() {
    Value w = test.weight("w", 16, 16);
    test.node("fc", "MatMul", x, w);
    test.graph.addOutput(w);
    assertRefused(find(), "w", "output of the graph");
  }

  @Test
  void refusesMatricesThatNoOperatorUsesAsWeight() {
    test.node("add", "Add", x, test.weight("positions", 32, 16));
    assertRefused(find(), "positions", "node add (Add)", "not use it as a weight");
  }

  @Test
  void groupsRefuseAnUnclearOrShortInputAxis() {
    PruningOptions groups = options(new Granularity.NofM(2, 4), false);
    test.node("conv", "Conv", x, test.weight("mono", 32, 1, 3, 3));
    assertRefused(find(groups), "mono", "length 1", "2:4");
    TestModel other = new TestModel();
    Value y = other.input("y");
    Value both = other.weight("both", 16, 16);
    Value first = other.node("first", "Gemm", y, both);
    TestModel.with(other.node("second", "Gemm", first, both), "transB", 1);
    PrunableWeights found = PrunableWeights.find(other.model(), groups);
    assertRefused(found, "both", "input axis", "node first (Gemm)");
    assertFound(PrunableWeights.find(other.model(), PruningOptions.of(0.5)), "both");
  }

  @Test
  void groupsAndBlocksRefuseWhatAReshapeTookApart() {
    Value shaped =
        test.node("shape", "Reshape", test.weight("w", 16, 36), test.ints("dims", 16, 4, 3, 3));
    test.node("conv", "Conv", x, shaped);
    Granularity blocks = new Granularity.Block(4, 1, Granularity.Pooling.MAX);
    assertRefused(find(options(new Granularity.NofM(2, 4), false)), "w", "input axis");
    assertRefused(find(options(blocks, false)), "w", "matrix", "node conv (Conv)");
    assertFound(find(), "w");
  }

  @Test
  void biasesThatAreMatricesAreLeftSilently() {
    Value w = test.weight("w", 2, 64, 8);
    test.node("lstm", "LSTM", x, w, test.weight("r", 2, 64, 16), test.weight("b", 2, 128));
    assertFound(find(), "w", "r");
  }

  @Test
  void refusesMatricesThatNothingUses() {
    test.weight("alone", 32, 16);
    assertRefused(find(), "alone", "no node uses it");
  }

  @Test
  void refusesSmallWeightsButNotAtTheLimit() {
    test.node("small", "MatMul", x, test.weight("small.w", 9, 7));
    assertRefused(find(), "small.w", "63", "64");
    TestModel other = new TestModel();
    other.node("fc", "MatMul", other.input("x"), other.weight("w", 8, 8));
    assertFound(PrunableWeights.find(other.model(), PruningOptions.of(0.5)), "w");
  }

  @Test
  void refusesVectors() {
    test.node("dot", "MatMul", x, test.weight("vector", 100));
    assertRefused(find(), "vector", "no matrix", "100");
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT8", "UINT8", "INT4", "FLOAT8E4M3FN", "INT32"})
  void refusesWeightsThatAreNotFloats(String type) {
    Value quantized = test.constant("w", zeros(DataType.valueOf(type), 8, 8, 3, 3));
    test.node("conv", "Conv", x, test.node("dequantize", "DequantizeLinear", quantized, x));
    assertRefused(find(), "w", type.toLowerCase(java.util.Locale.ROOT));
  }

  @Test
  void findsHalfAndDoublePrecision() {
    for (DataType type : List.of(DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE)) {
      test.node("fc " + type, "MatMul", x, test.constant(type.toString(), zeros(type, 8, 8)));
    }
    assertFound(find(), "float16", "bfloat16", "double");
  }

  @Test
  void tablesAreOptIn() {
    test.node("lookup", "Gather", test.weight("table", 100, 16), x);
    assertRefused(find(), "table", "node lookup (Gather)", "embeddings");
    assertFound(find(options(Granularity.element(), true)), "table");
  }

  @Test
  void tiedTablesAreOptInToo() {
    Value tied = test.weight("tied", 100, 16);
    Value hidden = test.node("lookup", "Gather", tied, x);
    test.node("head", "MatMul", hidden, test.node("turn", "Transpose", tied));
    assertRefused(find(), "tied", "embeddings");
    PrunableWeights found = find(options(new Granularity.NofM(2, 4), true));
    assertFound(found, "tied");
    assertEquals(1, found.weights().get(0).inputAxis().getAsInt());
  }

  @Test
  void depthwiseKernelsAreOptIn() {
    Value depthwise = test.node("dw", "Conv", x, test.weight("dw.w", 32, 1, 3, 3));
    TestModel.with(depthwise, "group", 32);
    assertRefused(find(), "dw.w", "depthwise", "node dw (Conv)");
    assertFound(find(options(Granularity.element(), true)), "dw.w");
  }

  @Test
  void groupedConvolutionsAndSingleChannelsAreNotDepthwise() {
    TestModel.with(
        test.node("grouped", "Conv", x, test.weight("grouped.w", 32, 2, 3, 3)), "group", 16);
    test.node("mono", "Conv", x, test.weight("mono.w", 32, 1, 3, 3));
    TestModel.with(
        test.node("up", "ConvTranspose", x, test.weight("up.w", 32, 1, 3, 3)), "group", 2);
    assertFound(find(), "grouped.w", "mono.w", "up.w");
  }

  @Test
  void depthwiseIsSeenThroughATransposition() {
    Value kernel = test.weight("dw.w", 3, 3, 1, 32);
    Value turned =
        TestModel.with(test.node("turn", "Transpose", kernel), "perm", List.of(3L, 2L, 0L, 1L));
    TestModel.with(test.node("dw", "Conv", x, turned), "group", 32);
    assertRefused(find(), "dw.w", "depthwise");
  }

  @Test
  void findsWeightsOfSubgraphsAndOfTheGraphAround() {
    Value outer = test.weight("outer", 8, 8);
    Graph body = new Graph("body", test.graph);
    TestModel inside = new TestModel(body);
    Value result = inside.node("inner fc", "MatMul", outer, inside.weight("inner", 8, 8));
    body.addOutput(result);
    test.add("loop", "Loop", test.graph.declare("looped"), x)
        .setAttribute("body", new Attribute.GraphAttribute(body));
    assertFound(find(), "outer", "inner");
  }

  @Test
  void followsWeightsOutOfTheBranchesOfIf() {
    Value w = test.weight("w", 8, 8);
    Value chosen = test.graph.declare("chosen");
    var choice = test.add("if", "If", chosen, x);
    for (String branch : List.of("then_branch", "else_branch")) {
      Graph graph = new Graph(branch, test.graph);
      graph.addOutput(new TestModel(graph).node("pass", "Identity", w));
      choice.setAttribute(branch, new Attribute.GraphAttribute(graph));
    }
    test.node("fc", "MatMul", x, chosen);
    assertFound(find(), "w");
  }

  @Test
  void refusesWeightsThatABodyReturns() {
    Value w = test.weight("w", 8, 8);
    test.node("fc", "MatMul", x, w);
    Graph body = new Graph("body", test.graph);
    body.addOutput(w);
    test.add("loop", "Loop", test.graph.declare("looped"), x)
        .setAttribute("body", new Attribute.GraphAttribute(body));
    assertRefused(find(), "w", "body of node loop (Loop)");
  }

  private Value function(String name, String operator, boolean transposed) {
    Graph body = new Graph(name, null);
    TestModel inside = new TestModel(body);
    Value data = inside.input("data");
    Value weight = inside.input("weight");
    Value used = transposed ? inside.node("turn", "Transpose", weight) : weight;
    body.addOutput(operator.isEmpty() ? used : inside.node("inner", operator, data, used));
    test.functions.add(new Function(new OperatorId("local", name, ""), body));
    return body.outputs().get(0);
  }

  @Test
  void followsWeightsIntoFunctions() {
    function("Dense", "MatMul", true);
    test.node("first", "local.Dense", x, test.weight("w1", 8, 16));
    test.node("second", "local.Dense", x, test.weight("w2", 8, 16));
    PrunableWeights found = find(options(new Granularity.NofM(2, 4), false));
    assertFound(found, "w1", "w2");
    assertEquals(1, found.weights().get(0).inputAxis().getAsInt());
    assertEquals(List.of("w2"), names(find(globs(List.of("second"), List.of(), Map.of()))));
  }

  @Test
  void followsWeightsOutOfTheFunctionThatWasCalled() {
    function("Turned", "", true);
    Value w = test.weight("w", 8, 16);
    Value bias = test.weight("b", 8, 16);
    test.node("fc", "MatMul", x, test.node("call", "local.Turned", x, w));
    test.node("add", "Add", x, test.node("other call", "local.Turned", x, bias));
    PrunableWeights found = find();
    assertEquals(List.of("w"), names(found));
    assertEquals("b", found.refusals().get(0).where());
  }

  @Test
  void findsConstantsInFunctions() {
    Graph body = new Graph("Dense", null);
    TestModel inside = new TestModel(body);
    Value data = inside.input("data");
    body.addOutput(
        inside.node(
            "inner", "MatMul", data, inside.constantNode("held", TestModel.normal(1, 8, 8))));
    test.functions.add(new Function(new OperatorId("local", "Dense", ""), body));
    test.node("first", "local.Dense", x);
    test.node("second", "local.Dense", x);
    assertFound(find(), "held");
  }

  @Test
  void aFunctionThatCallsItselfEnds() {
    Graph body = new Graph("Self", null);
    TestModel inside = new TestModel(body);
    Value data = inside.input("data");
    Value weight = inside.input("weight");
    body.addOutput(inside.node("again", "local.Self", data, weight));
    test.functions.add(new Function(new OperatorId("local", "Self", ""), body));
    test.node("call", "local.Self", x, test.weight("w", 8, 8));
    assertRefused(find(), "w", "not followed");
  }

  @Test
  void globsNameTensorsAndNodesAndWinOverEachOtherInOrder() {
    test.node("/block/fc1", "MatMul", x, test.weight("fc1.weight", 8, 8));
    test.node("/block/fc2", "MatMul", x, test.weight("fc2.weight", 8, 8));
    test.node("head", "MatMul", x, test.weight("head.weight", 8, 8));
    assertFound(find(globs(List.of("/block/*"), List.of(), Map.of())), "fc1.weight", "fc2.weight");
    assertFound(find(globs(List.of("*"), List.of("head.*"), Map.of())), "fc1.weight", "fc2.weight");
    PrunableWeights found = find(globs(List.of(), List.of(), Map.of("fc1.weight", 0.9)));
    assertEquals(0.9, found.ownSparsity(found.weights().get(0)).getAsDouble());
    assertTrue(found.ownSparsity(found.weights().get(1)).isEmpty());
  }

  @Test
  void theFirstLayerGlobThatMatchesCounts() {
    test.node("fc", "MatMul", x, test.weight("w", 8, 8));
    Map<String, Double> layers = new java.util.LinkedHashMap<>();
    layers.put("w", 0.1);
    layers.put("*", 0.2);
    PrunableWeights found = find(globs(List.of(), List.of(), layers));
    assertEquals(0.1, found.ownSparsity(found.weights().get(0)).getAsDouble());
    assertEquals(List.of(), found.unmatchedGlobs());
  }

  @Test
  void globsThatNameNothingAreListed() {
    test.node("fc", "MatMul", x, test.weight("w", 8, 8), test.weight("bias", 64));
    PrunableWeights found =
        find(globs(List.of("w", "typo"), List.of("bias"), Map.of("conv*", 0.3)));
    assertEquals(
        List.of(
            new UnmatchedGlob("include", "typo"),
            new UnmatchedGlob("exclude", "bias"),
            new UnmatchedGlob("layer", "conv*")),
        found.unmatchedGlobs());
  }

  @Test
  void whatWasNotAskedForIsNotRefused() {
    test.node("fc", "MatMul", x, test.weight("w", 8, 8));
    test.node("add", "Add", x, test.weight("positions", 32, 16));
    test.node("tiny", "MatMul", x, test.weight("tiny.w", 2, 2));
    assertFound(find(globs(List.of("w"), List.of(), Map.of())), "w");
    assertFound(find(globs(List.of(), List.of("positions", "tiny"), Map.of())), "w");
  }

  @Test
  void strangeShapesAreLeftAlone() {
    long[] many = new long[200];
    java.util.Arrays.fill(many, 1);
    many[3] = 100;
    test.node("deep", "MatMul", x, test.weight("deep.w", many));
    test.node("none", "MatMul", x, test.weight("none.w", 0, 1L << 40));
    assertEquals(List.of(), names(find()));
    assertEquals(2, find().refusals().size());
  }
}

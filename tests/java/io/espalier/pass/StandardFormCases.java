package io.espalier.pass;

import io.espalier.graph.Ops;
import java.util.List;
import java.util.stream.Stream;

/** At least one call of each operator that has a standard form. */
final class StandardFormCases {
  private static final long[] TWO_BY_THREE = {2, 3};

  private StandardFormCases() {}

  static Stream<UpgradeCase> all() {
    return Stream.of(fused(), norms(), attention(), moving(), standardAttention(), sampling())
        .flatMap(List::stream);
  }

  /** Calls that have no standard form. */
  static Stream<UpgradeCase> refused() {
    return Stream.of(
        of("FusedConv").x(1, 2, 5, 5).x(3, 2, 3, 3).with("activation", "Softmax"),
        of("Attention").x(2, 3, 8).x(8, 24).x(24).with("num_heads", 2).with("do_rotary", 1),
        scaledDotProduct().x(2, 2, 3, 4).x(2, 2, 5, 4).x(2, 2, 5, 6).with("softcap", 2.0),
        grid(2, 3, 5, 4).x(2, 3, 6, 2).with("padding_mode", "reflection"),
        UpgradeCase.at(Ops.OPSET, "RoiAlign").x(1, 1, 2, 2).x(1, 4).ints(0),
        of("MultiHeadAttention").x(2, 3, 2, 3, 4).absent().absent().with("num_heads", 2));
  }

  /** A call of an operator of com.microsoft. */
  private static UpgradeCase of(String operator) {
    return UpgradeCase.at(Ops.OPSET, "com.microsoft." + operator);
  }

  private static UpgradeCase conv(String activation, Float... parameters) {
    UpgradeCase call =
        of("FusedConv").x(1, 2, 5, 5).x(3, 2, 3, 3).x(3).with("activation", activation);
    return parameters.length == 0 ? call : call.withFloats("activation_params", parameters);
  }

  private static List<UpgradeCase> fused() {
    return List.of(
        of("BiasGelu").x(2, 3, 4).x(4),
        of("FastGelu").x(2, 3, 4),
        of("FastGelu").x(2, 3, 4).x(4),
        of("Gelu").x(2, 3, 4),
        UpgradeCase.at(24, "Swish").x(2, 3).with("alpha", 0.7),
        of("QuickGelu").x(2, 3, 4).with("alpha", 1.5),
        conv("Relu"),
        conv("Sigmoid"),
        conv("Tanh"),
        conv("LeakyRelu", 0.3f),
        conv("HardSigmoid", 0.3f, 0.4f),
        conv("Clip", -0.5f, 0.5f),
        of("FusedConv")
            .x(1, 2, 5, 5)
            .x(2, 1, 3, 3)
            .x(2)
            .x(1, 2, 3, 3)
            .with("activation", "Relu")
            .with("group", 2)
            .withInts("strides", 2, 2)
            .withInts("pads", 1, 1, 1, 1),
        of("FusedGemm")
            .x(4, 3)
            .x(5, 4)
            .x(5)
            .with("transA", 1)
            .with("transB", 1)
            .with("alpha", 0.5)
            .with("activation", "LeakyRelu")
            .with("activation_alpha", 0.2),
        of("FusedGemm").x(3, 4).x(4, 5).with("activation", "Relu"),
        of("FusedMatMul").x(2, 3, 4).x(2, 4, 5).with("alpha", 0.5),
        of("FusedMatMul").x(2, 4, 3).x(2, 5, 4).with("transA", 1).with("transB", 1),
        of("FusedMatMul").x(3, 2, 4).x(2, 4, 5).with("transBatchA", 1),
        of("FusedMatMul").x(4, 2, 6, 3).x(2, 6, 4, 5).with("transBatchA", 1).with("transA", 1),
        of("FusedMatMul").x(2, 3, 4).x(4, 2, 5).with("transBatchB", 1),
        of("FusedMatMul").x(4).x(5, 4).with("transA", 1).with("transB", 1),
        of("TransposeMatMul").x(4, 3).x(4, 5).with("transA", 1));
  }

  private static List<UpgradeCase> norms() {
    return List.of(
        UpgradeCase.at(23, "RMSNormalization").x(2, 3, 4).x(4),
        UpgradeCase.at(23, "RMSNormalization").x(2, 3, 4).x(3, 4).with("axis", 1),
        UpgradeCase.at(Ops.OPSET, "SimplifiedLayerNormalization").x(2, 3, 4).x(4),
        UpgradeCase.at(Ops.OPSET, "SimplifiedLayerNormalization")
            .x(2, 3, 4)
            .x(3, 4)
            .with("axis", 1)
            .with("epsilon", 0.1)
            .outputs(2),
        of("SkipLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4),
        of("SkipLayerNormalization").x(2, 3, 4).x(3, 4).x(4).x(4).with("epsilon", 0.1),
        of("SkipLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4).x(4).x(4).outputs(4),
        of("SkipSimplifiedLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4),
        of("SkipSimplifiedLayerNormalization").x(2, 3, 4).x(2, 3, 4).x(4).x(4),
        embedding().with("epsilon", 0.1).outputs(2),
        embedding().int32s(TWO_BY_THREE, 1, 1, 0, 1, 1, 1).outputs(3),
        of("EmbedLayerNormalization")
            .int32s(TWO_BY_THREE, 4, 1, 0, 2, 2, 3)
            .absent()
            .x(5, 4)
            .x(6, 4)
            .absent()
            .x(4)
            .x(4)
            .absent()
            .int32s(TWO_BY_THREE, 5, 4, 3, 0, 1, 2)
            .outputs(2));
  }

  private static UpgradeCase embedding() {
    return of("EmbedLayerNormalization")
        .int32s(TWO_BY_THREE, 4, 1, 0, 2, 2, 3)
        .int32s(TWO_BY_THREE, 0, 0, 1, 1, 0, 1)
        .x(5, 4)
        .x(6, 4)
        .x(2, 4)
        .x(4)
        .x(4);
  }

  private static UpgradeCase selfAttention() {
    return of("Attention").x(2, 3, 8).x(8, 24).x(24).with("num_heads", 2);
  }

  private static UpgradeCase crossAttention() {
    return of("MultiHeadAttention").x(2, 3, 8).x(2, 5, 8).x(2, 5, 4).with("num_heads", 2);
  }

  private static List<UpgradeCase> attention() {
    return List.of(
        selfAttention(),
        selfAttention().with("scale", 0.3).with("unidirectional", 1),
        selfAttention().int32s(new long[] {2}, 2, 3),
        selfAttention().int32s(new long[] {4}, 2, 3, 0, 1).with("unidirectional", 1),
        selfAttention().int32s(TWO_BY_THREE, 1, 1, 0, 1, 0, 1).with("mask_filter_value", -3.0),
        selfAttention()
            .int32s(new long[] {2, 3, 3}, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1)
            .absent()
            .x(2, 2, 3, 3),
        selfAttention().absent().x(2, 2, 2, 4, 4).with("unidirectional", 1).outputs(2),
        of("Attention")
            .x(2, 3, 8)
            .x(8, 20)
            .x(20)
            .with("num_heads", 2)
            .withInts("qkv_hidden_sizes", 8, 8, 4),
        crossAttention(),
        crossAttention().x(20),
        crossAttention().absent().int32s(new long[] {2}, 5, 3),
        crossAttention()
            .absent()
            .int32s(new long[] {2, 5}, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0)
            .x(1, 2, 3, 5),
        of("MultiHeadAttention").x(2, 3, 8).x(2, 2, 5, 4).x(2, 2, 5, 4).with("num_heads", 2),
        of("MultiHeadAttention")
            .x(2, 3, 8)
            .x(2, 3, 8)
            .x(2, 3, 8)
            .absent()
            .absent()
            .absent()
            .x(2, 2, 4, 4)
            .x(2, 2, 4, 4)
            .with("num_heads", 2)
            .with("unidirectional", 1)
            .outputs(3));
  }

  private static List<UpgradeCase> moving() {
    long[] positions = {0, 1, 2, 3, 2, 1};
    return List.of(
        of("DequantizeLinear").int8s(new long[] {2, 2}, 1, -7, 100, 3).floats(new long[0], 0.5f),
        of("QuantizeLinear").x(2, 3).floats(new long[0], 0.5f).int8s(new long[0], 3),
        rotary().x(2, 3, 8).w(10, 2).w(10, 2).ints(TWO_BY_THREE, positions).with("num_heads", 2),
        rotary().x(2, 2, 3, 8).w(2, 3, 4).w(2, 3, 4).with("interleaved", 1),
        rotary()
            .x(2, 3, 16)
            .w(10, 2)
            .w(10, 2)
            .ints(TWO_BY_THREE, positions)
            .with("num_heads", 2)
            .with("rotary_embedding_dim", 4),
        of("ExpandDims").x(2, 3).int32s(new long[0], -1),
        of("GatherND").x(2, 3).ints(new long[] {2, 2}, 0, 2, 1, 1),
        of("Pad").x(2, 3).ints(new long[] {1, 4}, 1, 0, 0, 2),
        of("Trilu").x(3, 3).ints(new long[0], 1).with("upper", 0),
        of("RotaryEmbedding").x(2, 3, 8).ints(TWO_BY_THREE, positions).w(10, 4).w(10, 4),
        of("RotaryEmbedding")
            .x(2, 3, 8)
            .ints(new long[] {1}, 2)
            .w(10, 2)
            .w(10, 2)
            .with("interleaved", 1),
        of("RotaryEmbedding").x(2, 2, 3, 8).ints(TWO_BY_THREE, positions).w(10, 4).w(10, 4),
        of("RotaryEmbedding")
            .x(2, 3, 16)
            .ints(TWO_BY_THREE, positions)
            .w(10, 2)
            .w(10, 2)
            .with("rotary_embedding_dim", 4)
            .with("num_heads", 2));
  }

  private static UpgradeCase rotary() {
    return UpgradeCase.at(23, "RotaryEmbedding");
  }

  private static UpgradeCase scaledDotProduct() {
    return UpgradeCase.at(23, "Attention");
  }

  private static UpgradeCase packedHeads() {
    return scaledDotProduct()
        .x(2, 3, 16)
        .x(2, 5, 8)
        .x(2, 5, 6)
        .with("q_num_heads", 4)
        .with("kv_num_heads", 2);
  }

  private static List<UpgradeCase> standardAttention() {
    return List.of(
        packedHeads(),
        packedHeads().with("is_causal", 1).with("scale", 0.3),
        packedHeads().x(3, 5),
        scaledDotProduct().x(2, 2, 3, 4).x(2, 2, 5, 4).x(2, 2, 5, 6),
        scaledDotProduct().x(2, 4, 3, 4).x(2, 2, 5, 4).x(2, 2, 5, 6).x(2, 1, 3, 5),
        scaledDotProduct()
            .x(2, 2, 3, 4)
            .x(2, 2, 3, 4)
            .x(2, 2, 3, 4)
            .absent()
            .x(2, 2, 2, 4)
            .x(2, 2, 2, 4)
            .with("is_causal", 1)
            .outputs(3));
  }

  private static UpgradeCase grid(long... dims) {
    return UpgradeCase.at(Ops.OPSET, "GridSample").x(dims);
  }

  private static List<UpgradeCase> sampling() {
    UpgradeCase regions =
        UpgradeCase.at(Ops.OPSET, "RoiAlign")
            .x(2, 3, 6, 7)
            .floats(new long[] {3, 4}, 0, 1, 9, 8, -4, 2, 5, 13, 1, 1, 1.5f, 1.5f)
            .ints(1, 0, 1)
            .with("output_height", 2)
            .with("output_width", 3)
            .with("sampling_ratio", 2);
    return List.of(
        UpgradeCase.at(Ops.OPSET, "AffineGrid").x(2, 2, 3).ints(2, 3, 4, 5),
        UpgradeCase.at(Ops.OPSET, "AffineGrid")
            .x(2, 2, 3)
            .ints(2, 3, 4, 5)
            .with("align_corners", 1),
        UpgradeCase.at(Ops.OPSET, "AffineGrid").x(1, 3, 4).ints(1, 2, 3, 4, 5),
        grid(2, 3, 5, 4).x(2, 3, 6, 2),
        grid(2, 3, 5, 4).x(2, 3, 6, 2).with("align_corners", 1).with("padding_mode", "border"),
        grid(2, 3, 5, 4).x(2, 3, 6, 2).with("mode", "nearest"),
        grid(1, 2, 3, 4, 5).x(1, 2, 2, 2, 3),
        regions,
        regions.with("spatial_scale", 0.5));
  }
}

package io.espalier.gradient;

import static io.espalier.gradient.GradientCase.of;

import java.util.List;
import java.util.stream.Stream;

/** What {@link GradientCheckTest} checks: at least one case for every rule. */
final class GradientCases {
  private GradientCases() {}

  static Stream<GradientCase> all() {
    return Stream.of(
            elementwise(),
            activations(),
            reductions(),
            shapes(),
            matrices(),
            convolutions(),
            pools(),
            norms(),
            RecurrentCases.all(),
            losses())
        .flatMap(List::stream);
  }

  private static List<GradientCase> elementwise() {
    return List.of(
        of("Add").x(2, 3).x(2, 3),
        of("Add").x(2, 3, 2).x(3, 1),
        of("Add").x(2, 1, 2).x(1, 3, 1),
        of("Sub").x(2, 3).x(3),
        of("Sub").x(3).x(2, 3),
        of("Mul").x(2, 3, 4).x(1, 4),
        of("Mul").x(2, 3).x(),
        of("Div").x(2, 3).positive(2, 3),
        of("Div").x(2, 3).positive(1),
        of("Mod").x(2, 3).positive(3).with("fmod", 1),
        of("Pow").positive(2, 3).x(3),
        of("Pow").positive(2, 3).ints(3),
        of("Sum").x(2, 3).x(3).x(2, 1),
        of("Mean").x(2, 3).x(3),
        of("Max").x(2, 3).x(3).x(2, 1),
        of("Min").x(2, 3).x(2, 3),
        of("Where").bools(2, 3).x(3).x(2, 1),
        of("Neg").x(2, 3),
        of("Abs").x(2, 3),
        of("Exp").x(2, 3),
        of("Log").positive(2, 3),
        of("Sqrt").positive(2, 3),
        of("Reciprocal").x(2, 3),
        of("Sin").x(2, 3),
        of("Cos").x(2, 3),
        of("Tan").unit(2, 3),
        of("Asin").unit(2, 3),
        of("Acos").unit(2, 3),
        of("Atan").x(2, 3),
        of("Sinh").x(2, 3),
        of("Cosh").x(2, 3),
        of("Asinh").x(2, 3),
        of("Acosh").large(2, 3),
        of("Atanh").unit(2, 3),
        of("Erf").x(2, 3));
  }

  private static List<GradientCase> activations() {
    return List.of(
        of("Relu").x(2, 5),
        of("LeakyRelu").x(2, 5).with("alpha", 0.2),
        of("LeakyRelu").x(2, 5).with("alpha", -0.2),
        of("PRelu").x(2, 3, 4).x(3, 1),
        of("ThresholdedRelu").x(2, 6).with("alpha", 0.55),
        of("Shrink").x(2, 6).with("lambd", 0.55).with("bias", 0.2).floatOnly(),
        of("Elu").x(2, 5).with("alpha", 1.3),
        of("Selu").x(2, 5),
        of("Celu").x(2, 5).with("alpha", 1.5),
        of("Sigmoid").x(2, 5),
        of("Tanh").x(2, 5),
        of("Softplus").x(2, 5),
        of("Softsign").x(2, 5),
        of("HardSigmoid").x(2, 6).with("alpha", 0.4).with("beta", 0.45),
        of("HardSwish").x(2, 6),
        of("Mish").x(2, 5),
        of("Gelu").x(2, 5),
        of("Gelu").x(2, 5).with("approximate", "tanh"),
        of("com.microsoft.Gelu").x(2, 5),
        of("com.microsoft.QuickGelu").x(2, 5).with("alpha", 1.2),
        of("Clip").x(2, 9).unit().large(),
        of("Clip").x(2, 9).absent().positive(),
        of("Clip").x(2, 9).unit(),
        of("Dropout").x(2, 5));
  }

  private static List<GradientCase> reductions() {
    return List.of(
        of("ReduceSum").x(2, 3, 4).ints(1, -1),
        of("ReduceSum").x(2, 3, 4).ints(0).with("keepdims", 0),
        of("ReduceSum").x(2, 3).with("keepdims", 0),
        of("ReduceSum").x(2, 3).with("noop_with_empty_axes", 1),
        of("ReduceMean").x(2, 3, 4).ints(0, 2).with("keepdims", 0),
        of("ReduceMean").x(2, 3, 4).ints(-1),
        of("ReduceMean").x(2, 3),
        of("ReduceMax").x(2, 3, 4).ints(1).with("keepdims", 0),
        of("ReduceMax").x(2, 3).with("keepdims", 0),
        of("ReduceMin").x(2, 3, 4).ints(0, -1),
        of("ReduceSumSquare").x(2, 3).ints(1).with("keepdims", 0),
        of("ReduceL1").x(2, 3).ints(0),
        of("ReduceL2").x(2, 3).ints(1).with("keepdims", 0),
        of("ReduceLogSum").positive(2, 3).ints(1),
        of("ReduceLogSumExp").x(2, 3).ints(1).with("keepdims", 0),
        of("ReduceProd").x(2, 3).ints(1).with("keepdims", 0));
  }

  private static List<GradientCase> shapes() {
    return List.of(
        of("ScatterElements").x(3, 3).ints(new long[] {1, 2}, 0, 2).x(1, 2).with("axis", 1),
        of("ScatterElements")
            .x(3, 3)
            .ints(new long[] {2, 2}, 0, 2, 0, 1)
            .x(2, 2)
            .with("reduction", "add"),
        of("ScatterND").x(4, 2).ints(new long[] {2, 1}, 3, 1).x(2, 2),
        of("ScatterND").x(4, 2).ints(new long[] {2, 1}, 1, 1).x(2, 2).with("reduction", "add"),
        of("ScatterND").x(4, 2).ints(new long[] {2, 1}, 1, 1).x(2, 2).with("reduction", "mul"),
        of("ScatterND").x(4, 2).ints(new long[] {2, 1}, 1, 1).x(2, 2).with("reduction", "min"),
        of("ScatterND").x(4, 2).ints(new long[] {2, 1}, 1, 3).x(2, 2).with("reduction", "max"),
        of("ScatterElements")
            .x(3, 3)
            .ints(new long[] {2, 2}, 0, 2, 0, 1)
            .x(2, 2)
            .with("axis", 1)
            .with("reduction", "max"),
        of("ScatterElements")
            .x(3, 3)
            .ints(new long[] {2, 2}, 0, 2, 1, 1)
            .x(2, 2)
            .with("axis", 1)
            .with("reduction", "mul"),
        of("Identity").x(2, 3),
        of("CastLike").x(2, 3).fixed(1),
        of("Cast").x(2, 3).with("to", 1).floatOnly(),
        of("Reshape").x(2, 6).ints(-1, 3, 2),
        of("Flatten").x(2, 3, 2),
        of("Squeeze").x(2, 1, 3).ints(1),
        of("Unsqueeze").x(2, 3).ints(0, -1),
        of("Transpose").x(2, 3, 4).ints("perm", 2, 0, 1),
        of("Transpose").x(2, 3),
        of("Concat").x(2, 3).x(2, 1).x(2, 4).with("axis", 1),
        of("Concat").x(2, 3).x(1, 3).with("axis", -2),
        of("Split").x(2, 7).ints(3, 4).with("axis", 1).outputs(2, 2),
        of("Split").x(4, 3).ints(1, 2, 1).outputs(3, 2),
        of("Slice").x(3, 5).ints(1).ints(-1).ints(1),
        of("Slice").x(3, 5).ints(1, 0).ints(3, 9),
        of("Slice").x(3, 7).ints(6).ints(-9).ints(1).ints(-2),
        of("Slice").x(3, 7).ints(1).ints(2000).ints(0).ints(1),
        of("Pad").x(2, 3).ints(0, 1, 1, 2),
        of("Pad").x(2, 3).ints(2, -1).absent().ints(1),
        of("Pad").x(2, 4).ints(0, 2, 0, 1).with("mode", "reflect"),
        of("Pad").x(2, 4).ints(0, 2, 0, 1).with("mode", "edge"),
        of("Expand").x(2, 1, 3).ints(4, 2, 5, 1),
        of("Tile").x(2, 3).ints(2, 3),
        of("Compress").x(3, 2).bools(3).with("axis", 0),
        of("Compress").x(3, 2).bools(5),
        of("CenterCropPad").x(3, 5).ints(6, 3),
        of("CenterCropPad").x(2, 5, 3).ints(3, 4).ints("axes", 1, 2),
        of("ReverseSequence").x(4, 2, 3).ints(4, 2),
        of("ReverseSequence").x(2, 4).ints(3, 2).with("batch_axis", 0).with("time_axis", 1),
        of("Trilu").x(2, 3, 3).with("upper", 0),
        of("Trilu").x(2, 3, 3).ints(new long[] {}, 1),
        of("DepthToSpace").x(2, 8, 2, 3).with("blocksize", 2),
        of("DepthToSpace").x(2, 8, 2, 3).with("blocksize", 2).with("mode", "CRD").sized(),
        of("SpaceToDepth").x(2, 2, 4, 6).with("blocksize", 2),
        of("Gather").x(4, 3).ints(new long[] {2, 3}, 0, 3, 3, 1, -1, 0),
        of("Gather").x(2, 4, 3).ints(new long[] {2, 2}, 0, 3, 3, 1).with("axis", 1),
        of("Gather").x(4, 3).ints32(3, 0, 3),
        of("Gather").x(2, 4).ints(new long[] {}, 2).with("axis", -1),
        of("Gather").x(3, 4, 2).ints(new long[] {}, -2).with("axis", 1),
        of("GatherElements").x(2, 3).ints(new long[] {2, 2}, 0, 2, 1, 1).with("axis", 1),
        of("GatherND").x(3, 2, 2).ints(new long[] {2, 2}, 0, 1, 2, 0),
        of("GatherND").x(2, 3, 2).ints(new long[] {2, 2, 1}, 0, 2, 1, 1).with("batch_dims", 1),
        of("CumSum").x(2, 4).ints(new long[] {}, 1),
        of("CumSum").x(2, 4).ints(new long[] {}, 1).with("reverse", 1).with("exclusive", 1),
        of("TopK").x(2, 5).ints(3).outputs(2, 1));
  }

  private static List<GradientCase> matrices() {
    return List.of(
        of("Einsum").x(2, 3).x(3, 4).with("equation", "ij,jk->ik"),
        of("Einsum").x(2, 3, 4).x(2, 4, 5).with("equation", "bij, bjk -> bki"),
        of("Einsum").x(2, 3).with("equation", "ij->i"),
        of("Einsum").x(2, 3).x(3).with("equation", "ij,j"),
        of("Einsum").x(2, 3, 4).x(4, 5).with("equation", "...j,jk->...k"),
        of("Einsum").x(2, 5, 3, 4).x(2, 1, 4, 3).with("equation", "...ij,...ji->...i"),
        of("Einsum").x(2, 3).x(2, 3).with("equation", "...i,...i"),
        of("MatMul").x(2, 3).x(3, 4),
        of("MatMul").x(2, 5, 3).x(3, 4),
        of("MatMul").x(2, 5, 3).x(2, 3, 4),
        of("MatMul").x(2, 1, 5, 3).x(4, 3, 2),
        of("MatMul").x(2, 3).x(4, 3, 2),
        of("MatMul").x(3).x(3, 4),
        of("MatMul").x(3).x(2, 3, 4),
        of("MatMul").x(2, 4, 3).x(3),
        of("MatMul").x(3).x(3),
        of("Gemm").x(2, 3).x(3, 4).x(4),
        of("Gemm").x(2, 3).x(4, 3).x(2, 1).with("transB", 1).with("alpha", 0.5),
        of("Gemm").x(3, 2).x(3, 4).x(1).with("transA", 1).with("beta", 0.7),
        of("Gemm").x(3, 2).x(4, 3).x(2, 4).with("transA", 1).with("transB", 1),
        of("Gemm").x(2, 3).x(3, 4));
  }

  private static List<GradientCase> convolutions() {
    return List.of(
        of("Conv").x(2, 1, 6, 7).w(3, 1, 3, 2).ints("strides", 2, 2).ints("pads", 1, 0, 0, 1),
        of("Conv").x(2, 1, 7).w(2, 1, 3).ints("dilations", 2),
        of("Conv").x(2, 8, 5, 4).w(3, 8, 3, 3).ints("pads", 1, 1, 1, 1),
        of("Conv").x(2, 8, 5, 6).w(3, 8, 3, 2).ints("pads", 2, 0, 0, 1),
        of("Conv").x(2, 8, 6).w(2, 8, 3).ints("pads", 2, 2).ints("dilations", 2),
        of("Conv").x(1, 8, 33).w(2, 8, 2),
        of("Conv").x(2, 2, 6).w(3, 2, 3).w(3),
        of("Conv").x(2, 2, 5, 6).w(3, 2, 3, 3).w(3),
        of("Conv").x(2, 2, 6, 7).w(3, 2, 3, 2).ints("strides", 2, 3),
        of("Conv").x(2, 2, 6, 6).w(3, 2, 3, 3).w(3).ints("pads", 1, 0, 2, 1),
        of("Conv").x(2, 2, 7, 8).w(3, 2, 3, 3).ints("dilations", 2, 1).ints("strides", 1, 2),
        of("Conv").x(2, 4, 5, 5).w(6, 2, 3, 3).w(6).with("group", 2).ints("pads", 1, 1, 1, 1),
        of("Conv").x(2, 3, 6, 6).w(3, 1, 3, 3).with("group", 3).ints("strides", 2, 2),
        of("Conv").x(2, 2, 6, 7).w(2, 2, 3, 3).with("auto_pad", "SAME_UPPER"),
        of("Conv")
            .x(2, 2, 6, 7)
            .w(2, 2, 2, 3)
            .with("auto_pad", "SAME_LOWER")
            .ints("strides", 2, 2)
            .sized(),
        of("Conv").x(1, 2, 4, 4, 3).w(2, 2, 2, 3, 2).w(2).ints("strides", 1, 2, 1),
        of("Conv").x(2, 8, 5, 5).w(3, 8, 3, 3).w(3),
        of("Conv").x(2, 8, 6, 5).w(3, 8, 3, 2).ints("pads", 1, 0, 1, 1).ints("strides", 2, 1),
        of("Conv").x(2, 8, 7, 5).w(3, 8, 3, 3).ints("dilations", 2, 1).ints("strides", 2, 2),
        of("Conv").x(2, 8, 3, 4).w(3, 8, 1, 1).w(3),
        of("Conv").x(2, 8, 6).w(3, 8, 3).ints("pads", 1, 1),
        of("Conv").x(2, 8, 6, 7).w(3, 8, 3, 2).ints("pads", 1, 1, 1, 1).ints("dilations", 2, 2),
        of("Conv").x(1, 4, 3, 4, 3).w(2, 4, 2, 3, 2).ints("pads", 1, 0, 1, 0, 2, 0),
        of("ConvTranspose").x(2, 3, 4, 4).w(3, 2, 3, 3).w(2),
        of("ConvTranspose")
            .x(2, 4, 3, 4)
            .w(4, 2, 3, 3)
            .with("group", 2)
            .ints("strides", 2, 2)
            .ints("pads", 1, 1, 1, 1)
            .ints("output_padding", 1, 1),
        of("ConvTranspose")
            .x(2, 2, 4, 5)
            .w(2, 3, 3, 2)
            .ints("strides", 2, 1)
            .with("auto_pad", "SAME_UPPER"),
        of("ConvTranspose").x(2, 2, 4).w(2, 3, 4).ints("strides", 3).with("auto_pad", "SAME_LOWER"),
        of("ConvTranspose")
            .x(2, 2, 4)
            .w(2, 3, 4)
            .ints("strides", 2)
            .ints("output_shape", 7)
            .sized(),
        of("ConvTranspose").x(1, 1, 3, 4, 5).w(1, 2, 3, 3, 3),
        of("ConvTranspose")
            .x(2, 2, 2, 3, 3)
            .w(2, 3, 2, 3, 2)
            .ints("strides", 1, 2, 2)
            .ints("pads", 1, 0, 0, 0, 1, 1),
        of("ConvTranspose").x(2, 3, 4).w(3, 9, 3).ints("strides", 2).ints("dilations", 2));
  }

  private static List<GradientCase> pools() {
    return List.of(
        of("GlobalLpPool").x(2, 3, 4, 2),
        of("GlobalLpPool").x(2, 3, 4).with("p", 3),
        of("MaxUnpool")
            .x(1, 1, 2, 2)
            .ints(new long[] {1, 1, 2, 2}, 1, 6, 8, 15)
            .ints("kernel_shape", 2, 2)
            .ints("strides", 2, 2),
        of("LpPool").x(2, 2, 4, 6).ints("kernel_shape", 2, 3).sized(),
        of("LpPool").x(2, 2, 7).ints("kernel_shape", 3).ints("strides", 2).with("p", 3).sized(),
        of("Resize").x(2, 3, 3, 4).absent().floats(1, 1, 2, 3).with("mode", "nearest"),
        of("Resize").x(2, 3, 3, 4).absent().floats(1, 1, 2.5, 0.8).with("mode", "linear"),
        of("Resize")
            .x(2, 1, 4, 4)
            .absent()
            .absent()
            .ints(2, 1, 7, 9)
            .with("mode", "cubic")
            .with("coordinate_transformation_mode", "align_corners"),
        of("Resize")
            .x(2, 3, 3, 4)
            .absent()
            .floats(2, 2)
            .ints("axes", 2, 3)
            .with("mode", "linear")
            .with("coordinate_transformation_mode", "asymmetric"),
        of("Resize")
            .x(2, 2, 8, 7)
            .absent()
            .floats(1, 1, 0.5, 0.6)
            .with("mode", "linear")
            .with("antialias", 1),
        of("Resize")
            .x(2, 2, 4, 5)
            .floats(0, 0, 0.2, 0.3, 1, 1, 0.7, 0.9)
            .absent()
            .ints(2, 2, 3, 6)
            .with("mode", "linear")
            .with("extrapolation_value", 4.0)
            .with("coordinate_transformation_mode", "tf_crop_and_resize"),
        of("Resize").x(2, 2, 3, 4).absent().floats(1, 1, 2, 1.5).with("mode", "cubic"),
        of("MaxPool").x(2, 2, 4, 6).ints("kernel_shape", 2, 2).ints("strides", 2, 2),
        of("MaxPool").x(2, 2, 5, 7).ints("kernel_shape", 2, 3).ints("strides", 2, 3),
        of("MaxPool").x(2, 2, 5, 5).ints("kernel_shape", 3, 3).ints("pads", 1, 1, 1, 1),
        of("MaxPool")
            .x(2, 2, 5, 5)
            .ints("kernel_shape", 2, 2)
            .ints("strides", 2, 2)
            .with("ceil_mode", 1),
        of("MaxPool").x(2, 2, 7).ints("kernel_shape", 3).ints("dilations", 2),
        of("MaxPool").x(1, 2, 4, 4, 4).ints("kernel_shape", 2, 2, 2).ints("strides", 2, 2, 2),
        of("AveragePool").x(2, 2, 4, 6).ints("kernel_shape", 2, 2).ints("strides", 2, 2).sized(),
        of("AveragePool").x(2, 2, 5, 5).ints("kernel_shape", 3, 2).ints("strides", 1, 2).sized(),
        of("AveragePool")
            .x(2, 2, 5, 5)
            .ints("kernel_shape", 3, 3)
            .ints("pads", 1, 1, 1, 1)
            .ints("strides", 2, 2)
            .sized(),
        of("AveragePool")
            .x(2, 2, 5, 5)
            .ints("kernel_shape", 3, 3)
            .ints("pads", 1, 1, 1, 1)
            .with("count_include_pad", 1)
            .sized(),
        of("AveragePool")
            .x(2, 2, 6, 5)
            .ints("kernel_shape", 3, 3)
            .ints("strides", 2, 2)
            .with("ceil_mode", 1)
            .sized(),
        of("AveragePool").x(2, 2, 7).ints("kernel_shape", 3).with("auto_pad", "SAME_UPPER").sized(),
        of("GlobalMaxPool").x(2, 3, 4, 2),
        of("GlobalAveragePool").x(2, 3, 4, 2));
  }

  private static List<GradientCase> norms() {
    return List.of(
        of("GroupNormalization").x(2, 4, 3).w(4).w(4).with("num_groups", 2).floatOnly(),
        of("MeanVarianceNormalization").x(2, 3, 2, 2),
        of("MeanVarianceNormalization").x(2, 3, 4).ints("axes", 2),
        of("LpNormalization").x(2, 3),
        of("LpNormalization").x(2, 3, 2).with("axis", 1).with("p", 1),
        of("LRN").x(2, 5, 2, 2).with("size", 3).with("alpha", 0.5).with("beta", 0.6),
        of("LRN").x(2, 5, 2, 2).with("size", 5).with("alpha", 0.5).with("bias", 1.5),
        of("BatchNormalization").x(3, 2, 2, 2).x(2).x(2).x(2).positive(2),
        of("BatchNormalization").x(3, 2).x(2).x(2).fixed(2).fixed(2),
        of("BatchNormalization")
            .x(3, 2, 2, 2)
            .x(2)
            .x(2)
            .fixed(2)
            .fixed(2)
            .with("training_mode", 1)
            .outputs(3, 1),
        of("BatchNormalization")
            .x(5, 3)
            .x(3)
            .x(3)
            .fixed(3)
            .fixed(3)
            .with("training_mode", 1)
            .outputs(3, 1),
        of("LayerNormalization").x(2, 3, 4).x(4).x(4),
        of("LayerNormalization").x(2, 3, 4).x(3, 4).with("axis", 1),
        of("InstanceNormalization").x(2, 3, 4).x(3).x(3),
        of("Softmax").x(2, 3, 4),
        of("Softmax").x(2, 3, 4).with("axis", 1),
        of("LogSoftmax").x(2, 3),
        of("LogSoftmax").x(2, 3, 4).with("axis", 0));
  }

  private static List<GradientCase> losses() {
    return List.of(
        of("SoftmaxCrossEntropyLoss").x(3, 4).ints(1, 0, 3),
        of("SoftmaxCrossEntropyLoss").x(2, 3, 2).ints(new long[] {2, 2}, 1, 0, 2, 2),
        of("SoftmaxCrossEntropyLoss").x(3, 4).ints(1, 0, 3).with("reduction", "sum"),
        of("SoftmaxCrossEntropyLoss").x(3, 4).ints(1, 2, 3).with("ignore_index", 2).fixed(4),
        of("NegativeLogLikelihoodLoss").x(3, 4).ints(1, 0, 3),
        of("NegativeLogLikelihoodLoss").x(3, 4).ints(1, 0, 3).fixed(4).with("reduction", "none"));
  }
}

package io.espalier.pass;

import static io.espalier.pass.UpgradeCase.at;

import java.util.List;
import java.util.stream.Stream;

/** At least one call for each change of an operator, in the form before it. */
final class UpgradeCases {
  private UpgradeCases() {}

  static Stream<UpgradeCase> all() {
    return Stream.of(reductions(), axes(), shapes(), arithmetic(), norms(), images(), legacy())
        .flatMap(List::stream);
  }

  /** Calls whose old form has no counterpart. */
  static Stream<UpgradeCase> refused() {
    return Stream.of(
        at(5, "Tile").x(2, 3).ints(2).ints(1),
        at(8, "Scan").x(2, 3),
        at(8, "BatchNormalization").x(2, 3, 4).w(3, 4).w(3, 4).w(3, 4).w(3, 4).with("spatial", 0),
        at(10, "Resize").x(1, 2, 4, 4).floats(1, 1, 0.5f, 2),
        at(11, "Resize")
            .x(1, 1, 4, 4)
            .floats()
            .floats(1, 1, 2, 2)
            .with("mode", "linear")
            .with("coordinate_transformation_mode", "tf_half_pixel_for_nn"));
  }

  private static List<UpgradeCase> reductions() {
    return Stream.of(
            "L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")
        .map(kind -> "Reduce" + kind)
        .flatMap(
            operator ->
                Stream.of(
                    at(11, operator).positive(2, 3, 4).withInts("axes", 1),
                    at(11, operator).positive(2, 3, 4).withInts("axes", -1, 0).with("keepdims", 0),
                    at(12, operator).positive(2, 3, 4)))
        .toList();
  }

  private static List<UpgradeCase> axes() {
    return List.of(
        at(11, "Squeeze").x(2, 1, 3, 1).withInts("axes", 1, -1),
        at(7, "Squeeze").x(2, 1, 3, 1),
        at(11, "Unsqueeze").x(2, 3).withInts("axes", 0, 2),
        at(9, "Slice").x(4, 5).withInts("starts", 1, -3).withInts("ends", 9, -1),
        at(9, "Slice").x(4, 5).withInts("axes", 1).withInts("starts", 0).withInts("ends", -1),
        at(11, "Split").x(2, 7).with("axis", 1).withInts("split", 3, 4).outputs(2),
        at(11, "Split").x(4, 2).outputs(2),
        at(13, "Split").x(4, 3).with("axis", -1).outputs(3),
        at(13, "Split").x(2, 6).ints(2, 4).with("axis", 1).outputs(2),
        at(1, "Pad")
            .x(2, 3)
            .withInts("paddings", 0, 1, 2, 1)
            .like(at(9, "Pad").x(2, 3).withInts("pads", 0, 1, 2, 1)),
        at(9, "Pad").x(2, 3).withInts("pads", 0, 1, 2, 1).with("value", 1.5),
        at(10, "Pad").x(1, 2, 4).withInts("pads", 0, 0, 2, 0, 0, 1).with("mode", "reflect"),
        at(9, "TopK").x(3, 5).with("k", 2).with("axis", 0).outputs(2),
        at(1, "Reshape").x(2, 6).withInts("shape", 3, -1),
        at(7, "Clip").x(3, 4).with("min", -0.5).with("max", 0.5),
        at(10, "Clip").x(3, 4).with("min", 0.0),
        at(10, "Clip").x(3, 4),
        at(17, "DFT").x(1, 4, 2).with("axis", 1));
  }

  private static List<UpgradeCase> shapes() {
    return List.of(
        at(1, "Concat").x(2, 3).x(2, 2).like(at(7, "Concat").x(2, 3).x(2, 2).with("axis", 1)),
        at(1, "Cast").x(2, 3).with("to", "INT32").like(at(7, "Cast").x(2, 3).with("to", 6)),
        at(10, "Scatter").x(3, 3).ints(new long[] {1, 3}, 0, 1, 2).x(1, 3),
        at(9, "Softmax").x(2, 3, 4),
        at(9, "Softmax").x(2, 3, 4).with("axis", 2),
        at(11, "Softmax").x(2, 3, 4).with("axis", -1),
        at(11, "Softmax").x(2, 3, 4).with("axis", -2).withUnknownSizes(),
        at(9, "Softmax").x(2, 5, 1, 1),
        at(9, "LogSoftmax").x(2, 3, 4),
        at(12, "LogSoftmax").x(2, 3, 4).with("axis", 0),
        at(9, "LogSoftmax").x(2, 3),
        at(9, "Hardmax").x(2, 3, 4),
        at(1, "LSTM")
            .x(3, 2, 4)
            .w(1, 20, 4)
            .w(1, 20, 5)
            .with("hidden_size", 5)
            .with("output_sequence", 1)
            .like(at(7, "LSTM").x(3, 2, 4).w(1, 20, 4).w(1, 20, 5).with("hidden_size", 5)),
        at(3, "GRU")
            .x(3, 2, 4)
            .w(1, 15, 4)
            .w(1, 15, 5)
            .with("hidden_size", 5)
            .with("output_sequence", 1)
            .like(at(7, "GRU").x(3, 2, 4).w(1, 15, 4).w(1, 15, 5).with("hidden_size", 5)),
        at(1, "RNN")
            .x(3, 2, 4)
            .w(1, 5, 4)
            .w(1, 5, 5)
            .with("hidden_size", 5)
            .with("output_sequence", 1)
            .like(at(7, "RNN").x(3, 2, 4).w(1, 5, 4).w(1, 5, 5).with("hidden_size", 5)));
  }

  private static List<UpgradeCase> arithmetic() {
    return Stream.concat(
            Stream.of("Add", "Sub", "Mul", "Div", "Pow")
                .map(
                    op ->
                        at(6, op)
                            .positive(2, 3, 4)
                            .w(3)
                            .with("broadcast", 1)
                            .with("axis", 1)
                            .like(at(7, op).positive(2, 3, 4).w(3, 1))),
            Stream.of(
                at(6, "And")
                    .bools(2, 3)
                    .bools(3)
                    .with("broadcast", 1)
                    .like(at(7, "And").bools(2, 3).bools(3)),
                at(6, "Or")
                    .bools(2, 3)
                    .bools(3)
                    .with("broadcast", 1)
                    .like(at(7, "Or").bools(2, 3).bools(3)),
                at(6, "Xor")
                    .bools(2, 3)
                    .bools(3)
                    .with("broadcast", 1)
                    .like(at(7, "Xor").bools(2, 3).bools(3)),
                at(6, "Equal")
                    .bools(2, 3)
                    .bools(3)
                    .with("broadcast", 1)
                    .like(at(7, "Equal").bools(2, 3).bools(3)),
                at(6, "Greater")
                    .x(2, 3)
                    .x(3)
                    .with("broadcast", 1)
                    .like(at(7, "Greater").x(2, 3).x(3)),
                at(6, "Less")
                    .x(2, 3, 4)
                    .x(2, 3)
                    .with("broadcast", 1)
                    .with("axis", 0)
                    .like(at(7, "Less").x(2, 3, 4).x(2, 3, 1)),
                at(6, "Add").x(2, 3).x(2, 3).like(at(7, "Add").x(2, 3).x(2, 3)),
                at(5, "Selu")
                    .x(2, 3)
                    .like(at(6, "Selu").x(2, 3).with("alpha", 1.6732).with("gamma", 1.0507)),
                at(6, "Gemm")
                    .x(2, 3)
                    .w(3, 4)
                    .w(4)
                    .with("broadcast", 1)
                    .like(at(7, "Gemm").x(2, 3).w(3, 4).w(4)),
                at(6, "PRelu").x(2, 3, 4).w(3).like(at(7, "PRelu").x(2, 3, 4).w(3, 1))))
        .toList();
  }

  private static List<UpgradeCase> norms() {
    return List.of(
        at(6, "BatchNormalization")
            .x(2, 3, 4)
            .w(3)
            .w(3)
            .w(3)
            .w(3)
            .with("is_test", 1)
            .like(at(7, "BatchNormalization").x(2, 3, 4).w(3).w(3).w(3).w(3)),
        at(7, "BatchNormalization").x(2, 3, 4).w(3).w(3).w(3).w(3).with("spatial", 1),
        at(9, "BatchNormalization").x(2, 3, 4, 4).w(3).w(3).w(3).w(3).with("epsilon", 0.01),
        at(6, "Dropout")
            .x(2, 3)
            .with("is_test", 1)
            .with("ratio", 0.3)
            .like(at(7, "Dropout").x(2, 3)),
        at(7, "Dropout").x(2, 3).with("ratio", 0.3),
        at(10, "Dropout").x(2, 3),
        at(8, "MeanVarianceNormalization").x(2, 3, 4, 4),
        at(8, "MeanVarianceNormalization").x(2, 3, 4, 4).with("across_channels", 1),
        at(18, "GroupNormalization").x(2, 6, 3).w(2).w(2).with("num_groups", 2));
  }

  private static List<UpgradeCase> images() {
    return List.of(
        at(6, "Upsample")
            .x(1, 1, 2, 3)
            .with("height_scale", 2.0)
            .with("width_scale", 3.0)
            .like(at(7, "Upsample").x(1, 1, 2, 3).withFloats("scales", 1f, 1f, 2f, 3f)),
        at(7, "Upsample").x(1, 2, 3, 3).withFloats("scales", 1f, 1f, 2f, 2f),
        at(9, "Upsample").x(1, 2, 3, 3).floats(1, 1, 2.5f, 2).with("mode", "nearest"),
        at(9, "Upsample").x(1, 2, 3, 3).floats(1, 1, 2, 3).with("mode", "linear"),
        at(10, "Resize").x(1, 2, 3, 3).floats(1, 1, 2, 2),
        at(10, "Resize").x(1, 2, 7, 7).floats(1, 1, 0.4f, 0.6f),
        at(10, "Resize").x(1, 2, 4, 4).floats(1, 1, 1.5f, 2).with("mode", "linear"),
        at(10, "Resize").x(1, 2, 5, 5).floats(1, 1, 0.6f, 0.6f).with("mode", "linear"),
        at(11, "Resize")
            .x(1, 2, 5, 5)
            .floats()
            .floats(1, 1, 1.7f, 0.6f)
            .with("coordinate_transformation_mode", "tf_half_pixel_for_nn")
            .with("nearest_mode", "floor"),
        at(11, "Resize")
            .x(1, 2, 5, 5)
            .floats()
            .floats(1, 1, 2, 2)
            .with("mode", "cubic")
            .with("coordinate_transformation_mode", "align_corners"),
        at(10, "RoiAlign")
            .x(1, 2, 6, 6)
            .floats(new long[] {1, 4}, 0.5f, 1, 4, 5)
            .ints(0)
            .with("output_height", 2)
            .with("output_width", 3),
        at(16, "GridSample").x(1, 1, 4, 4).x(1, 3, 3, 2),
        at(16, "GridSample").x(1, 1, 4, 4).x(1, 3, 3, 2).with("mode", "bicubic"),
        at(16, "GridSample").x(1, 1, 4, 4).x(1, 3, 3, 2).with("mode", "nearest"));
  }

  private static List<UpgradeCase> legacy() {
    return List.of(
        at(8, "Affine").x(2, 3).with("alpha", 0.7).with("beta", 0.3),
        at(8, "ConstantFill")
            .fedInts(2, 3)
            .with("input_as_shape", 1)
            .with("value", 0.0)
            .like(at(9, "ConstantOfShape").fedInts(2, 3)),
        at(8, "ConstantFill")
            .withInts("shape", 2)
            .withInts("extra_shape", 3)
            .like(at(9, "ConstantOfShape").ints(2, 3)),
        at(8, "Crop").x(1, 2, 6, 7).withInts("border", 1, 2, 3, 1),
        at(8, "Crop").x(1, 2, 6, 7).withInts("border", 1, 2, 3, 1).withInts("scale", 3, 2),
        at(8, "DynamicSlice").x(4, 5).ints(1, 0).ints(3, 4).ints(0, 1),
        at(8, "ImageScaler").x(2, 3, 4, 4).withFloats("bias", 0.1f, -2f, 3f).with("scale", 0.017),
        at(8, "ParametricSoftplus").x(2, 3).with("alpha", 1.3).with("beta", 0.7).withinRounding(),
        at(8, "Scale").x(2, 3).with("scale", 0.7),
        at(8, "ScaledTanh").x(2, 3).with("alpha", 1.3).with("beta", 0.7).withinRounding());
  }
}

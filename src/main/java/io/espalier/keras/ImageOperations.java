package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import io.espalier.keras.Operations.One;
import io.espalier.keras.Operations.Rule;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Functions on images. */
final class ImageOperations {
  static final Map<String, Rule> RULES = rules();

  private ImageOperations() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new TreeMap<>();
    rules.put("resize", (One) ImageOperations::resize);
    rules.put("resize_bilinear", (One) call -> oldResize(call, "linear"));
    rules.put("resize_nearest_neighbor", (One) call -> oldResize(call, "nearest"));
    rules.put("depth_to_space", (One) call -> blocks(call, "DepthToSpace"));
    rules.put("space_to_depth", (One) call -> blocks(call, "SpaceToDepth"));
    rules.put("max_pool", (One) call -> pool(call, "MaxPooling"));
    rules.put("average_pool", (One) call -> pool(call, "AveragePooling"));
    return rules;
  }

  private static Image image(OperationCall call) {
    Image x = Image.of(call.layer(), call.x(), call.x().rank() - 2);
    if (call.setting(-1, "data_format")
        .filter(Json::isText)
        .map(Json::text)
        .orElse("")
        .startsWith("NC")) {
      throw call.layer().unsupported("channels in front are not imported here");
    }
    return x;
  }

  private static long[] size(OperationCall call) {
    Json said =
        call.setting(1, "size", "new_size", "target_size")
            .orElseThrow(() -> call.layer().unsupported("a size that is computed is not imported"));
    long[] size = said.integers();
    if (size.length != 2 || size[0] < 1 || size[1] < 1) {
      throw said.unexpected("height and width");
    }
    return size;
  }

  private static KerasTensor resize(OperationCall call) {
    String how =
        call.setting(2, "method", "interpolation")
            .map(said -> said.isText() ? said.text() : said.toString())
            .orElse("bilinear")
            .toLowerCase(Locale.ROOT);
    if (call.setting(-1, "antialias").map(Json::flag).orElse(false)) {
      throw call.layer().unsupported("antialias is not imported");
    }
    String kind =
        switch (how) {
          case "0", "bilinear" -> "bilinear";
          case "1", "nearest", "nearest_neighbor" -> "nearest";
          default -> how;
        };
    return resized(call, ImageResize.attributes(call.layer(), kind, false));
  }

  private static KerasTensor resized(OperationCall call, Map<String, Attribute> attributes) {
    Image x = image(call);
    long[] space = size(call);
    Ops ops = call.layer().ops();
    Value sizes = ops.concat(0, List.of(ops.shape(x.value(), 0, 2), ops.ints(space)));
    Value y = ops.call("Resize", attributes, x.value(), null, null, sizes);
    return x.result(call.layer(), y, x.channels(), space);
  }

  /** As TensorFlow's first version places the samples, unless the call says otherwise. */
  private static KerasTensor oldResize(OperationCall call, String mode) {
    boolean corners = call.setting(-1, "align_corners").map(Json::flag).orElse(false);
    boolean centers = call.setting(-1, "half_pixel_centers").map(Json::flag).orElse(false);
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("mode", Attribute.of(mode));
    attributes.put(
        "coordinate_transformation_mode",
        Attribute.of(corners ? "align_corners" : centers ? "half_pixel" : "asymmetric"));
    if (mode.equals("nearest")) {
      attributes.put(
          "nearest_mode", Attribute.of(corners || centers ? "round_prefer_ceil" : "floor"));
    }
    return resized(call, attributes);
  }

  private static KerasTensor blocks(OperationCall call, String opType) {
    Image x = image(call);
    long size = call.setting(1, "block_size").orElseThrow().integer();
    boolean grows = opType.equals("DepthToSpace");
    long[] space = x.space().clone();
    for (int axis = 0; axis < space.length; axis++) {
      space[axis] = space[axis] < 0 ? -1 : grows ? space[axis] * size : space[axis] / size;
    }
    long channels = grows ? x.channels() / (size * size) : x.channels() * size * size;
    Value y = call.layer().ops().call(opType, Map.of("blocksize", Attribute.of(size)), x.value());
    return x.result(call.layer(), y, channels, space);
  }

  private static KerasTensor pool(OperationCall call, String className) {
    int axes = call.x().rank() - 2;
    long[] size = window(call.setting(1, "ksize", "pool_size").orElseThrow(), axes);
    long[] strides = call.setting(2, "strides").map(said -> window(said, axes)).orElse(size);
    Json config =
        Json.object()
            .with("pool_size", Json.of(size))
            .with("strides", Json.of(strides))
            .with(
                "padding",
                Json.of(
                    call.setting(3, "padding")
                        .map(Json::text)
                        .orElse("valid")
                        .toLowerCase(Locale.ROOT)))
            .with("dtype", Json.of(DataTypes.nameOf(call.layer().config().find("dtype"))));
    String name = className + axes + "D";
    LayerSpec spec =
        new LayerSpec(name, "", call.layer().spec().name(), config, List.of(), Optional.empty());
    image(call);
    return PoolLayers.RULES.get(name).emit(call.layer().as(spec), List.of(call.x())).get(0);
  }

  /** TensorFlow says windows of all axes, Keras of those of space. */
  private static long[] window(Json said, int axes) {
    long[] all = said.integers();
    long[] window = new long[axes];
    for (int axis = 0; axis < axes; axis++) {
      window[axis] = all.length == axes + 2 ? all[axis + 1] : all.length == 1 ? all[0] : all[axis];
    }
    return window;
  }
}

package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Elements;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/** Layers of {@code keras.layers.preprocessing} that are arithmetic, and those that vary images. */
final class PreprocessingLayers {
  /** Layers that change nothing outside of training. */
  private static final List<String> ONLY_IN_TRAINING =
      List.of(
          "RandomFlip",
          "RandomRotation",
          "RandomZoom",
          "RandomTranslation",
          "RandomContrast",
          "RandomBrightness",
          "RandomHeight",
          "RandomWidth",
          "RandomShear",
          "RandomHue",
          "RandomSaturation",
          "RandomSharpness",
          "RandomPosterization",
          "RandomColorJitter",
          "RandomColorDegeneration",
          "RandomGrayscale",
          "RandomGaussianBlur",
          "RandomInvert",
          "RandomErasing",
          "RandomElasticTransform",
          "RandomPerspective",
          "RandAugment",
          "AugMix",
          "CutMix",
          "MixUp");

  static final Map<String, LayerRule> RULES = rules();

  private PreprocessingLayers() {}

  private static Map<String, LayerRule> rules() {
    Map<String, LayerRule> rules =
        new TreeMap<>(
            Map.ofEntries(
                entry("Rescaling", LayerRule.one(PreprocessingLayers::rescaling)),
                entry("Normalization", LayerRule.one(PreprocessingLayers::normalization)),
                entry("Resizing", LayerRule.one(PreprocessingLayers::resizing)),
                entry("CenterCrop", LayerRule.one(PreprocessingLayers::centerCrop))));
    for (String layer : ONLY_IN_TRAINING) {
      rules.put(layer, (context, inputs) -> inputs);
    }
    return rules;
  }

  private static KerasTensor rescaling(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.floating(input);
    Ops ops = layer.ops();
    Value scaled = ops.mul(x.value(), perChannel(layer, x, "scale", 1));
    return x.with(ops.add(scaled, perChannel(layer, x, "offset", 0)));
  }

  /** A number, or one for each channel, so that it goes with the tensor as it lies. */
  private static Value perChannel(LayerContext layer, KerasTensor x, String key, double absent) {
    Json said = layer.config().find(key).orElse(Json.of(absent));
    if (!said.isList()) {
      return layer.number(said.number());
    }
    double[] numbers = said.items().stream().mapToDouble(Json::number).toArray();
    long[] shape = new long[x.rank()];
    Arrays.fill(shape, 1);
    shape[x.layout().isFlat() ? 1 : x.layout().axisOf(x.rank() - 1)] = numbers.length;
    return layer.ops().constant(Elements.tensor(layer.type(), Shape.of(shape), i -> numbers[i]));
  }

  /** (x - mean) / max(sqrt(variance), 1e-7), with statistics along the kept axes. */
  private static KerasTensor normalization(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(input));
    Ops ops = layer.ops();
    Json config = layer.config();
    long[] shape = new long[x.rank()];
    Arrays.fill(shape, 1);
    long[] axes =
        config.isObject() && config.entries().containsKey("axis") && !config.has("axis")
            ? new long[0]
            : config.has("axis") ? config.integers("axis") : new long[] {-1};
    long[] kept = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      int axis = Math.toIntExact(axes[i] < 0 ? axes[i] + x.rank() : axes[i]);
      kept[i] = layer.known(x, axis);
      shape[axis] = kept[i];
    }
    Tensor mean = statistic(layer, "mean", kept, shape);
    Tensor variance = statistic(layer, "variance", kept, shape);
    IntToDoubleFunction square = Elements.of(variance).orElseThrow();
    Tensor deviation =
        Elements.tensor(
            layer.type(),
            variance.shape(),
            i -> Math.max(Math.sqrt(square.applyAsDouble(i)), 1e-7));
    Value center = layer.initializer("mean", () -> mean);
    Value spread = layer.initializer("deviation", () -> deviation);
    Value y =
        config.flag("invert", false)
            ? ops.add(ops.mul(x.value(), spread), center)
            : ops.div(ops.sub(x.value(), center), spread);
    return x.with(y);
  }

  /** From the settings or, where the layer was adapted to data, from the weights. */
  private static Tensor statistic(LayerContext layer, String name, long[] kept, long[] shape) {
    Json said = layer.config().find(name).orElse(null);
    if (said == null) {
      return Tensors.reshape(layer.tensor(name, kept), shape);
    }
    double[] numbers = numbers(said);
    Shape full = Shape.of(shape);
    if (numbers.length != 1 && numbers.length != full.elements()) {
      throw layer.malformed(
          "%s: expected %d numbers, got %d".formatted(name, full.elements(), numbers.length));
    }
    return Elements.tensor(layer.type(), full, i -> numbers[numbers.length == 1 ? 0 : i]);
  }

  private static double[] numbers(Json said) {
    if (said.isObject() && (said.has("value") || said.has("config"))) {
      return numbers(said.find("value").or(() -> said.get("config").find("value")).orElseThrow());
    }
    return said.isList()
        ? said.items().stream().flatMapToDouble(item -> Arrays.stream(numbers(item))).toArray()
        : new double[] {said.number()};
  }

  private static KerasTensor resizing(LayerContext layer, KerasTensor input) {
    Json config = layer.config();
    if (config.flag("crop_to_aspect_ratio", false) || config.flag("pad_to_aspect_ratio", false)) {
      throw layer.unsupported("keeping the aspect ratio is not imported");
    }
    if (config.flag("antialias", false)) {
      throw layer.unsupported("antialias is not imported");
    }
    Image x = Image.of(layer, input, 2);
    long[] space = {config.integer("height"), config.integer("width")};
    Ops ops = layer.ops();
    Value sizes = ops.concat(0, List.of(ops.shape(x.value(), 0, 2), ops.ints(space[0], space[1])));
    Value y =
        ops.call(
            "Resize",
            ImageResize.attributes(layer, config.text("interpolation", "bilinear"), false),
            x.value(),
            null,
            null,
            sizes);
    return x.result(layer, y, x.channels(), space);
  }

  /** The middle of an image, or of the image resized if it is smaller. */
  private static KerasTensor centerCrop(LayerContext layer, KerasTensor input) {
    Image x = Image.of(layer, input, 2);
    long[] space = {layer.config().integer("height"), layer.config().integer("width")};
    long[] starts = new long[2];
    long[] ends = new long[2];
    for (int axis = 0; axis < 2; axis++) {
      if (x.space()[axis] < space[axis]) {
        throw layer.unsupported("the image may be smaller than what is cropped from it");
      }
      starts[axis] = (x.space()[axis] - space[axis]) / 2;
      ends[axis] = starts[axis] + space[axis];
    }
    Value y = layer.ops().slice(x.value(), starts, ends, new long[] {2, 3}, new long[] {1, 1});
    return x.result(layer, y, x.channels(), space);
  }
}

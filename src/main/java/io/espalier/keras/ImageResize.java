package io.espalier.keras;

import io.espalier.graph.Attribute;
import java.util.Map;

/** The attributes of {@code Resize} for Keras' ways of interpolation. */
final class ImageResize {
  private ImageResize() {}

  /**
   * Attributes.
   *
   * @param repeats whether the nearest element is the one a whole factor repeats; otherwise it is
   *     that at the middle
   */
  static Map<String, Attribute> attributes(
      LayerContext layer, String interpolation, boolean repeats) {
    return switch (interpolation) {
      case "nearest" ->
          Map.of(
              "mode",
              Attribute.of("nearest"),
              "coordinate_transformation_mode",
              Attribute.of(repeats ? "asymmetric" : "half_pixel"),
              "nearest_mode",
              Attribute.of(repeats ? "floor" : "round_prefer_ceil"));
      case "bilinear" -> Map.of("mode", Attribute.of("linear"));
      case "bicubic" ->
          Map.of(
              "mode",
              Attribute.of("cubic"),
              "cubic_coeff_a",
              Attribute.of(-0.5f),
              "exclude_outside",
              Attribute.of(1));
      default -> throw layer.unsupported("interpolation '" + interpolation + "' has no operator");
    };
  }

  /**
   * Attributes for whole factors. Keras before tf.keras, on TensorFlow 1, took the samples of a
   * bilinear enlargement from the corners of the elements, not from their middles.
   */
  static Map<String, Attribute> repeated(LayerContext layer, String interpolation) {
    String version = layer.dialect().version();
    boolean corners = version.matches("2\\.[0-3]\\.\\d+") && interpolation.equals("bilinear");
    return corners
        ? Map.of(
            "mode",
            Attribute.of("linear"),
            "coordinate_transformation_mode",
            Attribute.of("asymmetric"))
        : attributes(layer, interpolation, true);
  }
}

package io.espalier.pass;

import static io.espalier.pass.OperatorChange.since;

import io.espalier.graph.Attribute;
import io.espalier.graph.Elements;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/** Operators that sample images. */
final class ImageUpgrades {
  /** The opset in which Resize came, in the form that Upsample had. */
  private static final long FIRST_RESIZE = 10;

  private static final long REGION_MAY_BE_ABSENT = 13;

  private static final String COORDINATES = "coordinate_transformation_mode";

  static final List<OperatorChange> CHANGES =
      List.of(
          since(7, "Upsample", ImageUpgrades::namedScales),
          since(9, "Upsample", ImageUpgrades::scalesInput),
          since(10, "Upsample", ImageUpgrades::upsample),
          since(11, "Resize", ImageUpgrades::resize),
          since(13, "Resize", ImageUpgrades::halfPixelOfNearest),
          since(16, "RoiAlign", ImageUpgrades::roiAlign),
          since(20, "GridSample", ImageUpgrades::gridSample));

  private ImageUpgrades() {}

  private static void namedScales(Upgrade u) {
    float height = u.takeFloat("height_scale", 1);
    float width = u.takeFloat("width_scale", 1);
    u.node().setAttribute("scales", new Attribute.FloatsAttribute(List.of(1f, 1f, height, width)));
  }

  private static void scalesInput(Upgrade u) {
    u.setInput(1, u.ops().floats(u.takeFloats("scales")));
  }

  /** Upsample only enlarges: the source of an element is the one before. */
  private static void upsample(Upgrade u) {
    Value x = u.x();
    Value scales = u.input(1);
    String mode = u.node().stringAttribute("mode", "nearest");
    if (u.to() == FIRST_RESIZE) {
      ShapeUpgrades.rename(u, "Resize");
      return;
    }
    u.become("Resize", x, noRegion(u), scales);
    describe(u, mode, "floor");
  }

  /** The region of interest that no mode but one looks at, and that opset 13 lets be absent. */
  private static Value noRegion(Upgrade u) {
    return u.to() < REGION_MAY_BE_ABSENT ? u.ops().floats() : null;
  }

  private static void describe(Upgrade u, String mode, String nearest) {
    u.node().setAttribute("mode", Attribute.of(mode.equals("bilinear") ? "linear" : mode));
    u.node().setAttribute(COORDINATES, Attribute.of("asymmetric"));
    if (mode.equals("nearest")) {
      u.node().setAttribute("nearest_mode", Attribute.of(nearest));
    }
  }

  /** In the first form, shrinking took the element behind, enlarging the one before. */
  private static void resize(Upgrade u) {
    if (u.has(COORDINATES)) {
      return;
    }
    Value scales = u.input(1);
    String mode = u.node().stringAttribute("mode", "nearest");
    String nearest = mode.equals("nearest") && shrinks(u, scales) ? "ceil" : "floor";
    u.setInput(2, scales);
    u.setInput(1, noRegion(u));
    describe(u, mode, nearest);
  }

  private static boolean shrinks(Upgrade u, Value scales) {
    Optional<IntToDoubleFunction> constant = scales.constant().flatMap(Elements::of);
    if (constant.isEmpty()) {
      throw u.refuse("its scales are computed, so whether it shrinks is not known");
    }
    long count = scales.constant().orElseThrow().shape().elements();
    boolean smaller = false;
    boolean larger = false;
    for (int i = 0; i < count; i++) {
      smaller |= constant.get().applyAsDouble(i) < 1;
      larger |= constant.get().applyAsDouble(i) > 1;
    }
    if (smaller && larger) {
      throw u.refuse("it shrinks along one axis and enlarges along another");
    }
    return smaller;
  }

  /** floor((i + 1/2) / scale) is the nearest of (i + 1/2) / scale - 1/2, a half rounded up. */
  private static void halfPixelOfNearest(Upgrade u) {
    if (!u.node().stringAttribute(COORDINATES, "half_pixel").equals("tf_half_pixel_for_nn")) {
      return;
    }
    boolean floors = u.node().stringAttribute("nearest_mode", "round_prefer_floor").equals("floor");
    if (!floors || !u.node().stringAttribute("mode", "nearest").equals("nearest")) {
      throw u.refuse("tf_half_pixel_for_nn has a counterpart only where it rounds down");
    }
    u.node().setAttribute(COORDINATES, Attribute.of("half_pixel"));
    u.node().setAttribute("nearest_mode", Attribute.of("round_prefer_ceil"));
  }

  private static void roiAlign(Upgrade u) {
    if (!u.has(COORDINATES)) {
      u.node().setAttribute(COORDINATES, Attribute.of("output_half_pixel"));
    }
  }

  private static void gridSample(Upgrade u) {
    switch (u.node().stringAttribute("mode", "bilinear")) {
      case "bilinear" -> u.node().setAttribute("mode", Attribute.of("linear"));
      case "bicubic" -> u.node().setAttribute("mode", Attribute.of("cubic"));
      default -> {}
    }
  }
}

package io.espalier.data;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is done to every element before a model sees it: {@code (element * scale - mean) / std}.
 * Only applied to inputs of a float type.
 *
 * @param scale absent: 1/255 for data of unsigned bytes, else 1
 * @param mean one per channel or one for all; empty: 0
 * @param std one per channel or one for all; empty: 1
 * @param layout of the images in the data; absent: found out by comparing with the model's input
 * @param bgr whether the three channels of images change from red, green, blue to blue, green, red,
 *     before all else
 */
public record Preprocessing(
    Optional<Double> scale,
    List<Double> mean,
    List<Double> std,
    Optional<Layout> layout,
    boolean bgr) {
  /** The order of the axes of images: channels before or after height and width. */
  public enum Layout {
    NCHW,
    NHWC;

    /** The layout of that lower-case name. */
    public static Layout of(String name) {
      return valueOf(name.toUpperCase(Locale.ROOT));
    }
  }

  /** Everything as in the data, but for unsigned bytes. */
  public static final Preprocessing NONE =
      new Preprocessing(Optional.empty(), List.of(), List.of(), Optional.empty(), false);

  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
  }
}

package io.espalier.runtime;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** Values that the name of an input gives away, where they are the same for every element. */
final class NamedValues {
  private static final Set<String> STATES =
      Set.of("h", "c", "h0", "c0", "hn", "cn", "h_0", "c_0", "h_in", "c_in", "h1", "c1");

  private NamedValues() {}

  /**
   * The value that every element should have.
   *
   * @param length of the model's sequence, or -1 if it has none
   */
  static OptionalDouble of(Port input, Shape shape, long length) {
    String name = input.name().toLowerCase(Locale.ROOT);
    if (input.dataType() == DataType.BOOL) {
      return flag(name, shape);
    }
    if (name.contains("mask")) {
      return OptionalDouble.of(1);
    }
    if (isState(name, shape)) {
      return OptionalDouble.of(0);
    }
    if (name.equals("sr") || name.contains("sample_rate") || name.contains("sampling_rate")) {
      return OptionalDouble.of(16000);
    }
    boolean few = shape.elements() <= 16 || shape.rank() <= 1;
    return few ? parameter(input, name, length) : OptionalDouble.empty();
  }

  private static OptionalDouble flag(String name, Shape shape) {
    if (name.contains("train")) {
      return OptionalDouble.of(0);
    }
    return shape.elements() == 1 || name.contains("mask")
        ? OptionalDouble.of(1)
        : OptionalDouble.empty();
  }

  private static boolean isState(String name, Shape shape) {
    return shape.rank() >= 2
        && (STATES.contains(name)
            || name.contains("state") && !name.contains("encoder_hidden")
            || name.contains("past_key")
            || name.contains("past_value")
            || name.contains("cache")
            || name.startsWith("past"));
  }

  private static OptionalDouble parameter(Port input, String name, long length) {
    if (name.contains("iou") || name.contains("nms")) {
      return OptionalDouble.of(0.5);
    }
    if (name.contains("thresh") || name.contains("score") || name.contains("conf")) {
      return OptionalDouble.of(0.25);
    }
    if (name.contains("num_beams") || name.contains("num_return") || name.contains("min_length")) {
      return OptionalDouble.of(1);
    }
    if (name.contains("max_length")) {
      return OptionalDouble.of(Math.max(8, 2 * length));
    }
    if (name.contains("len") || name.endsWith("_l")) {
      return length > 0 ? OptionalDouble.of(length) : OptionalDouble.empty();
    }
    if (name.equals("t") || name.contains("timestep") || name.contains("time_step")) {
      return OptionalDouble.of(10);
    }
    if (name.equals("sid") || name.contains("speaker") || name.contains("lang")) {
      return OptionalDouble.of(0);
    }
    boolean factor =
        name.contains("scale")
            || name.contains("temperature")
            || name.contains("speed")
            || name.contains("penalty")
            || name.contains("ratio");
    return input.dataType().isFloat() && factor ? OptionalDouble.of(1) : OptionalDouble.empty();
  }
}

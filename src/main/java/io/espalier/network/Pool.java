package io.espalier.network;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The largest or the mean element of each window; padding counts for neither.
 *
 * @param window absent: the whole image
 */
public record Pool(Form form, Optional<Window> window) implements Layer {
  /** What becomes of a window. */
  public enum Form {
    MAX("Max"),
    AVERAGE("Average");

    private final String operator;

    Form(String operator) {
      this.operator = operator;
    }
  }

  public Pool {
    if (!window.map(Window::isDense).orElse(true)) {
      throw new IllegalArgumentException("dilation: only convolutions have one");
    }
  }

  @Override
  public String kind() {
    String name = form.name().toLowerCase(Locale.ROOT) + "-pool";
    return window.isPresent() ? name : "global-" + name;
  }

  @Override
  public Shape outputShape(Shape in) {
    if (window.isPresent()) {
      return window.get().outputShape(kind(), in, in.dim(0));
    }
    long[] dims = new long[Window.requireImage(kind(), in) + 1];
    Arrays.fill(dims, 1);
    dims[0] = in.dim(0);
    return Shape.of(dims);
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    Map<String, Attribute> attributes = window.map(seen -> seen.attributes(in)).orElseGet(Map::of);
    return emission.call(
        (window.isPresent() ? "" : "Global") + form.operator + "Pool", attributes, x);
  }
}

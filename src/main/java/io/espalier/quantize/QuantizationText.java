package io.espalier.quantize;

import io.espalier.quantize.Quantization.Calibration;
import io.espalier.quantize.Quantization.Grain;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** {@code GOAL[:SETTING=VALUE,…]}, each setting read once. */
final class QuantizationText {
  private static final int BITS = 8;
  private static final int BLOCK = 32;
  private static final int SAMPLES = 256;
  private static final double PERCENTILE = 99.99;

  private enum YesNo {
    YES,
    NO
  }

  private enum Ranges {
    STATIC,
    DYNAMIC
  }

  private final String goal;
  private final Map<String, String> left = new LinkedHashMap<>();

  QuantizationText(String text) {
    String[] parts = text.strip().toLowerCase(Locale.ROOT).split(":", 2);
    this.goal = parts[0];
    String settings = parts.length > 1 ? parts[1] : "";
    for (String setting : settings.isBlank() ? new String[0] : settings.split(",")) {
      String[] pair = setting.split("=", 2);
      if (pair.length != 2) {
        throw new IllegalArgumentException(
            "expected settings as in bits=8,by=channel, got '" + setting + "'");
      }
      left.put(pair[0].strip(), pair[1].strip());
    }
  }

  Quantization read() {
    Quantization read =
        switch (goal) {
          case "size" -> size();
          case "speed" -> speed();
          default ->
              throw new IllegalArgumentException("expected size or speed, got '" + goal + "'");
        };
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "%s, as it is asked for here, has no setting %s".formatted(goal, left.keySet()));
    }
    return read;
  }

  private Quantization size() {
    Grain grain = choice("by", Grain.CHANNEL);
    return new Quantization.Size(
        whole("bits", BITS),
        grain,
        grain == Grain.BLOCK ? whole("block", BLOCK) : BLOCK,
        choice("symmetric", YesNo.YES) == YesNo.YES);
  }

  private Quantization speed() {
    int bits = whole("bits", BITS);
    if (choice("activations", Ranges.STATIC) == Ranges.DYNAMIC) {
      return new Quantization.Dynamic(bits);
    }
    Calibration calibration = choice("calibration", Calibration.MSE);
    double percentile =
        calibration == Calibration.PERCENTILE ? number("percentile", PERCENTILE) : PERCENTILE;
    return new Quantization.Static(bits, calibration, percentile, whole("samples", SAMPLES));
  }

  private int whole(String name, int usual) {
    double number = number(name, usual);
    if (number != (int) number) {
      throw new IllegalArgumentException(name + ": expected a whole number, got " + number);
    }
    return (int) number;
  }

  private double number(String name, double usual) {
    String text = left.remove(name);
    try {
      return text == null ? usual : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": expected a number, got '" + text + "'", e);
    }
  }

  private <E extends Enum<E>> E choice(String name, E usual) {
    String text = left.remove(name);
    StringBuilder names = new StringBuilder();
    for (E constant : usual.getDeclaringClass().getEnumConstants()) {
      String word = constant.name().toLowerCase(Locale.ROOT);
      if (text == null ? constant == usual : word.equals(text)) {
        return constant;
      }
      names.append(names.isEmpty() ? "" : ", ").append(word);
    }
    throw new IllegalArgumentException(
        name + ": expected one of " + names + ", got '" + text + "'");
  }
}

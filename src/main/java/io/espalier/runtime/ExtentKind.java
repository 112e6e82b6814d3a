package io.espalier.runtime;

import io.espalier.graph.DataType;
import java.util.List;
import java.util.Locale;

/** What a dimension counts, with the sizes to try, likeliest first. */
enum ExtentKind {
  BATCH(1, 2, 4, 3, 8, 16),
  CHANNEL(3, 1, 4, 2, 6, 8, 16, 32, 64),
  SPATIAL(
      224, 256, 320, 640, 416, 512, 64, 32, 28, 128, 96, 112, 160, 192, 299, 300, 384, 480, 600,
      800, 48, 100, 8, 1024),
  SEQUENCE(16, 8, 32, 64, 128, 1, 2, 4, 10, 77, 100, 256, 384, 512, 50),
  PAST(4, 1, 0, 8, 16),
  AUDIO(16000, 512, 1536, 480, 1024, 4096, 8000, 32000, 400, 160),
  FEATURE(4, 10, 1, 2, 3, 8, 16, 5, 32, 64, 100, 128, 256, 512),
  COUNT(4, 1, 2, 3, 8, 10, 16, 32);

  private final List<Long> sizes;

  ExtentKind(long... sizes) {
    this.sizes = java.util.Arrays.stream(sizes).boxed().toList();
  }

  List<Long> sizes() {
    return sizes;
  }

  /**
   * The kind of one free dimension.
   *
   * @param symbol the dimension's name, or ""
   * @param others whether the model has inputs of a higher rank
   */
  static ExtentKind of(Port input, int axis, String symbol, boolean others) {
    ExtentKind named = byName(symbol.toLowerCase(Locale.ROOT));
    if (named != null) {
      boolean list = input.dims().size() == 1 && !others;
      boolean letter = axis > 0 && symbol.length() == 1;
      return named == BATCH && (list || letter) ? COUNT : named;
    }
    int rank = input.dims().size();
    String name = input.name().toLowerCase(Locale.ROOT);
    boolean isFloat = input.dataType().isFloat();
    if (rank == 1) {
      return others ? BATCH : isAudio(name) ? AUDIO : COUNT;
    }
    if (axis == 0) {
      return BATCH;
    }
    if (isAudio(name) && axis == rank - 1) {
      return AUDIO;
    }
    return switch (rank) {
      case 2 -> isFloat || input.dataType() == DataType.STRING ? FEATURE : SEQUENCE;
      case 3 -> name.contains("image") || name.contains("img") ? SPATIAL : SEQUENCE;
      case 4 -> image(input, axis);
      case 5 -> axis >= 3 ? SPATIAL : axis == 1 ? CHANNEL : COUNT;
      default -> COUNT;
    };
  }

  private static ExtentKind image(Port input, int axis) {
    boolean channelsLast =
        input.dims().get(3) instanceof io.espalier.graph.Dim.Known known && known.size() <= 4;
    boolean isChannel = channelsLast ? axis == 3 : axis == 1;
    return isChannel ? CHANNEL : SPATIAL;
  }

  private static boolean isAudio(String name) {
    return name.contains("audio")
        || name.contains("wav")
        || name.contains("pcm")
        || name.contains("speech")
        || name.equals("input_values");
  }

  private static ExtentKind byName(String symbol) {
    if (symbol.contains("past") || symbol.contains("cache")) {
      return PAST;
    }
    if (symbol.contains("batch")
        || symbol.equals("n")
        || symbol.equals("b")
        || symbol.equals("bs")) {
      return BATCH;
    }
    if (symbol.contains("height")
        || symbol.contains("width")
        || symbol.equals("h")
        || symbol.equals("w")) {
      return SPATIAL;
    }
    if (symbol.contains("audio") || symbol.contains("num_samples") || symbol.equals("samples")) {
      return AUDIO;
    }
    if (symbol.contains("channel")) {
      return CHANNEL;
    }
    if (symbol.contains("seq")
        || symbol.contains("length")
        || symbol.contains("time")
        || symbol.contains("frame")
        || symbol.contains("token")
        || symbol.contains("phoneme")) {
      return SEQUENCE;
    }
    return symbol.contains("feature") ? FEATURE : null;
  }
}

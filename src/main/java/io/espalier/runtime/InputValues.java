package io.espalier.runtime;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import io.espalier.graph.UnsupportedModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/** Fills the inputs of a model under a {@link Choice}. */
final class InputValues {
  /** More elements than any sensible input has. */
  private static final long MOST_ELEMENTS = 1L << 26;

  private static final List<String> WORDS = List.of("the", "quick", "brown", "fox", "1", "a");
  private static final long SMALL_IDS = 10;

  private final List<Port> inputs;
  private final Uses uses;
  private final Extents extents;
  private final Map<String, Datum> given;
  private final long seed;

  InputValues(List<Port> inputs, Uses uses, Extents extents, Map<String, Datum> given, long seed) {
    this.inputs = inputs;
    this.uses = uses;
    this.extents = extents;
    this.given = given;
    this.seed = seed;
  }

  /**
   * A value for each input.
   *
   * @param draw counts the draws under one choice: another draw gives other random values
   * @throws UnsupportedModelException if an input cannot be fed, or would be too large
   */
  Map<String, Datum> draw(Choice choice, int draw) {
    Map<String, Datum> feeds = new LinkedHashMap<>();
    for (Port input : inputs) {
      Datum datum = given.get(input.name());
      feeds.put(input.name(), datum != null ? datum : invent(input, choice, draw));
    }
    return feeds;
  }

  private Datum invent(Port input, Choice choice, int draw) {
    if (!input.isTensor()) {
      throw new UnsupportedModelException(
          "input '%s': sequences, maps and optional values cannot be invented"
              .formatted(input.name()));
    }
    Shape shape = extents.shape(input, choice.sizes());
    if (shape.elements() > MOST_ELEMENTS) {
      throw new UnsupportedModelException(
          "input '%s': %s has too many elements to be invented".formatted(input.name(), shape));
    }
    SplittableRandom random = random(input, draw);
    InputUse use = uses.of(input);
    if (input.dataType() == DataType.STRING) {
      List<String> words = use.words().isEmpty() ? WORDS : use.words();
      return new Datum.Words(
          shape, random.ints(shape.elements(), 0, words.size()).mapToObj(words::get).toList());
    }
    if (!Elements.isNumber(input.dataType())) {
      throw new UnsupportedModelException(
          "input '%s': tensors of type %s cannot be invented"
              .formatted(input.name(), input.dataType()));
    }
    ArrayTensor tensor =
        Elements.tensor(input.dataType(), shape, rule(input, shape, choice, random));
    return Datum.of(tensor);
  }

  private SplittableRandom random(Port input, int draw) {
    long mixed = seed * 0x9E3779B97F4A7C15L + input.name().hashCode() * 0xBF58476D1CE4E5B9L + draw;
    return new SplittableRandom(mixed);
  }

  private IntToDoubleFunction rule(
      Port input, Shape shape, Choice choice, SplittableRandom random) {
    InputUse use = uses.of(input);
    if (!use.demands().isEmpty()) {
      return Demands.rule(use.demands(), shape, length(choice), random);
    }
    OptionalDouble named = NamedValues.of(input, shape, length(choice));
    String name = input.name().toLowerCase(Locale.ROOT);
    long limit =
        Math.min(
            limit(use, choice), choice.cap() == Long.MAX_VALUE ? Long.MAX_VALUE : choice.cap() + 1);
    if (named.isPresent()) {
      double value = Math.min(named.getAsDouble(), (double) limit - 1);
      return i -> value;
    }
    if (name.contains("position") && !input.dataType().isFloat()) {
      long row = shape.rank() == 0 ? 1 : Math.max(1, shape.dim(shape.rank() - 1));
      return i -> Math.min(i % row, limit - 1);
    }
    if (name.contains("im_shape")
        || name.contains("image_shape")
        || name.contains("im_info")
        || name.contains("orig_size")
        || name.contains("target_size")) {
      long side = Math.max(1, extents.sizeOf(ExtentKind.SPATIAL, choice.sizes()));
      return i -> i % 3 == 2 ? 1 : side > 1 ? side : 224;
    }
    return input.dataType().isFloat() && limit == Long.MAX_VALUE
        ? floats(use, random)
        : integers(input, shape, limit, choice, random);
  }

  private static IntToDoubleFunction floats(InputUse use, SplittableRandom random) {
    return use.pixels() ? i -> random.nextInt(256) : i -> random.nextGaussian();
  }

  private static IntToDoubleFunction integers(
      Port input, Shape shape, long limit, Choice choice, SplittableRandom random) {
    DataType type = input.dataType();
    if (type == DataType.BOOL) {
      return switch (choice.style()) {
        case RANDOM -> i -> random.nextInt(2);
        case ZEROS -> i -> 0;
        case ONES -> i -> 1;
      };
    }
    String name = input.name().toLowerCase(Locale.ROOT);
    boolean segments = name.contains("token_type") || name.contains("segment");
    if (limit == Long.MAX_VALUE && !segments) {
      if (choice.style() != Choice.Style.RANDOM) {
        int constant = choice.style() == Choice.Style.ZEROS ? 0 : 1;
        return i -> constant;
      }
      if (type == DataType.UINT8 || type == DataType.INT8 && shape.rank() >= 2) {
        int low = type == DataType.UINT8 ? 0 : -128;
        return i -> low + random.nextInt(256);
      }
    }
    long bound =
        Math.max(1, Math.min(limit, segments ? 2 : limit == Long.MAX_VALUE ? SMALL_IDS : limit));
    return i -> random.nextLong(bound);
  }

  private long limit(InputUse use, Choice choice) {
    long limit = use.limit();
    for (InputUse.TableInput table : use.tables()) {
      for (Port port : inputs) {
        if (port.name().equals(table.table())) {
          Shape shape = extents.shape(port, choice.sizes());
          limit = Math.min(limit, table.axis() < shape.rank() ? shape.dim(table.axis()) : limit);
        }
      }
    }
    return Math.max(1, limit);
  }

  /** How long the model's sequences are: the length that lengths must not exceed. */
  private long length(Choice choice) {
    long sequence = extents.sizeOf(ExtentKind.SEQUENCE, choice.sizes());
    if (sequence < 0) {
      sequence = extents.sizeOf(ExtentKind.AUDIO, choice.sizes());
    }
    for (Port input : inputs) {
      Shape shape = extents.shape(input, choice.sizes());
      if (sequence < 0 && shape.rank() >= 2) {
        sequence = shape.dim(1);
      }
    }
    return sequence;
  }
}

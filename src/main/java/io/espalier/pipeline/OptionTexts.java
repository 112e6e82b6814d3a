package io.espalier.pipeline;

import io.espalier.data.DataSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The texts of options, each taken once. */
class OptionTexts {
  private final Map<String, List<String>> left;
  private final Map<String, RecipeFile.Kind> asked = new TreeMap<>();

  /** Takes texts out of {@code left}. */
  OptionTexts(Map<String, List<String>> left) {
    this.left = left;
  }

  /** The options that were asked for, given or not. */
  Map<String, RecipeFile.Kind> asked() {
    return asked;
  }

  /** The first text of an option, which stays to be taken. */
  Optional<String> given(String option) {
    return left.containsKey(option) ? left.get(option).stream().findFirst() : Optional.empty();
  }

  boolean flag(String option) {
    return take(option, RecipeFile.Kind.FLAG) != null;
  }

  Optional<String> one(String option) {
    return one(option, RecipeFile.Kind.ONE);
  }

  private Optional<String> one(String option, RecipeFile.Kind kind) {
    List<String> texts = all(option, kind);
    if (texts.size() > 1) {
      throw new UsageException("--" + option + ": expected one value, got " + texts);
    }
    return texts.stream().findFirst();
  }

  List<String> all(String option) {
    return all(option, RecipeFile.Kind.MANY);
  }

  private List<String> all(String option, RecipeFile.Kind kind) {
    List<String> texts = take(option, kind);
    return texts == null ? List.of() : texts;
  }

  private List<String> take(String option, RecipeFile.Kind kind) {
    asked.put(option, kind);
    return left.remove(option);
  }

  List<Double> numbers(String option) {
    List<Double> numbers = new ArrayList<>();
    one(option, RecipeFile.Kind.NUMBERS)
        .ifPresent(
            text -> {
              for (String part : text.split(",", -1)) {
                numbers.add(RecipeOptions.number("--" + option, part));
              }
            });
    return numbers;
  }

  /** {@code KEY=VALUE}, cut at the last equals sign where keys may hold one, else the first. */
  <V> Map<String, V> pairs(String option, boolean atLast, BiFunction<String, String, V> read) {
    Map<String, V> pairs = new LinkedHashMap<>();
    for (String text : all(option, RecipeFile.Kind.PAIRS)) {
      int cut = atLast ? text.lastIndexOf('=') : text.indexOf('=');
      if (cut < 1 || cut == text.length() - 1) {
        throw RecipeOptions.wrong("--" + option, "NAME=VALUE", text);
      }
      String key = text.substring(0, cut);
      V value = read.apply("--" + option + " " + key, text.substring(cut + 1));
      if (pairs.putIfAbsent(key, value) != null) {
        throw new UsageException("--" + option + " " + key + ": given more than once");
      }
    }
    return pairs;
  }

  /** {@code #test} for {@code --test} means that part of {@code --data}. */
  void resolvePart(String option) {
    left.computeIfPresent(
        option,
        (name, texts) ->
            texts.stream().map(text -> text.startsWith("#") ? part(name, text) : text).toList());
  }

  private String part(String option, String part) {
    String data =
        given("data")
            .orElseThrow(
                () ->
                    new UsageException(
                        "--%s %s: is a part of --data; there is no --data"
                            .formatted(option, part)));
    return DataSource.otherPart(data, part);
  }
}

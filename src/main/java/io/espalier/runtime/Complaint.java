package io.espalier.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a failed run tells about the sizes and values that would have been right. */
final class Complaint {
  private static final Pattern INPUT = Pattern.compile("invalid dimensions for input: (.+?) for");
  private static final Pattern INDEX =
      Pattern.compile("index: (\\d+) Got: (\\d+) Expected: (\\d+)");
  private static final Pattern BOUND = Pattern.compile("inclusive range \\[-?\\d+, ?(\\d+)\\]");
  private static final Pattern CHANNELS =
      Pattern.compile("C: (\\d+),? kernel channels: (\\d+),? group: (\\d+)");
  private static final Pattern BROADCAST = Pattern.compile("other than 1\\. (\\d+) by (\\d+)");
  private static final Pattern SHAPE = Pattern.compile("\\{([\\d,]*)\\}");
  private static final Pattern GEMM = Pattern.compile("W: ?\\{(\\d+),\\d+\\} K: ?(\\d+)");
  private static final Pattern RESHAPE =
      Pattern.compile("Input shape: ?\\{([\\d,]*)\\}, requested shape: ?\\{([-\\d,]*)\\}");

  private static final Pattern NUMBER = Pattern.compile("(?<![\\w.])\\d{1,5}(?![\\w.])");
  private static final long LARGEST_BATCH = 16;
  private static final int MOST_NUMBERS = 6;

  private final String text;

  Complaint(String text) {
    this.text = text;
  }

  /** The largest index that a table would have taken. */
  OptionalLong largestIndex() {
    Matcher bound = BOUND.matcher(text);
    return bound.find() ? number(bound.group(1)) : OptionalLong.empty();
  }

  /** Choices that answer the complaint about {@code choice}, the likeliest first. */
  List<Choice> answers(Choice choice, Extents extents) {
    List<Choice> answers = new ArrayList<>();
    Choice named = declared(choice, extents);
    if (!named.equals(choice)) {
      answers.add(named);
    }
    largestIndex().ifPresent(index -> answers.add(choice.capped(index)));
    Matcher channels = CHANNELS.matcher(text);
    if (channels.find()) {
      long wanted = Long.parseLong(channels.group(2)) * Long.parseLong(channels.group(3));
      replace(choice, extents, Long.parseLong(channels.group(1)), wanted, answers);
    }
    Matcher broadcast = BROADCAST.matcher(text);
    if (broadcast.find()) {
      swap(choice, extents, broadcast.group(1), broadcast.group(2), answers);
    }
    scaled(choice, extents, answers);
    pairs(choice, extents, answers);
    return answers;
  }

  private Choice declared(Choice choice, Extents extents) {
    Matcher input = INPUT.matcher(text);
    if (!input.find()) {
      return choice;
    }
    Choice answer = choice;
    Matcher index = INDEX.matcher(text);
    while (index.find()) {
      String key = Extents.key(input.group(1), Integer.parseInt(index.group(1)));
      if (extents.isOpen(key)) {
        answer = answer.with(key, Long.parseLong(index.group(3)));
      }
    }
    return answer;
  }

  /** A flattened size that misses what a weight or a shape wants by some factor. */
  private void scaled(Choice choice, Extents extents, List<Choice> answers) {
    Matcher gemm = GEMM.matcher(text);
    Matcher reshape = RESHAPE.matcher(text);
    double factor = 0;
    if (gemm.find()) {
      factor = (double) Long.parseLong(gemm.group(1)) / Long.parseLong(gemm.group(2));
    } else if (reshape.find()) {
      factor = (double) product(reshape.group(2)) / product(reshape.group(1));
    }
    if (!(factor > 0) || factor == 1 || Double.isInfinite(factor)) {
      return;
    }
    for (ExtentKind kind : ExtentKind.values()) {
      double by = kind == ExtentKind.SPATIAL ? Math.sqrt(factor) : factor;
      List<String> open = extents.open(kind);
      if (!open.isEmpty()) {
        long size = Math.round(choice.sizes().get(open.get(0)) * by);
        if (size >= 1) {
          answers.add(choice.with(open, size));
        }
      }
    }
  }

  /** Two shapes in one sentence that differ in an axis: one of them is what was wanted. */
  private void pairs(Choice choice, Extents extents, List<Choice> answers) {
    List<String[]> shapes = new ArrayList<>();
    Matcher shape = SHAPE.matcher(text);
    while (shape.find()) {
      shapes.add(shape.group(1).split(","));
    }
    Map<String, Set<String>> swaps = new LinkedHashMap<>();
    for (int i = 0; i + 1 < shapes.size(); i++) {
      String[] a = shapes.get(i);
      String[] b = shapes.get(i + 1);
      for (int axis = 0; a.length == b.length && axis < a.length; axis++) {
        if (!a[axis].equals(b[axis])) {
          swaps.computeIfAbsent(a[axis], key -> new LinkedHashSet<>()).add(b[axis]);
        }
      }
    }
    swaps.forEach((a, bs) -> bs.forEach(b -> swap(choice, extents, a, b, answers)));
  }

  /** Choices for a size of ours among the numbers in the text, and another number there. */
  List<Choice> guesses(Choice choice, Extents extents) {
    List<Choice> guesses = new ArrayList<>();
    Set<Long> numbers = new LinkedHashSet<>();
    Matcher number = NUMBER.matcher(text);
    while (number.find() && numbers.size() < MOST_NUMBERS) {
      numbers.add(Long.parseLong(number.group()));
    }
    for (long ours : numbers) {
      for (long theirs : numbers) {
        if (ours != theirs && theirs > 0 && ours > 1) {
          replace(choice, extents, ours, theirs, guesses);
        }
      }
    }
    return guesses;
  }

  private static void swap(
      Choice choice, Extents extents, String a, String b, List<Choice> answers) {
    OptionalLong first = number(a);
    OptionalLong second = number(b);
    if (first.isPresent() && second.isPresent()) {
      replace(choice, extents, first.getAsLong(), second.getAsLong(), answers);
      replace(choice, extents, second.getAsLong(), first.getAsLong(), answers);
    }
  }

  private static void replace(
      Choice choice, Extents extents, long from, long to, List<Choice> answers) {
    List<String> keys =
        choice.sizes().keySet().stream()
            .filter(key -> extents.isOpen(key) && choice.sizes().get(key) == from)
            .filter(key -> extents.kinds().get(key) != ExtentKind.BATCH || to <= LARGEST_BATCH)
            .toList();
    if (!keys.isEmpty()) {
      answers.add(choice.with(keys, to));
      if (keys.size() > 1) {
        keys.forEach(key -> answers.add(choice.with(key, to)));
      }
    }
  }

  private static long product(String dims) {
    long product = 1;
    for (String dim : dims.split(",")) {
      product *= Math.max(1, number(dim).orElse(1));
    }
    return product;
  }

  private static OptionalLong number(String digits) {
    try {
      return OptionalLong.of(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}

package io.espalier.train;

import java.util.Arrays;
import java.util.List;

/**
 * How often samples of one class were taken for another. DL4J's confusion matrix counts in boxed
 * multisets and ends at 2³¹ samples in a cell, which pixels reach; this one counts in longs.
 */
public final class Confusion {
  private final List<String> classes;
  private final long[] counts;

  /** An empty matrix; classes go by their position in {@code classes}. */
  public Confusion(List<String> classes) {
    this.classes = List.copyOf(classes);
    this.counts = new long[Math.multiplyExact(classes.size(), classes.size())];
  }

  /** The figures of one class; a figure with nothing to divide by is NaN. */
  public record ClassFigures(
      String name, long samples, double precision, double recall, double f1) {}

  /**
   * Counts a sample.
   *
   * @throws IllegalArgumentException if one of them is not the number of a class
   */
  public void add(int actual, int predicted) {
    counts[cell(actual, predicted)]++;
  }

  /** The samples of class {@code actual} that were taken for {@code predicted}. */
  public long count(int actual, int predicted) {
    return counts[cell(actual, predicted)];
  }

  private int cell(int actual, int predicted) {
    int n = classes.size();
    if (actual < 0 || actual >= n || predicted < 0 || predicted >= n) {
      throw new IllegalArgumentException(
          "expected classes 0 to %d, got %d taken for %d".formatted(n - 1, actual, predicted));
    }
    return actual * n + predicted;
  }

  public List<String> classes() {
    return classes;
  }

  /** All samples. */
  public long samples() {
    return Arrays.stream(counts).sum();
  }

  /** The share of samples taken for what they are; NaN without samples. */
  public double accuracy() {
    long right = 0;
    for (int c = 0; c < classes.size(); c++) {
      right += count(c, c);
    }
    return (double) right / samples();
  }

  /** Precision, recall and F1 of every class, in order. */
  public List<ClassFigures> perClass() {
    ClassFigures[] figures = new ClassFigures[classes.size()];
    for (int c = 0; c < figures.length; c++) {
      long actual = 0;
      long predicted = 0;
      for (int other = 0; other < figures.length; other++) {
        actual += count(c, other);
        predicted += count(other, c);
      }
      long right = count(c, c);
      figures[c] =
          new ClassFigures(
              classes.get(c),
              actual,
              (double) right / predicted,
              (double) right / actual,
              2.0 * right / (actual + predicted));
    }
    return List.of(figures);
  }
}

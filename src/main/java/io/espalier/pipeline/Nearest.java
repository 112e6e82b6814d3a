package io.espalier.pipeline;

import java.util.Collection;
import java.util.Comparator;

/** What was probably meant by a word that is not known. */
final class Nearest {
  private Nearest() {}

  /** {@code ; did you mean WORD?}, or nothing where no word is near. */
  static String hint(String word, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
        .filter(candidate -> distance(word, candidate) <= Math.max(1, word.length() / 3))
        .map(candidate -> "; did you mean " + candidate + "?")
        .orElse("");
  }

  /** Letters to put in, take out or change (Levenshtein); words longer than options are far. */
  private static int distance(String a, String b) {
    if (a.length() > 64) {
      return a.length();
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

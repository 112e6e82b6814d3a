package io.espalier.data;

/** Reads labels: class numbers of shape [N] or [N, 1], or one-hot rows of shape [N, C]. */
final class Labels {
  private Labels() {}

  /** The class of each sample; null if a row is not one-hot. All numbers must be whole. */
  static int[] read(Targets targets) {
    int[] labels = new int[targets.samples()];
    for (int sample = 0; sample < labels.length; sample++) {
      labels[sample] = targets.size() == 1 ? (int) targets.at(sample, 0) : oneHot(targets, sample);
      if (labels[sample] < 0) {
        return null;
      }
    }
    return labels;
  }

  /** The place of the single 1 in a row of zeros; -1 for other rows. */
  private static int oneHot(Targets targets, int sample) {
    int found = -1;
    for (int c = 0; c < targets.size(); c++) {
      double value = targets.at(sample, c);
      if (value == 1 && found < 0) {
        found = c;
      } else if (value != 0) {
        return -1;
      }
    }
    return found;
  }
}

package io.espalier.train;

/** What a child process runs to show which libraries the parts taken from DL4J load. */
final class ScheduleProbe {
  private ScheduleProbe() {}

  public static void main(String[] texts) {
    for (String text : texts) {
      System.out.println(text + " " + LearningRate.parse(text, 0.1, new RunLength(3, 10)).at(9, 2));
    }
  }
}

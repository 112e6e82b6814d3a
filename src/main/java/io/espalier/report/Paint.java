package io.espalier.report;

/** Gives the parts of a text report their look. */
@FunctionalInterface
public interface Paint {
  /** Leaves everything as it is: for files, pipes and logs. */
  Paint NONE = (tone, text) -> text;

  /** What a part of the report is. */
  enum Tone {
    /** The line over a block. */
    HEADING,
    /** A demand that is met. */
    GOOD,
    /** A demand that is not. */
    BAD
  }

  /** The text in the look of the tone; it must take as many columns as the text alone. */
  String paint(Tone tone, String text);
}

package io.espalier.keras;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which Keras wrote a file: what a layer means depends on it.
 *
 * @param major 1, 2 or 3
 * @param version as the file has it; "" where it says nothing, which only Keras 1 did
 * @param backend "tensorflow", "theano", "cntk", "jax", "torch"; "" where the file does not say
 */
record Dialect(int major, String version, String backend) {
  private static final Pattern MAJOR = Pattern.compile("^(\\d{1,4})\\..*");

  static Dialect of(String version, String backend) {
    Matcher matcher = MAJOR.matcher(version);
    // other tools that write Keras' files, such as tfjs-layers, write those of Keras 2
    int major = matcher.matches() ? Integer.parseInt(matcher.group(1)) : version.isEmpty() ? 1 : 2;
    return new Dialect(Math.max(1, Math.min(3, major)), version, backend);
  }

  boolean isThree() {
    return major >= 3;
  }

  @Override
  public String toString() {
    return "Keras "
        + (version.isEmpty() ? "1" : version)
        + (backend.isEmpty() ? "" : " on " + backend);
  }
}

package io.espalier.runtime;

import ai.onnxruntime.OrtException;
import java.util.regex.Pattern;

/** What onnxruntime says, without what is of use only to those who build it. */
final class OrtText {
  private static final int LONGEST = 400;
  private static final Pattern NOISE =
      Pattern.compile(
          "^Error code - \\w+ - message: "
              + "|Load model from .*? failed: ?"
              + "|Fatal error: "
              + "|Exception during initialization: "
              + "|Non-zero status code returned while running "
              + "|Status Message: "
              + "|(?:[A-Za-z]:)?[\\w./\\\\-]*\\.(?:cc|h):\\d+ void \\S+::\\S+\\(.*?\\) (?=[A-Z])"
              + "|virtual onnxruntime::\\S+ \\S+\\([^)]*\\) (?:const )?"
              + "|(?:[A-Za-z]:)?[\\w./\\\\-]*\\.(?:cc|cpp|h|hpp|cu|cuh):\\d+ "
              + "(?:(?:(?! was false\\.).)*? was false\\. ?|\\S+::\\S+\\([^)]*\\) (?:const )?)?",
          Pattern.DOTALL);

  private OrtText() {}

  static String of(OrtException failure) {
    return clean(String.valueOf(failure.getMessage()));
  }

  static String clean(String message) {
    String text = NOISE.matcher(message).replaceAll("").strip().replaceAll("\\s+", " ");
    if (text.isEmpty()) {
      text = message.strip();
    }
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }
}

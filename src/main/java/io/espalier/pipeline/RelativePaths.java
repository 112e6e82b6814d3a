package io.espalier.pipeline;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Paths in the texts of options, relative to a folder other than the process's: that of a project
 * or of a recipe.
 */
public record RelativePaths(Path base) {
  private static final Pattern FORMAT_AND_PATH = Pattern.compile("([a-z]{2,}:)?(.*)");
  private static final Pattern NAME_AND_PATH = Pattern.compile("([^=]+=)(.*)");

  /** {@code PATH}; null stays null. */
  public String file(String text) {
    try {
      return text == null || text.isBlank() ? text : base.resolve(text).toString();
    } catch (InvalidPathException e) {
      return text; // said by who reads it
    }
  }

  /** {@code [npz:|idx:]PATH[#part]}, or {@code #part}, which has no path; null stays null. */
  public String data(String text) {
    return text == null || text.startsWith("#") ? text : afterPrefix(FORMAT_AND_PATH, text);
  }

  /** {@code NAME=PATH}. */
  public String named(String text) {
    return afterPrefix(NAME_AND_PATH, text);
  }

  private String afterPrefix(Pattern prefixAndPath, String text) {
    Matcher parts = prefixAndPath.matcher(text);
    if (!parts.matches() || parts.group(2).isEmpty()) {
      return text;
    }
    String prefix = parts.group(1) == null ? "" : parts.group(1);
    return prefix + file(parts.group(2));
  }
}

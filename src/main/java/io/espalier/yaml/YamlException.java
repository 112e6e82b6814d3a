package io.espalier.yaml;

/** What a YAML file has that this program does not read; the message says file and line. */
public final class YamlException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** {@code FILE, line N: MESSAGE}. */
  public YamlException(String file, int line, String message) {
    super(file + ", line " + line + ": " + message);
  }
}

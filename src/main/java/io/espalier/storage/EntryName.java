package io.espalier.storage;

import io.espalier.graph.MalformedModelException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Names of a bundle's entries, which are never taken at their word. */
final class EntryName {
  private static final int LONGEST = 1024;

  private EntryName() {}

  /**
   * The name as a path below the folder that a bundle is expanded in.
   *
   * @throws MalformedModelException if it leads out of it, or means different places on different
   *     machines
   */
  static String safe(Path bundle, String name) {
    String plain = name.startsWith("./") ? name.substring(2) : name;
    boolean odd =
        plain.isEmpty()
            || plain.length() > LONGEST
            || plain.startsWith("/")
            || plain.contains("\\")
            || plain.contains(":")
            || plain.chars().anyMatch(letter -> letter < ' ');
    if (!odd) {
      try {
        Path path = Path.of(plain);
        odd = path.isAbsolute() || path.startsWith("..") || !path.equals(path.normalize());
      } catch (InvalidPathException e) {
        odd = true;
      }
    }
    if (odd) {
      throw new MalformedModelException(
          "%s: entry '%s': expected a name below the bundle's own folder"
              .formatted(bundle, shown(name)));
    }
    return plain;
  }

  /** A name as messages can have it. */
  static String shown(String name) {
    String line = name.replaceAll("\\p{Cntrl}", "?");
    return line.length() > 100 ? line.substring(0, 100) + "…" : line;
  }
}

package io.espalier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Real models and data that are not part of the project: the folder in the property {@code
 * espalier.data} or the variable {@code ESPALIER_DATA}, or else {@code ../shared/data}. Tests that
 * need them are skipped where there is no such folder.
 */
public final class SharedData {
  private SharedData() {}

  /** A file or folder in it; ends the test as skipped if it is not there. */
  public static Path require(String name) {
    Path path = folder().map(folder -> folder.resolve(name)).orElse(null);
    Assumptions.assumeTrue(
        path != null && Files.exists(path),
        "no " + name + ": set ESPALIER_DATA to the folder of the shared data");
    return path;
  }

  /** The files in one of its folders with that ending, in order of their names. */
  public static List<Path> files(String name, String ending) throws IOException {
    try (Stream<Path> files = Files.list(require(name))) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static Optional<Path> folder() {
    return Stream.of(
            System.getProperty("espalier.data"), System.getenv("ESPALIER_DATA"), "../shared/data")
        .filter(path -> path != null && !path.isEmpty())
        .map(Path::of)
        .filter(Files::isDirectory)
        .findFirst();
  }
}

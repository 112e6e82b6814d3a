package io.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Expected texts that are kept in {@code tests/resources/golden}. Run the tests with {@code
 * -Dgolden.update} to write what is there now, and read the difference before committing it.
 */
public final class Golden {
  private static final Path FOLDER = Path.of("tests/resources/golden");

  private Golden() {}

  /** Fails unless the text is that of the file. */
  public static void check(String file, String text) throws IOException {
    Path path = FOLDER.resolve(file);
    if (System.getProperty("golden.update") != null) {
      Files.writeString(path, text);
    }
    assertEquals(Files.readString(path), text, path.toString());
  }
}

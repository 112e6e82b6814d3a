package io.espalier.keras;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * What {@code tools/make_keras_fixtures.py} wrote: models of Keras and what Keras makes of them.
 */
final class Fixtures {
  private Fixtures() {}

  /** The files of each fixture, by name. */
  static Map<String, Map<String, byte[]>> all() {
    Map<String, Map<String, byte[]>> all = new TreeMap<>();
    try (InputStream in = Fixtures.class.getResourceAsStream("/keras/fixtures.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        int slash = entry.getName().lastIndexOf('/');
        all.computeIfAbsent(entry.getName().substring(0, slash), name -> new TreeMap<>())
            .put(entry.getName().substring(slash + 1), zip.readAllBytes());
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return all;
  }

  /**
   * The model file among a fixture's files: {@code model.h5}, {@code model.keras}, {@code
   * model.weights.h5}.
   */
  static String model(Map<String, byte[]> files) {
    return files.keySet().stream()
        .filter(name -> name.startsWith("model.") && !name.endsWith(".json"))
        .findFirst()
        .orElseThrow();
  }

  static Path write(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    return folder.resolve(model(files));
  }
}

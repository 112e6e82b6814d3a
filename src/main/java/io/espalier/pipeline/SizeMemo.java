package io.espalier.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Remembers what contents came to when compressed, by their hash and by how they were ({@code
 * Compression.measure}): the same bytes come to the same size, and compressing takes longer than
 * everything else that is done to a small model. In a folder that the system property {@code
 * espalier.cache} names; without it, nothing is remembered. Whatever stands in the way is taken as:
 * not known.
 */
final class SizeMemo {
  /** The property; the command sets it to the user's folder for caches. */
  static final String PROPERTY = "espalier.cache";

  private static final int MOST_ENTRIES = 2000;

  private final Path folder;

  private SizeMemo(Path folder) {
    this.folder = folder;
  }

  static SizeMemo ofProcess() {
    String cache = System.getProperty(PROPERTY);
    return new SizeMemo(cache == null ? null : Path.of(cache, "sizes"));
  }

  OptionalLong find(String sha256, String measure) {
    try {
      return folder == null
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(Files.readString(entry(sha256, measure)).strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  void remember(String sha256, String measure, long bytes) {
    if (folder == null) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path made = Files.createTempFile(folder, "new", "");
      Files.writeString(made, Long.toString(bytes));
      Files.move(made, entry(sha256, measure), StandardCopyOption.REPLACE_EXISTING);
      forgetIfMany();
    } catch (IOException e) {
      // it will be found out anew
    }
  }

  private Path entry(String sha256, String measure) {
    return folder.resolve(sha256 + "." + measure);
  }

  private void forgetIfMany() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> entries = files.toList();
      if (entries.size() > MOST_ENTRIES) {
        for (Path entry : entries) {
          Files.deleteIfExists(entry);
        }
      }
    }
  }
}

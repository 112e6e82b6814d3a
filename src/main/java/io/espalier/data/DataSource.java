package io.espalier.data;

import io.espalier.graph.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where samples are, as a user writes it: {@code [npz:|idx:]PATH[#part]}.
 *
 * @param text as written, for reports
 * @param part which of the parts in it, such as {@code train}
 */
public record DataSource(String text, Format format, Path path, Optional<String> part) {
  private static final String TRAIN = "train";

  /** A file format. */
  public enum Format {
    NPZ,
    IDX
  }

  /**
   * Reads the written form. Without a prefix the format is that of the name: {@code .npz}, or idx
   * for a folder or a name with {@code idx} in it.
   *
   * @throws ModelException if the format is not known or the path does not exist
   */
  public static DataSource parse(String text) {
    String rest = text;
    Format format = null;
    for (Format candidate : Format.values()) {
      String prefix = candidate.name().toLowerCase(Locale.ROOT) + ":";
      if (text.startsWith(prefix)) {
        format = candidate;
        rest = text.substring(prefix.length());
      }
    }
    Optional<String> part = Optional.empty();
    int hash = rest.lastIndexOf('#');
    if (hash >= 0 && !Files.exists(Path.of(rest))) {
      part = Optional.of(rest.substring(hash + 1)).filter(name -> !name.isEmpty());
      rest = rest.substring(0, hash);
    }
    Path path = Path.of(rest);
    if (rest.isEmpty() || !Files.exists(path)) {
      throw new ModelException("data " + text + ": no such file or folder: " + rest);
    }
    return new DataSource(text, format == null ? guess(text, path) : format, path, part);
  }

  /**
   * The written form of another part of the same source: {@code idx:DIR#test} for {@code idx:DIR}
   * or {@code idx:DIR#train} and {@code #test}.
   *
   * @param part with its {@code #}
   */
  public static String otherPart(String text, String part) {
    int hash = text.lastIndexOf('#');
    String path = text.replaceFirst("^(npz|idx):", "");
    boolean ofTheName = hash < 0 || Files.exists(Path.of(path));
    return (ofTheName ? text : text.substring(0, hash)) + part;
  }

  /**
   * This source or, where no part is named and it does not hold samples as a whole, its part {@code
   * train}, if it has one.
   *
   * @throws IOException if the source cannot be read
   */
  public DataSource forTraining() throws IOException {
    if (part.isPresent()) {
      return this;
    }
    boolean divided =
        switch (format) {
          case NPZ -> NpzSamples.isDivided(path);
          case IDX -> IdxSamples.isDivided(path);
        };
    return divided ? new DataSource(text + "#" + TRAIN, format, path, Optional.of(TRAIN)) : this;
  }

  private static Format guess(String text, Path path) {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".npz")) {
      return Format.NPZ;
    }
    if (Files.isDirectory(path) || name.contains("idx")) {
      return Format.IDX;
    }
    throw new ModelException(
        "data %s: expected a .npz file, or a folder or file in idx format; a prefix npz: or idx:"
                .formatted(text)
            + " names the format of a file that is called differently");
  }

  @Override
  public String toString() {
    return text;
  }
}

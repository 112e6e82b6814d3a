package io.espalier.data;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** An {@code .npz} file: a zip of named NumPy arrays, read one at a time. */
final class Npz implements Closeable {
  private static final int MOST_ENTRIES = 10_000;
  private static final String SUFFIX = ".npy";

  private final Path path;
  private final ZipFile zip;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

  private Npz(Path path, ZipFile zip) {
    this.path = path;
    this.zip = zip;
    zip.stream()
        .filter(entry -> entry.getName().endsWith(SUFFIX))
        .forEach(
            entry ->
                entries.put(
                    entry.getName().substring(0, entry.getName().length() - SUFFIX.length()),
                    entry));
  }

  /**
   * Opens the file.
   *
   * @throws IOException if it cannot be read
   * @throws MalformedModelException if it is not a zip
   */
  static Npz open(Path path) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(path.toFile());
    } catch (ZipException | IllegalArgumentException e) {
      throw new MalformedModelException(path + ": expected a zip of NumPy arrays: " + reason(e), e);
    }
    if (zip.size() > MOST_ENTRIES) {
      zip.close();
      throw new MalformedModelException(
          "%s: expected at most %d arrays, got %d".formatted(path, MOST_ENTRIES, zip.size()));
    }
    return new Npz(path, zip);
  }

  /** The names of the arrays, in the order of the file. */
  Set<String> keys() {
    return entries.keySet();
  }

  /**
   * Reads one array.
   *
   * @throws ModelException if there is none of that name, or if it is damaged
   */
  Tensor read(String key) throws IOException {
    ZipEntry entry = entries.get(key);
    if (entry == null) {
      throw new ModelException(
          "%s: expected an array '%s', there are %s".formatted(path, key, keys()));
    }
    String where = path + ", array '" + key + "'";
    long available =
        entry.getMethod() == ZipEntry.STORED
            ? entry.getCompressedSize()
            : Sizes.inflated(entry.getCompressedSize());
    try (InputStream stream = new BufferedInputStream(zip.getInputStream(entry))) {
      return Npy.read(where, stream, available);
    } catch (ZipException e) {
      throw new MalformedModelException(where + ": damaged: " + reason(e), e);
    }
  }

  private static String reason(Exception e) {
    return String.valueOf(e.getMessage());
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}

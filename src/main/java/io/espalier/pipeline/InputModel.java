package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.onnx.OnnxFile;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import io.espalier.storage.Compression;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model file that was opened for reading, compressed or not. */
final class InputModel implements Closeable {
  private final Path path;
  private final Compression compression;
  private final ByteBuffer expanded;
  private final OnnxFile file;

  private InputModel(Path path, Compression compression, ByteBuffer expanded, OnnxFile file) {
    this.path = path;
    this.compression = compression;
    this.expanded = expanded;
    this.file = file;
  }

  /**
   * Opens {@code path}.
   *
   * @throws io.espalier.graph.ModelException if it is no model that can be read
   * @throws IOException if the file cannot be read
   */
  static InputModel open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new FileSystemException(
          path.toString(), null, "expected a model file, got a directory");
    }
    Compression compression = Compression.ofContents(path);
    if (compression == Compression.NONE) {
      return new InputModel(path, compression, null, OnnxFile.open(path));
    }
    long limit = Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 3);
    ByteBuffer expanded = ByteBuffer.wrap(compression.expand(path, limit));
    return new InputModel(path, compression, expanded, OnnxFile.open(expanded, path));
  }

  Path path() {
    return path;
  }

  Compression compression() {
    return compression;
  }

  Model model() {
    return file.model();
  }

  /** The files of external data, in the order of their first use. */
  List<Path> externalFiles() {
    return file.externalFiles();
  }

  /** Bytes on disk: the file as it is, and its external data. */
  long bytes() throws IOException {
    return Math.addExact(Files.size(path), file.externalBytes());
  }

  /** The file's contents after expansion; null where the file is not compressed. */
  ByteBuffer expanded() {
    return expanded == null ? null : expanded.duplicate();
  }

  /** Whether the other's model file holds the same bytes after expansion. */
  boolean sameContents(InputModel other) throws IOException {
    if (expanded == null && other.expanded == null) {
      return Files.mismatch(path, other.path) < 0;
    }
    return expanded == null
        ? other.holds(path)
        : other.expanded == null ? holds(other.path) : expanded().equals(other.expanded());
  }

  private boolean holds(Path file) throws IOException {
    return Files.size(file) == expanded().remaining()
        && ByteBuffer.wrap(Files.readAllBytes(file)).equals(expanded());
  }

  /** Opens the model as it came in. */
  Session session(SessionOptions options) throws IOException {
    return expanded == null
        ? Session.open(path, options)
        : Session.open(path.toString(), expanded(), options);
  }

  @Override
  public void close() {
    file.close();
  }
}

package io.espalier.pipeline;

import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.keras.KerasFile;
import io.espalier.keras.KerasSummary;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.OnnxWriter;
import io.espalier.pass.DeadNodes;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import io.espalier.storage.Compression;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model file that was opened for reading, compressed or not. A model of Keras is imported first,
 * and then is what its graph, written as ONNX, would be.
 */
final class InputModel implements Closeable {
  private final Path path;
  private final Compression compression;
  private final ByteBuffer expanded;
  private final OnnxFile file;
  private final KerasFile keras;

  private InputModel(
      Path path, Compression compression, ByteBuffer expanded, OnnxFile file, KerasFile keras) {
    this.path = path;
    this.compression = compression;
    this.expanded = expanded;
    this.file = file;
    this.keras = keras;
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
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FileSystemException(path.toString(), null, "expected a regular file");
    }
    Compression compression = Compression.ofContents(path);
    if (compression == Compression.NONE) {
      return KerasFile.isKeras(path)
          ? imported(path, KerasFile.open(path, Optional.empty()))
          : new InputModel(path, compression, null, OnnxFile.open(path), null);
    }
    long limit = Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 3);
    ByteBuffer expanded = ByteBuffer.wrap(compression.expand(path, limit));
    return KerasFile.isKeras(expanded)
        ? imported(path, KerasFile.open(expanded, path, Optional.empty()))
        : new InputModel(path, compression, expanded, OnnxFile.open(expanded, path), null);
  }

  private static InputModel imported(Path path, KerasFile keras) throws IOException {
    new DeadNodes().run(keras.model());
    OnnxWriter writer = new OnnxWriter(keras.model(), path.getFileName() + ".data");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(writer.size()));
    writer.write(Channels.newChannel(bytes));
    ByteBuffer written = ByteBuffer.wrap(bytes.toByteArray());
    return new InputModel(path, Compression.NONE, written, OnnxFile.open(written, path), keras);
  }

  /** What a file of Keras said of its layers; absent for a model that is ONNX already. */
  Optional<KerasSummary> keras() {
    return Optional.ofNullable(keras).map(KerasFile::summary);
  }

  /** What was in the file and is not in the model. */
  List<Refusal> refusals() {
    return keras == null ? List.of() : keras.refusals();
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

  /**
   * Bytes on disk: the file as it is, and its external data. Of an imported model, the bytes of its
   * graph as ONNX, since the file can hold the state of a training besides.
   */
  long bytes() throws IOException {
    return keras != null
        ? expanded.remaining()
        : Math.addExact(Files.size(path), file.externalBytes());
  }

  /** The model's bytes after expansion or import; null where they are those of the file. */
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

  /**
   * The options with which this model, and what is made of it, can be opened: onnxruntime's fusions
   * of convolutions crash the process on some whose kernels are float16, and bring nothing there.
   */
  SessionOptions safe(SessionOptions options) {
    return hasFloat16Kernel() ? options.withLayouts(false) : options;
  }

  private boolean hasFloat16Kernel() {
    return model().graph().nodes().stream()
        .filter(node -> node.is("Conv"))
        .flatMap(node -> node.input(1).stream())
        .flatMap(kernel -> kernel.constant().stream())
        .anyMatch(kernel -> kernel.dataType() == DataType.FLOAT16);
  }

  /** Opens the model as it came in. */
  Session session(SessionOptions wanted) throws IOException {
    SessionOptions options = safe(wanted);
    return expanded == null
        ? Session.open(path, options)
        : Session.open(path.toString(), expanded(), options);
  }

  @Override
  public void close() {
    file.close();
  }
}

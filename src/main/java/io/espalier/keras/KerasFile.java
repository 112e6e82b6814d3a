package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.graph.UnsupportedModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A model that Keras saved, read into a graph. Nothing that the file holds is executed. */
public final class KerasFile {
  /** Files up to this size are read whole, larger ones are mapped. */
  private static final long MAP_FROM = 16L << 20;

  private static final int SIGNATURE_BYTES = 8;

  private final Model model;
  private final KerasSummary summary;
  private final List<Refusal> refusals;

  KerasFile(Model model, KerasSummary summary, List<Refusal> refusals) {
    this.model = model;
    this.summary = summary;
    this.refusals = List.copyOf(refusals);
  }

  /** Whether a file that begins with these bytes is HDF5, or a zip archive. */
  public static boolean isKeras(ByteBuffer start) {
    return Hdf5.isSignature(start) || KerasArchive.isSignature(start);
  }

  /** Whether {@code file} is HDF5 or a zip archive, whatever its name is. */
  public static boolean isKeras(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = ByteBuffer.allocate(SIGNATURE_BYTES);
      while (start.hasRemaining() && channel.read(start) >= 0) {}
      return isKeras(start.flip());
    }
  }

  /**
   * Reads a {@code .h5}, {@code .hdf5} or {@code .keras} file.
   *
   * @param architecture for files that hold weights only: a JSON file as {@code model.to_json()}
   *     makes it, or the name of an application, such as {@code vgg16}
   * @throws io.espalier.graph.ModelException if it is no model of Keras, if it is damaged, or if it
   *     holds something that cannot be imported
   * @throws IOException if a file cannot be read
   */
  public static KerasFile open(Path file, Optional<Path> architecture) throws IOException {
    return open(file, architecture, Optional.empty());
  }

  /**
   * As above.
   *
   * @param layout of images among the inputs; absent: as the model has it
   */
  public static KerasFile open(Path file, Optional<Path> architecture, Optional<InputLayout> layout)
      throws IOException {
    Optional<String> json = architecture(architecture);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = ByteBuffer.allocate(SIGNATURE_BYTES);
      while (start.hasRemaining() && channel.read(start) >= 0) {}
      if (KerasArchive.isSignature(start.flip())) {
        return named(file, () -> KerasArchive.read(file, layout));
      }
      long size = channel.size();
      if (size > Integer.MAX_VALUE) {
        throw new UnsupportedModelException(
            file + ": " + size + " bytes; HDF5 files of up to 2 GiB can be imported");
      }
      ByteBuffer bytes =
          size < MAP_FROM
              ? ByteBuffer.wrap(Files.readAllBytes(file))
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
      return open(bytes, file, json, layout);
    }
  }

  /**
   * What is in the file of an architecture; of one that is not there the name, if an application of
   * Keras is called so.
   *
   * @throws IOException if there is such a file and it cannot be read, or neither
   */
  public static Optional<String> architecture(Optional<Path> file) throws IOException {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Path path = file.get();
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    return Optional.of(
        !Files.exists(path) && Applications.names().contains(name) ? name : Files.readString(path));
  }

  /**
   * Reads the HDF5 file in {@code bytes}, which must not change while the model is in use.
   *
   * @param file names the file in messages
   */
  public static KerasFile open(ByteBuffer bytes, Path file, Optional<String> architecture) {
    return open(bytes, file, architecture, Optional.empty());
  }

  /** As above, with images among the inputs in a layout of choice. */
  public static KerasFile open(
      ByteBuffer bytes, Path file, Optional<String> architecture, Optional<InputLayout> layout) {
    return named(file, () -> new Hdf5Import(Hdf5.open(bytes), architecture, layout).read());
  }

  /** A read. */
  private interface Reading {
    KerasFile read() throws IOException;
  }

  private static KerasFile named(Path file, Reading reading) {
    try {
      return reading.read();
    } catch (MalformedModelException e) {
      throw new MalformedModelException(file + ": " + e.getMessage(), e);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(file + ": " + e.getMessage(), e);
    } catch (IOException | StackOverflowError | OutOfMemoryError e) {
      throw new MalformedModelException(
          file + ": expected a model that Keras saved; it cannot be read: " + e.getMessage(), e);
    }
  }

  /** The graph. It keeps the names of the layers; its batch is of any size. */
  public Model model() {
    return model;
  }

  /** What the file says of its layers. */
  public KerasSummary summary() {
    return summary;
  }

  /** What was in the file and is not in the graph. */
  public List<Refusal> refusals() {
    return refusals;
  }
}

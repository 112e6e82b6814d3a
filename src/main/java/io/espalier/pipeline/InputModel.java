package io.espalier.pipeline;

import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.keras.InputLayout;
import io.espalier.keras.KerasFile;
import io.espalier.keras.KerasSummary;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.OnnxWriter;
import io.espalier.pass.DeadNodes;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import io.espalier.storage.Bundle;
import io.espalier.storage.BundleForm;
import io.espalier.storage.Compression;
import io.espalier.storage.PackedWeights;
import io.espalier.storage.StagedFiles;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A model file that was opened for reading, compressed or not, or in a bundle. A model of Keras is
 * imported first, and then is what its graph, written as ONNX, would be. A bundle is expanded into
 * a folder of its own, which closing removes.
 */
final class InputModel implements Closeable {
  private static final long MOST_DECODED = Math.min(4L << 30, Runtime.getRuntime().maxMemory() / 2);

  private final Path path;
  private final Path opened;
  private final Compression compression;
  private final Optional<BundleForm> form;
  private final ByteBuffer expanded;
  private final OnnxFile file;
  private final Optional<KerasFile> keras;
  private final Optional<StagedFiles> made;
  private final String name;
  private final int decodedWeights;

  /**
   * @param path the file that was named
   * @param opened where the model itself lies: {@code path}, or what was made of it
   */
  private InputModel(
      Path path,
      Path opened,
      Compression compression,
      Optional<BundleForm> form,
      ByteBuffer expanded,
      OnnxFile file,
      Optional<KerasFile> keras,
      Optional<StagedFiles> made,
      String name) {
    this.path = path;
    this.opened = opened;
    this.compression = compression;
    this.form = form;
    this.expanded = expanded;
    this.file = file;
    this.keras = keras;
    this.made = made;
    this.name = name;
    this.decodedWeights = PackedWeights.decode(file.model(), MOST_DECODED);
  }

  /** A file that was there. */
  private static InputModel read(
      Path path, Compression compression, ByteBuffer expanded, OnnxFile file) {
    return new InputModel(
        path,
        path,
        compression,
        Optional.empty(),
        expanded,
        file,
        Optional.empty(),
        Optional.empty(),
        path.toString());
  }

  /** Opens the recipe's model, or makes its network; as {@link #open}. */
  static InputModel of(Recipe recipe) throws IOException {
    if (recipe.network().isEmpty()) {
      return open(recipe.model(), recipe.architecture(), recipe.inputLayout());
    }
    String name = recipe.model().getFileName().toString();
    StagedFiles files = StagedFiles.in(temporary());
    try {
      Model model = recipe.network().get().model(recipe.execution().seed());
      Path file = StagedModel.write(model, files, "network.onnx").model();
      return new InputModel(
          file,
          file,
          Compression.NONE,
          Optional.empty(),
          null,
          OnnxFile.open(file),
          Optional.empty(),
          Optional.of(files),
          "network of " + name);
    } catch (IOException | RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  private static Path temporary() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /**
   * Opens {@code path}.
   *
   * @throws io.espalier.graph.ModelException if it is no model that can be read
   * @throws IOException if the file cannot be read
   */
  static InputModel open(Path path) throws IOException {
    return open(path, Optional.empty(), Optional.empty());
  }

  /**
   * Opens {@code path}.
   *
   * @param architecture the JSON of the model that the file holds the weights of, where it holds
   *     nothing else
   * @param layout of images among the inputs of a model of Keras; absent: as the model has it
   * @throws UsageException if there is a layout, and the model is ONNX already
   * @throws io.espalier.graph.ModelException if it is no model that can be read
   * @throws IOException if a file cannot be read
   */
  static InputModel open(Path path, Optional<Path> architecture, Optional<InputLayout> layout)
      throws IOException {
    if (Files.isDirectory(path)) {
      throw new FileSystemException(
          path.toString(), null, "expected a model file, got a directory");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FileSystemException(path.toString(), null, "expected a regular file");
    }
    Compression compression = Compression.ofContents(path);
    Optional<BundleForm> bundle = Bundle.ofContents(path);
    if (bundle.isPresent()) {
      return bundled(requireAsIs(path, architecture, layout), compression, bundle.get());
    }
    if (compression == Compression.NONE) {
      return KerasFile.isKeras(path)
          ? imported(path, KerasFile.open(path, architecture, layout))
          : read(path, compression, null, OnnxFile.open(requireAsIs(path, architecture, layout)));
    }
    long limit = Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 3);
    ByteBuffer expanded = ByteBuffer.wrap(compression.expand(path, limit));
    return KerasFile.isKeras(expanded)
        ? imported(
            path, KerasFile.open(expanded, path, KerasFile.architecture(architecture), layout))
        : read(
            path,
            compression,
            expanded,
            OnnxFile.open(expanded, requireAsIs(path, architecture, layout)));
  }

  /** A model that is ONNX already, of which nothing is asked that only Keras' have. */
  private static Path requireAsIs(
      Path path, Optional<Path> architecture, Optional<InputLayout> layout) {
    if (architecture.isPresent()) {
      throw new UsageException(
          "--architecture: only weights of Keras need one, and " + path + " is an ONNX model");
    }
    if (layout.isPresent()) {
      throw new UsageException(
          "--input-layout: only models of Keras are brought into a layout, and "
              + path
              + " is ONNX already");
    }
    return path;
  }

  private static InputModel bundled(Path path, Compression compression, BundleForm form)
      throws IOException {
    StagedFiles files = StagedFiles.in(temporary());
    try {
      Path model = Bundle.expand(form, path, files.folder());
      return new InputModel(
          path,
          model,
          compression,
          Optional.of(form),
          null,
          inBundle(path, files.folder(), model),
          Optional.empty(),
          Optional.of(files),
          path.toString());
    } catch (IOException | RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  /** Messages name the bundle, not the folder that it was expanded in. */
  private static OnnxFile inBundle(Path bundle, Path folder, Path model) throws IOException {
    String entry = bundle + ": " + folder.relativize(model);
    try {
      return OnnxFile.open(model);
    } catch (MalformedModelException e) {
      throw new MalformedModelException(e.getMessage().replace(model.toString(), entry), e);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(e.getMessage().replace(model.toString(), entry), e);
    }
  }

  private static InputModel imported(Path path, KerasFile keras) throws IOException {
    new DeadNodes().run(keras.model());
    OnnxWriter writer = new OnnxWriter(keras.model(), path.getFileName() + ".data");
    if (writer.hasExternalData()) {
      return importedAsFiles(path, keras);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(writer.size()));
    writer.write(Channels.newChannel(bytes));
    ByteBuffer written = ByteBuffer.wrap(bytes.toByteArray());
    return new InputModel(
        path,
        path,
        Compression.NONE,
        Optional.empty(),
        written,
        OnnxFile.open(written, path),
        Optional.of(keras),
        Optional.empty(),
        path.toString());
  }

  /** One that is too large for a single file, in a folder of its own. */
  private static InputModel importedAsFiles(Path path, KerasFile keras) throws IOException {
    StagedFiles files = StagedFiles.in(temporary());
    try {
      Path model = StagedModel.write(keras.model(), files, "imported.onnx").model();
      return new InputModel(
          path,
          model,
          Compression.NONE,
          Optional.empty(),
          null,
          OnnxFile.open(model),
          Optional.of(keras),
          Optional.of(files),
          path.toString());
    } catch (IOException | RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  /** What a file of Keras said of its layers; absent for a model that is ONNX already. */
  Optional<KerasSummary> keras() {
    return keras.map(KerasFile::summary);
  }

  /** What was in the file and is not in the model. */
  List<Refusal> refusals() {
    return keras.map(KerasFile::refusals).orElse(List.of());
  }

  /** What reports call it. */
  String name() {
    return name;
  }

  /** The file that was named; of a network, the one that it was written to. */
  Path path() {
    return path;
  }

  /** The file that holds the model, in a bundle's folder or where {@link #path} is. */
  Path opened() {
    return opened;
  }

  /** Whether the model came with what belongs to it in one file. */
  boolean isBundle() {
    return form.isPresent();
  }

  Compression compression() {
    return compression;
  }

  /**
   * How the model was packed: {@code "xz"}, {@code "zip"}, {@code "tar in gzip"}; "" if it was not.
   */
  String packing() {
    String compressed =
        compression == Compression.NONE ? "" : compression.name().toLowerCase(Locale.ROOT);
    String in = form.map(one -> one.name().toLowerCase(Locale.ROOT)).orElse("");
    return in + (in.isEmpty() || compressed.isEmpty() ? "" : " in ") + compressed;
  }

  /** Bytes of the model file, and of a bundle's external data, when nothing packs them. */
  long expandedBytes() throws IOException {
    return isBundle()
        ? Math.addExact(Files.size(opened), file.externalBytes())
        : expanded == null ? Files.size(path) : expanded.remaining();
  }

  /** What reports call a file that belongs to the model. */
  String shown(Path data) {
    return isBundle() ? opened.getParent().relativize(data).toString() : data.toString();
  }

  Model model() {
    return file.model();
  }

  /** Whether weights of the file are encoded; in the model they are as they were before that. */
  boolean hasEncodedWeights() {
    return decodedWeights > 0;
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
    if (keras.isPresent()) {
      return expanded == null
          ? Math.addExact(Files.size(opened), file.externalBytes())
          : expanded.remaining();
    }
    return isBundle() ? Files.size(path) : Math.addExact(Files.size(path), file.externalBytes());
  }

  /** The model's bytes after expansion or import; null where they are those of the file. */
  ByteBuffer expanded() {
    return expanded == null ? null : expanded.duplicate();
  }

  /** Whether the other's model file holds the same bytes after expansion. */
  boolean sameContents(InputModel other) throws IOException {
    if (expanded == null && other.expanded == null) {
      return Files.mismatch(opened, other.opened) < 0;
    }
    return expanded == null
        ? other.holds(opened)
        : other.expanded == null ? holds(other.opened) : expanded().equals(other.expanded());
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
        ? Session.open(opened, options)
        : Session.open(path.toString(), expanded(), options);
  }

  @Override
  public void close() {
    file.close();
    made.ifPresent(StagedFiles::close);
  }
}

package io.espalier.pipeline;

import io.espalier.onnx.ExternalDataPolicy;
import io.espalier.onnx.OnnxWriter;
import io.espalier.storage.BundleForm;
import io.espalier.storage.BundleWriter;
import io.espalier.storage.Compression;
import io.espalier.storage.StagedFiles;
import io.espalier.storage.StorageOptions;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model file that a run makes: staged, looked at, compressed, and moved into place. */
final class OutputModel implements Closeable {
  private final Path target;
  private final boolean force;
  private final InputModel input;
  private final ExternalDataPolicy externalData;
  private final StagedFiles files;
  private final List<Path> parts = new ArrayList<>();
  private Path plain;
  private boolean copied;
  private Path finished;

  private OutputModel(
      Path target,
      boolean force,
      InputModel input,
      ExternalDataPolicy externalData,
      StagedFiles files) {
    this.externalData = externalData;
    this.target = target;
    this.force = force;
    this.input = input;
    this.files = files;
  }

  /**
   * Prepares the file that the recipe asks for.
   *
   * @throws UsageException if a file is in its place that must not be replaced
   */
  static OutputModel prepare(Recipe recipe, InputModel input) throws IOException {
    Path target = target(recipe);
    for (Path report : recipe.reports()) {
      if (sameFile(report, recipe.model()) || sameFile(report, target)) {
        throw new UsageException("--report " + report + ": that is the model's place");
      }
    }
    requireReplaceable(target, recipe.force(), input);
    boolean external =
        recipe
            .storage()
            .externalFrom()
            .map(from -> from < Long.MAX_VALUE)
            .orElse(!input.externalFiles().isEmpty());
    boolean besides = BundleForm.ofName(target).isEmpty() && external;
    if (recipe.training().isOn() && besides) {
      requireAbsent(externalData(target), target, recipe.force());
    }
    return opened(target, recipe.force(), input, recipe.storage());
  }

  /**
   * Prepares the file {@code target}.
   *
   * @param force whether any file may be replaced
   * @param storage says what is external data
   * @throws UsageException if a file is in its place that must not be replaced
   */
  static OutputModel prepare(Path target, boolean force, InputModel input, StorageOptions storage)
      throws IOException {
    requireReplaceable(target, force, input);
    return opened(target, force, input, storage);
  }

  private static OutputModel opened(
      Path target, boolean force, InputModel input, StorageOptions storage) throws IOException {
    StagedFiles files = StagedFiles.in(folder(target));
    return new OutputModel(target, force, input, StorageStage.externalData(storage), files);
  }

  /** Where the recipe's output goes. */
  static Path target(Recipe recipe) {
    if (recipe.output().isEmpty() && recipe.network().isPresent()) {
      String name = recipe.model().getFileName().toString();
      return Path.of(name.replaceFirst("\\.[^.]*$", "") + ".onnx");
    }
    return recipe
        .output()
        .orElseGet(
            () ->
                beside(
                    recipe.model(),
                    recipe.pruning().isPresent() ? ".pruned.onnx" : ".trained.onnx"));
  }

  /** A file beside {@code model} that has its name with another ending. */
  static Path beside(Path model, String ending) {
    String bare = BundleForm.modelName(model);
    return model.resolveSibling(bare.replaceFirst("\\.(onnx|h5|hdf5|keras)$", "") + ending);
  }

  private static Path folder(Path target) {
    return target.toAbsolutePath().getParent();
  }

  private static void requireReplaceable(Path target, boolean force, InputModel input)
      throws IOException {
    if (Files.isDirectory(target)) {
      throw new UsageException("--output " + target + ": expected a file, got a directory");
    }
    if (force || !Files.exists(target)) {
      return;
    }
    if (Files.isSameFile(target, input.path())) {
      throw new UsageException(target + ": would replace the input; --force does that");
    }
    if (!Provenance.isOurs(target) && Files.mismatch(target, input.path()) >= 0) {
      throw new UsageException(
          target + ": exists and is no model that Espalier made; --force replaces it");
    }
  }

  private static boolean sameFile(Path one, Path other) throws IOException {
    return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize())
        || Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
  }

  /** Writes the input's model as it is now. */
  void write() throws IOException {
    try {
      writeParts();
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new FileSystemException(target.toString(), null, e.getMessage());
    }
  }

  private void writeParts() throws IOException {
    String name = BundleForm.modelName(target);
    OnnxWriter writer = new OnnxWriter(input.model(), name + ".data", externalData);
    if (writer.hasExternalData()) {
      if (!isBundle()) {
        requireAbsent(externalData(target), target, force);
      }
      Path data = files.stage(name + ".data");
      parts.add(data);
      try (FileChannel channel = create(data)) {
        writer.writeExternalData(channel);
      }
    }
    plain = files.stage(name);
    try (FileChannel channel = create(plain)) {
      writer.write(channel);
    }
  }

  /** Copies the input's bytes: nothing was changed. */
  void copy() throws IOException {
    Path from = input.opened().toAbsolutePath().getParent().toRealPath();
    if (isBundle() || !from.equals(folder(target).toRealPath())) {
      for (Path data : input.externalFiles()) {
        String name = from.relativize(data).toString();
        if (!isBundle()) {
          requireAbsent(folder(target).resolve(name), target, force);
        }
        Path copy = files.stage(name);
        parts.add(copy);
        Files.copy(data, copy);
      }
    }
    plain = files.stage(BundleForm.modelName(target));
    copied = true;
    ByteBuffer expanded = input.expanded();
    if (expanded == null) {
      Files.copy(input.opened(), plain);
    } else {
      try (FileChannel channel = create(plain)) {
        while (expanded.hasRemaining()) {
          channel.write(expanded);
        }
      }
    }
  }

  /** A file of external data is replaced only together with a model of ours that refers to it. */
  private static void requireAbsent(Path data, Path target, boolean force) {
    if (Files.exists(data) && !force && !Files.exists(target)) {
      throw new UsageException(data + ": exists; --force replaces it");
    }
  }

  private static Path externalData(Path target) {
    return folder(target).resolve(BundleForm.modelName(target) + ".data");
  }

  boolean isBundle() {
    return BundleForm.ofName(target).isPresent();
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * The uncompressed model with its external data beside it: where it lies until it is published,
   * or the input where that is the same and shares its data.
   */
  Path openable() {
    boolean sharesData = !input.externalFiles().isEmpty() && parts.isEmpty();
    return copied && sharesData ? input.opened() : plain;
  }

  /** Whether there are files of external data. */
  boolean hasExternalData() {
    return !parts.isEmpty() || copied && !input.externalFiles().isEmpty();
  }

  /** Where the uncompressed model lies until it is published, external data beside it. */
  Path plain() {
    return plain;
  }

  Path target() {
    return target;
  }

  /**
   * Puts the model into the form that the target's name asks for.
   *
   * @param report goes into a bundle, as {@code NAME.report.json}
   * @return the bytes of all that is written
   */
  long finish(Optional<String> report) throws IOException {
    if (isBundle()) {
      bundle(report);
    } else if (Compression.ofName(target) == Compression.NONE) {
      finished = plain;
    } else {
      finished = compressed();
      files.drop(plain);
    }
    return bytes(finished);
  }

  /** The bytes of the model as it lies in the stage, with its external data. */
  long bytes() throws IOException {
    return bytes(plain);
  }

  private long bytes(Path model) throws IOException {
    long bytes = Files.size(model);
    for (Path part : parts) {
      bytes = Math.addExact(bytes, Files.size(part));
    }
    return bytes;
  }

  private Path compressed() throws IOException {
    Compression compression = Compression.ofName(target);
    Path packed = files.stage(target.getFileName().toString());
    if (compression == input.compression() && unchanged()) {
      Files.copy(input.path(), packed);
    } else {
      compression.compress(plain, packed);
    }
    return packed;
  }

  /** The model comes first, what belongs to it follows. */
  private void bundle(Optional<String> report) throws IOException {
    Map<String, Path> contents = new LinkedHashMap<>();
    contents.put(entryName(plain), plain);
    parts.forEach(part -> contents.put(entryName(part), part));
    if (report.isPresent()) {
      String name = BundleForm.modelName(target).replaceFirst("\\.onnx$", "") + ".report.json";
      Path file = files.stage(name);
      Files.writeString(file, report.get());
      contents.putIfAbsent(name, file);
    }
    Path packed = files.stage(target.getFileName().toString());
    BundleWriter.write(packed, contents);
    for (Path content : contents.values()) {
      files.drop(content);
    }
    parts.clear();
    finished = packed;
  }

  private String entryName(Path staged) {
    return files.folder().relativize(staged).toString().replace(File.separatorChar, '/');
  }

  private boolean unchanged() throws IOException {
    ByteBuffer expanded = input.expanded();
    return expanded != null
        && Files.size(plain) == expanded.remaining()
        && ByteBuffer.wrap(Files.readAllBytes(plain)).equals(expanded);
  }

  /** The model file that will be published, as it lies in the stage. */
  Path finished() {
    return finished;
  }

  /** Moves everything into place. */
  void publish() throws IOException {
    files.publish();
  }

  @Override
  public void close() {
    files.close();
  }
}

package io.espalier.pipeline;

import io.espalier.onnx.OnnxWriter;
import io.espalier.storage.Compression;
import io.espalier.storage.StagedFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The model file that a run makes: staged, looked at, compressed, and moved into place. */
final class OutputModel implements Closeable {
  private final Path target;
  private final boolean force;
  private final InputModel input;
  private final StagedFiles files;
  private final List<Path> parts = new ArrayList<>();
  private Path plain;

  private OutputModel(Path target, boolean force, InputModel input, StagedFiles files) {
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
    requireReplaceable(target, recipe, input);
    return new OutputModel(target, recipe.force(), input, StagedFiles.in(folder(target)));
  }

  /** Where the recipe's output goes. */
  static Path target(Recipe recipe) {
    if (recipe.output().isEmpty() && recipe.network().isPresent()) {
      String name = recipe.model().getFileName().toString();
      return Path.of(name.replaceFirst("\\.[^.]*$", "") + ".onnx");
    }
    return recipe.output().orElseGet(() -> recipe.model().resolveSibling(usualName(recipe)));
  }

  private static String usualName(Recipe recipe) {
    Path model = recipe.model();
    String name = model.getFileName().toString();
    String bare = name.substring(0, name.length() - Compression.ofName(model).ending().length());
    return (bare.endsWith(".onnx") ? bare.substring(0, bare.length() - 5) : bare)
        + (recipe.pruning().isPresent() ? ".pruned.onnx" : ".trained.onnx");
  }

  private static Path folder(Path target) {
    return target.toAbsolutePath().getParent();
  }

  private static void requireReplaceable(Path target, Recipe recipe, InputModel input)
      throws IOException {
    if (Files.isDirectory(target)) {
      throw new UsageException("--output " + target + ": expected a file, got a directory");
    }
    for (Path report : recipe.reports()) {
      if (sameFile(report, recipe.model()) || sameFile(report, target)) {
        throw new UsageException("--report " + report + ": that is the model's place");
      }
    }
    if (recipe.force() || !Files.exists(target)) {
      return;
    }
    if (Files.isSameFile(target, recipe.model())) {
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
    String name = plainName();
    OnnxWriter writer = new OnnxWriter(input.model(), name + ".data");
    if (writer.hasExternalData()) {
      requireAbsent(folder(target).resolve(name + ".data"));
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
    Path from = input.path().toAbsolutePath().getParent().toRealPath();
    if (!from.equals(folder(target).toRealPath())) {
      for (Path data : input.externalFiles()) {
        String name = from.relativize(data).toString();
        requireAbsent(folder(target).resolve(name));
        Path copy = files.stage(name);
        parts.add(copy);
        Files.copy(data, copy);
      }
    }
    plain = files.stage(plainName());
    ByteBuffer expanded = input.expanded();
    if (expanded == null) {
      Files.copy(input.path(), plain);
    } else {
      try (FileChannel channel = create(plain)) {
        while (expanded.hasRemaining()) {
          channel.write(expanded);
        }
      }
    }
  }

  /** A file of external data is replaced only together with a model of ours that refers to it. */
  private void requireAbsent(Path data) {
    if (Files.exists(data) && !force && !Files.exists(target)) {
      throw new UsageException(data + ": exists; --force replaces it");
    }
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private String plainName() {
    String name = target.getFileName().toString();
    return name.substring(0, name.length() - Compression.ofName(target).ending().length());
  }

  /** Where the uncompressed model lies until it is published, external data beside it. */
  Path plain() {
    return plain;
  }

  Path target() {
    return target;
  }

  /** Compresses the file if its name asks for that; returns the bytes of all that is written. */
  long finish() throws IOException {
    Compression compression = Compression.ofName(target);
    if (compression == Compression.NONE) {
      parts.add(plain);
    } else {
      Path packed = files.stage(target.getFileName().toString());
      if (compression == input.compression() && unchanged()) {
        Files.copy(input.path(), packed);
      } else {
        compression.compress(plain, packed);
      }
      files.drop(plain);
      parts.add(packed);
    }
    long bytes = 0;
    for (Path part : parts) {
      bytes = Math.addExact(bytes, Files.size(part));
    }
    return bytes;
  }

  private boolean unchanged() throws IOException {
    ByteBuffer expanded = input.expanded();
    return expanded != null
        && Files.size(plain) == expanded.remaining()
        && ByteBuffer.wrap(Files.readAllBytes(plain)).equals(expanded);
  }

  /** The model file that will be published, as it lies in the stage. */
  Path finished() {
    return parts.get(parts.size() - 1);
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

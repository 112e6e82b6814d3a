package io.espalier.data;

import io.espalier.graph.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds images and labels in idx files: in a folder with MNIST's names, {@code train-images…} and
 * {@code t10k-images…} with their labels, or in a file of images with its labels beside it.
 */
final class IdxSamples {
  private static final Map<String, String> PREFIXES =
      Map.of("train", "train-", "test", "t10k-", "t10k", "t10k-");

  private IdxSamples() {}

  static RawSamples read(DataSource source, Set<String> modelInputs) throws IOException {
    if (modelInputs.size() != 1) {
      throw new ModelException(
          "data %s: idx files hold one input, the model has %s".formatted(source, modelInputs));
    }
    Path images = Files.isDirectory(source.path()) ? inFolder(source) : source.path();
    Optional<Path> labels = labels(images);
    RawSamples.Column input = new RawSamples.Column("data " + images, Idx.read(images));
    Optional<RawSamples.Column> target = Optional.empty();
    if (labels.isPresent()) {
      target = Optional.of(new RawSamples.Column("data " + labels.get(), Idx.read(labels.get())));
    }
    return new RawSamples(Map.of(modelInputs.iterator().next(), input), target);
  }

  /** Whether this is a folder with several parts, {@code train} among them. */
  static boolean isDivided(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    List<Path> images = images(path);
    return images.size() > 1
        && images.stream().anyMatch(file -> name(file).startsWith("train-images"));
  }

  private static List<Path> images(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> name(file).contains("-images")).sorted().toList();
    }
  }

  private static Path inFolder(DataSource source) throws IOException {
    List<Path> images = new ArrayList<>(images(source.path()));
    if (images.isEmpty()) {
      throw new ModelException(
          "data %s: expected files named like MNIST's, train-images-idx3-ubyte[.gz]"
              .formatted(source));
    }
    if (source.part().isPresent()) {
      String part = source.part().get();
      String prefix = PREFIXES.getOrDefault(part, part + "-");
      images.removeIf(file -> !name(file).startsWith(prefix + "images"));
      if (images.isEmpty()) {
        throw new ModelException(
            "data %s: expected files of a part '%s'; MNIST's parts are train and test"
                .formatted(source, part));
      }
    } else if (images.size() > 1) {
      throw new ModelException(
          "data %s: which part? Write %s#train or %s#test"
              .formatted(source, source.path(), source.path()));
    }
    return images.get(0);
  }

  private static Optional<Path> labels(Path images) {
    String name = name(images);
    if (!name.contains("images")) {
      return Optional.empty();
    }
    String plain = name.replace("images", "labels").replace("idx3", "idx1").replace(".gz", "");
    return Stream.of(plain, plain + ".gz")
        .map(images::resolveSibling)
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}

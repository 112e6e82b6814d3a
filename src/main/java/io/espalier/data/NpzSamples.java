package io.espalier.data;

import io.espalier.graph.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a model's inputs and labels in an {@code .npz}. Arrays named like the model's inputs are
 * these inputs; else {@code x} is the single input. {@code y} are the labels. In part P of the file
 * the names end in {@code _P}.
 */
final class NpzSamples {
  private NpzSamples() {}

  static RawSamples read(DataSource source, Set<String> modelInputs) throws IOException {
    try (Npz npz = Npz.open(source.path())) {
      String suffix = source.part().map(part -> "_" + part).orElse("");
      Map<String, String> keys = new LinkedHashMap<>();
      for (String input : modelInputs) {
        if (npz.keys().contains(input + suffix)) {
          keys.put(input, input + suffix);
        }
      }
      if (keys.isEmpty()) {
        keys.put(single(source, npz, modelInputs, suffix), "x" + suffix);
      }
      Map<String, RawSamples.Column> inputs = new LinkedHashMap<>();
      for (Map.Entry<String, String> key : keys.entrySet()) {
        inputs.put(key.getKey(), column(npz, source, key.getValue()));
      }
      String target = "y" + suffix;
      boolean labelled = npz.keys().contains(target) && !keys.containsValue(target);
      return new RawSamples(
          inputs, labelled ? Optional.of(column(npz, source, target)) : Optional.empty());
    }
  }

  /** Whether the file has a part {@code train} and nothing for a single input besides its parts. */
  static boolean isDivided(Path file) throws IOException {
    try (Npz npz = Npz.open(file)) {
      return npz.keys().contains("x_train") && !npz.keys().contains("x");
    }
  }

  /** The input that the array {@code x} is for. */
  private static String single(DataSource source, Npz npz, Set<String> modelInputs, String suffix) {
    if (!npz.keys().contains("x" + suffix)) {
      List<String> parts = parts(npz);
      String hint =
          parts.isEmpty() || source.part().filter(parts::contains).isPresent()
              ? ""
              : "; parts are " + parts + ", as in " + source.path() + "#" + parts.get(0);
      throw new ModelException(
          "data %s: expected an array 'x%s', or one named like an input of the model %s, there are"
                  .formatted(source, suffix, modelInputs)
              + " "
              + npz.keys()
              + hint);
    }
    if (modelInputs.size() != 1) {
      throw new ModelException(
          "data %s: the model has the inputs %s; name the arrays like them instead of 'x%s'"
              .formatted(source, modelInputs, suffix));
    }
    return modelInputs.iterator().next();
  }

  private static List<String> parts(Npz npz) {
    List<String> parts = new ArrayList<>();
    for (String key : npz.keys()) {
      if (key.startsWith("x_")) {
        parts.add(key.substring(2));
      }
    }
    return parts;
  }

  private static RawSamples.Column column(Npz npz, DataSource source, String key)
      throws IOException {
    return new RawSamples.Column("data %s, array '%s'".formatted(source, key), npz.read(key));
  }
}

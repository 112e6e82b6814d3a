package io.espalier.pipeline;

import io.espalier.network.Network;
import io.espalier.yaml.YamlException;
import io.espalier.yaml.YamlNode;
import io.espalier.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A recipe in a YAML file: options under the names of the command line, without the dashes; {@code
 * model}; {@code network}. Paths are relative to the file's folder.
 *
 * @param options the texts of each option
 * @param lines where each option stands
 * @param model the model to prune, if the file says so
 * @param network the network to train, if the file describes one
 */
record RecipeFile(
    Path file,
    Map<String, List<String>> options,
    Map<String, Integer> lines,
    Optional<Path> model,
    Optional<Network> network) {
  private static final Set<String> FILES =
      Set.of("output", "architecture", "report", "custom-ops", "checkpoint", "resume");
  private static final Set<String> DATA = Set.of("data", "test", "validation");
  private static final Set<String> NAMED_FILES = Set.of("input");

  /** What the value of an option looks like. */
  enum Kind {
    /** {@code true} or {@code false}. */
    FLAG,
    /** One text. */
    ONE,
    /** Numbers, as a list or as text with commas between. */
    NUMBERS,
    /** A text or a list of them. */
    MANY,
    /** As {@link #MANY}, each {@code NAME=VALUE}, or a map. */
    PAIRS
  }

  /**
   * Reads a file.
   *
   * @param known the options there are
   * @throws UsageException if the file cannot be read, or holds what no recipe does; the message
   *     says file and line
   */
  static RecipeFile read(Path file, Map<String, Kind> known) {
    if (Files.isDirectory(file)) {
      throw new UsageException("--recipe " + file + ": expected a YAML file, got a directory");
    }
    try {
      return of(YamlReader.read(file), file, known);
    } catch (YamlException e) {
      throw new UsageException(e.getMessage());
    } catch (IOException e) {
      throw new UsageException("--recipe " + Failures.describe(e));
    }
  }

  private static RecipeFile of(YamlNode root, Path file, Map<String, Kind> known) {
    RecipeEntries entries = RecipeEntries.of(file.toString(), root, "a recipe");
    Path folder = file.getParent() == null ? Path.of("") : file.getParent();
    RelativePaths paths = new RelativePaths(folder);
    Map<String, List<String>> options = new LinkedHashMap<>();
    Map<String, Integer> lines = new LinkedHashMap<>();
    known.forEach(
        (option, kind) -> {
          int line = entries.line(option);
          entries
              .take(option)
              .map(node -> texts(entries, option, kind, node))
              .filter(texts -> !texts.isEmpty())
              .ifPresent(
                  texts -> {
                    options.put(option, texts.stream().map(t -> path(paths, option, t)).toList());
                    lines.put(option, line);
                  });
        });
    Optional<Path> model = entries.text("model").map(text -> folder.resolve(text));
    int line = entries.line("network");
    Optional<Network> network =
        entries.take("network").map(node -> NetworkEntries.read(file.toString(), node));
    entries.requireAllTaken("a recipe");
    if (model.isPresent() && network.isPresent()) {
      throw RecipeEntries.wrong(
          file.toString(), line, "network: there is a 'model' too; leave one of the two out");
    }
    return new RecipeFile(file, options, lines, model, network);
  }

  private static String path(RelativePaths paths, String option, String text) {
    if (FILES.contains(option)) {
      return paths.file(text);
    }
    if (DATA.contains(option)) {
      return paths.data(text);
    }
    return NAMED_FILES.contains(option) ? paths.named(text) : text;
  }

  private static List<String> texts(
      RecipeEntries entries, String option, Kind kind, YamlNode node) {
    return switch (kind) {
      case FLAG -> entries.flag(option, node) ? List.of("") : List.of();
      case ONE -> List.of(entries.text(option, node));
      case NUMBERS -> List.of(String.join(",", entries.texts(option, node, true)));
      case MANY -> entries.texts(option, node, true);
      case PAIRS -> pairs(entries, option, node);
    };
  }

  private static List<String> pairs(RecipeEntries entries, String option, YamlNode node) {
    if (!(node instanceof YamlNode.Entries map)) {
      return entries.texts(option, node, true);
    }
    List<String> pairs = new ArrayList<>();
    map.entries()
        .forEach((name, value) -> pairs.add(name + "=" + entries.text(option + " " + name, value)));
    return pairs;
  }

  /**
   * The file that the run's model comes from: the one that was given (else null), or this one's.
   *
   * @throws UsageException if there is none, or if this file has a network besides
   */
  Path modelOr(Path given) {
    if (given != null && network.isPresent()) {
      throw new UsageException("--recipe " + file + ": has a network; leave MODEL out");
    }
    if (given != null) {
      return given;
    }
    if (network.isPresent()) {
      return file;
    }
    return model.orElseThrow(
        () ->
            new UsageException(
                "--recipe " + file + ": has no 'model' and no 'network'; name a MODEL"));
  }

  /** The mistake with the place of the option that it begins with, if that is in this file. */
  UsageException placed(UsageException mistake, Set<String> elsewhere) {
    String message = mistake.getMessage();
    for (String option : lines.keySet()) {
      boolean named = message.matches("(?s)--" + option + "\\b(?!-).*");
      if (named && !elsewhere.contains(option)) {
        return RecipeEntries.wrong(file.toString(), lines.get(option), message);
      }
    }
    return mistake;
  }
}

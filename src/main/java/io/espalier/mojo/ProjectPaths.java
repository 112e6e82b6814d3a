package io.espalier.mojo;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.model.Resource;

/** Paths as a POM writes them: relative to the folder of the project, not of the process. */
record ProjectPaths(Path base) {
  private static final Pattern FORMAT_AND_PATH = Pattern.compile("([a-z]{2,}:)?(.*)");
  private static final Pattern NAME_AND_PATH = Pattern.compile("([^=]+=)(.*)");

  /** Of the project in the folder, or without a project (null) of the process. */
  static ProjectPaths in(File folder) {
    return new ProjectPaths(folder == null ? Path.of("") : folder.toPath());
  }

  /** {@code PATH}. */
  String file(String text) {
    return text == null ? null : base.resolve(text).toString();
  }

  /** {@code [npz:|idx:]PATH[#part]}. */
  String data(String text) {
    return text == null ? null : afterPrefix(FORMAT_AND_PATH, text);
  }

  /** {@code NAME=PATH}. */
  String named(String text) {
    return afterPrefix(NAME_AND_PATH, text);
  }

  private String afterPrefix(Pattern prefixAndPath, String text) {
    Matcher parts = prefixAndPath.matcher(text);
    if (!parts.matches() || parts.group(2).isEmpty()) {
      return text;
    }
    String prefix = parts.group(1) == null ? "" : parts.group(1);
    return prefix + file(parts.group(2));
  }

  static List<String> each(List<String> texts, UnaryOperator<String> resolve) {
    List<String> resolved = new ArrayList<>();
    if (texts != null) {
      texts.forEach(text -> resolved.add(resolve.apply(text)));
    }
    return resolved;
  }

  /**
   * Where the pruned model goes unless the POM says so: into the folder of classes, so that the jar
   * carries it; under the path that a model among the resources has there, else under its name.
   */
  static Path defaultOutput(Path model, List<Resource> resources, Path classes) {
    Path place = model.toAbsolutePath().normalize();
    Path within = place.getFileName();
    for (Resource resource : resources) {
      Path folder = Path.of(resource.getDirectory()).toAbsolutePath().normalize();
      if (place.startsWith(folder)) {
        String target = resource.getTargetPath() == null ? "" : resource.getTargetPath();
        within = Path.of(target).resolve(folder.relativize(place));
      }
    }
    String name = within.getFileName().toString().replaceFirst("\\.(gz|xz)$", "");
    return classes.resolve(within).resolveSibling(name);
  }
}

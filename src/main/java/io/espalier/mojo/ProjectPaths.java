package io.espalier.mojo;

import io.espalier.pipeline.RelativePaths;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.maven.model.Resource;

/** Where a POM's paths lead: relative to the folder of the project, not of the process. */
final class ProjectPaths {
  private ProjectPaths() {}

  /** Of the project in the folder, or without a project (null) of the process. */
  static RelativePaths in(File folder) {
    return new RelativePaths(folder == null ? Path.of("") : folder.toPath());
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
   * carries it; under the path that a model among the resources has there, else under its name. The
   * network of a recipe is called like the recipe.
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
    String file = within.getFileName().toString();
    String name =
        file.replaceFirst("\\.(gz|xz|zst|bz2)$", "")
            .replaceFirst("(\\.onnx)?\\.(yaml|yml|tar|zip)$", ".onnx");
    return classes.resolve(within).resolveSibling(name);
  }
}

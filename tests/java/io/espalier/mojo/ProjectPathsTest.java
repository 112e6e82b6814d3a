package io.espalier.mojo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.pipeline.RelativePaths;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.model.Resource;
import org.junit.jupiter.api.Test;

class ProjectPathsTest {
  private static final Path BASE = Path.of("base").toAbsolutePath();
  private static final Path CLASSES = BASE.resolve("target/classes");

  private final RelativePaths paths = ProjectPaths.in(BASE.toFile());

  private static Path inBase(String path) {
    return BASE.resolve(path);
  }

  private static Resource resources(String folder, String target) {
    Resource resource = new Resource();
    resource.setDirectory(inBase(folder).toString());
    resource.setTargetPath(target);
    return resource;
  }

  @Test
  void pathsAreRelativeToTheProject() {
    assertEquals(inBase("a/b.onnx").toString(), paths.file("a/b.onnx"));
    assertEquals(inBase("x").toString(), paths.file(inBase("x").toString()));
    assertEquals("npz:" + inBase("d.npz#test"), paths.data("npz:d.npz#test"));
    assertEquals(inBase("d.npz").toString(), paths.data("d.npz"));
    assertEquals("x=" + inBase("a=b.npy"), paths.named("x=a=b.npy"));
    assertEquals("wrong", paths.named("wrong"));
    assertEquals("#test", paths.data("#test"));
  }

  @Test
  void modelGoesWhereTheJarCarriesIt() {
    List<Resource> resources = List.of(resources("src/main/resources", null));
    assertEquals(
        CLASSES.resolve("m.onnx"),
        ProjectPaths.defaultOutput(inBase("models/m.onnx.xz"), resources, CLASSES));
    assertEquals(
        CLASSES.resolve("net/m.onnx"),
        ProjectPaths.defaultOutput(inBase("src/main/resources/net/m.onnx"), resources, CLASSES));
    assertEquals(
        CLASSES.resolve("to/m.onnx"),
        ProjectPaths.defaultOutput(
            inBase("models/m.onnx"), List.of(resources("models", "to")), CLASSES));
    assertEquals(
        CLASSES.resolve("net.onnx"),
        ProjectPaths.defaultOutput(inBase("recipes/net.yaml"), resources, CLASSES));
  }
}

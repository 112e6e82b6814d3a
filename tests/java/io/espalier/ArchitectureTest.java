package io.espalier;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between packages, and which package sees which library. */
class ArchitectureTest {
  private static final int MOST_LINES = 400;
  private static final String BASE = "io.espalier";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(BASE);

  /** Package to the packages of ours that it may use; "" is the base package. */
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("", List.of("pipeline", "report")),
          Map.entry("graph", List.of()),
          Map.entry("random", List.of()),
          Map.entry("network", List.of("graph", "random")),
          Map.entry("yaml", List.of()),
          Map.entry("onnx", List.of("graph")),
          Map.entry("keras", List.of("graph")),
          Map.entry("runtime", List.of("onnx", "graph")),
          Map.entry("gradient", List.of("graph")),
          Map.entry("pass", List.of("graph")),
          Map.entry("prune", List.of("graph")),
          Map.entry("data", List.of("graph")),
          Map.entry(
              "train", List.of("pass", "gradient", "prune", "data", "runtime", "graph", "random")),
          Map.entry("storage", List.of("prune", "runtime", "graph")),
          Map.entry("quantize", List.of("pass", "prune", "graph")),
          Map.entry("report", List.of()),
          Map.entry(
              "pipeline",
              List.of(
                  "graph",
                  "network",
                  "yaml",
                  "onnx",
                  "keras",
                  "runtime",
                  "pass",
                  "prune",
                  "data",
                  "train",
                  "storage",
                  "quantize",
                  "report")),
          Map.entry("cli", List.of("", "pipeline", "report", "prune", "storage", "graph")),
          Map.entry("mojo", List.of("", "pipeline", "report", "prune", "graph")));

  static Stream<Map.Entry<String, List<String>>> arrows() {
    return MAY_USE.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void usesOnlyWhatTheDesignAllows(Map.Entry<String, List<String>> arrow) {
    String[] own =
        Stream.concat(Stream.of(arrow.getKey()), arrow.getValue().stream())
            .flatMap(ArchitectureTest::packages)
            .toArray(String[]::new);
    String[] others =
        Stream.concat(
                Arrays.stream(own),
                Stream.of(
                    "java..",
                    "javax..",
                    "com..",
                    "org..",
                    "ai..",
                    "io.jhdf..",
                    "io.airlift..",
                    "picocli..",
                    ""))
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAnyPackage(packages(arrow.getKey()).toArray(String[]::new))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(others)
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsArrows() {
    Set<String> found =
        CLASSES.stream()
            .map(type -> type.getPackageName().substring(BASE.length()).replaceFirst("^\\.", ""))
            .map(name -> name.replaceFirst("\\..*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(MAY_USE.keySet()), found);
  }

  static Stream<List<String>> libraries() {
    return Stream.of(
        List.of("com.google.protobuf..", "onnx"),
        List.of("ai.onnxruntime..", "runtime"),
        List.of("picocli..", "cli"),
        List.of("org.apache.maven..", "mojo"),
        List.of("org.apache.commons.compress..", "storage"),
        List.of("org.tukaani..", "storage"),
        List.of("io.airlift..", "storage"),
        List.of("com.google.gson..", "report", "keras"),
        List.of("io.jhdf..", "keras"),
        List.of("org.snakeyaml..", "yaml"),
        List.of("org.deeplearning4j..", "train"),
        List.of("org.nd4j..", "train"));
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void onlyThesePackagesSeeTheLibrary(List<String> libraryAndPackages) {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            libraryAndPackages.stream()
                .skip(1)
                .flatMap(ArchitectureTest::packages)
                .toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(libraryAndPackages.get(0))
        .check(CLASSES);
  }

  @Test
  void graphDependsOnTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage(BASE + ".graph")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(BASE + ".graph", "java..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(BASE + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BASE + ".onnx.proto")
        .should()
        .haveNameMatching(".*(Utils|Util|Helper|Manager|Impl)")
        .check(CLASSES);
  }

  @Test
  void filesStaySmall() throws IOException {
    for (String root : List.of("src/main/java", "tests/java")) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          long lines = Files.readAllLines(file).size();
          assertTrue(lines <= MOST_LINES, file + " has " + lines + " lines");
        }
      }
    }
  }

  private static Stream<String> packages(String name) {
    return name.isEmpty() ? Stream.of(BASE) : Stream.of(BASE + "." + name + "..");
  }
}

package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.network.Conv;
import io.espalier.network.Network;
import io.espalier.network.Pool;
import io.espalier.network.Window;
import io.espalier.pipeline.OptionExamples.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeFileTest {
  private static final Path MODEL = Path.of("m.onnx");

  @TempDir Path folder;

  private RecipeOptions file(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("r.yaml"), text);
    return new RecipeOptions().set("recipe", file.toString());
  }

  private String mistake(String text) {
    return assertThrows(UsageException.class, () -> file(text).recipe(MODEL))
        .getMessage()
        .replace(folder + "/", "");
  }

  static Stream<Example> examples() {
    return OptionExamples.all().stream();
  }

  /** The texts of an option as they stand in a recipe. */
  private static String entry(String option, List<String> texts) {
    if (texts.isEmpty()) {
      return option + ": true\n";
    }
    return texts.size() == 1
        ? option + ": \"" + texts.get(0) + "\"\n"
        : option + ":\n" + String.join("", texts.stream().map(t -> "  - '" + t + "'\n").toList());
  }

  /** Paths of a recipe are relative to its folder, so those of the expected options lie there. */
  private String inFolder(String option, String text) {
    RelativePaths paths = new RelativePaths(folder);
    return switch (option) {
      case "output", "architecture", "report", "custom-ops", "checkpoint", "resume" ->
          paths.file(text);
      case "data", "test", "validation" -> paths.data(text);
      case "input" -> paths.named(text);
      default -> text;
    };
  }

  @ParameterizedTest
  @MethodSource("examples")
  void entriesBecomeTheRecipe(Example example) throws IOException {
    StringBuilder yaml = new StringBuilder();
    RecipeOptions expected = new RecipeOptions();
    for (int i = 0; i < example.needs().size(); i += 2) {
      String option = example.needs().get(i);
      String text = example.needs().get(i + 1);
      yaml.append(entry(option, text.isEmpty() ? List.of() : List.of(text)));
      expected.set(option, inFolder(option, text));
    }
    yaml.append(entry(example.option(), example.texts()));
    if (example.isFlag()) {
      expected.flag(example.option(), true);
    } else {
      expected.set(
          example.option(),
          example.texts().stream().map(text -> inFolder(example.option(), text)).toList());
    }
    assertEquals(expected.recipe(MODEL), file(yaml.toString()).recipe(MODEL));
  }

  /** Whatever a recipe holds as a path came from its folder, but for the model that is given. */
  @Test
  void everyPathIsRelativeToTheFolder() throws IOException {
    for (Example example : OptionExamples.all()) {
      StringBuilder yaml = new StringBuilder(entry(example.option(), example.texts()));
      for (int i = 0; i < example.needs().size(); i += 2) {
        String text = example.needs().get(i + 1);
        yaml.append(entry(example.needs().get(i), text.isEmpty() ? List.of() : List.of(text)));
      }
      Recipe recipe = file(yaml.toString()).recipe(MODEL);
      OptionExamples.leaves(recipe).values().stream()
          .flatMap(RecipeFileTest::paths)
          .filter(path -> !path.equals(MODEL))
          .forEach(path -> assertTrue(path.startsWith(folder), example.option() + ": " + path));
    }
  }

  private static Stream<Path> paths(Object leaf) {
    if (leaf instanceof Path path) {
      return Stream.of(path);
    }
    if (leaf instanceof Optional<?> optional) {
      return optional.stream().flatMap(RecipeFileTest::paths);
    }
    return leaf instanceof Map<?, ?> map
        ? map.values().stream().flatMap(RecipeFileTest::paths)
        : leaf instanceof List<?> list ? list.stream().flatMap(RecipeFileTest::paths) : Stream.of();
  }

  @Test
  void mapsAndListsOfNumbersHaveTheirOwnForms() throws IOException {
    Recipe recipe =
        file("layer:\n  'conv*': 30%\n  a=b: 0.5\ndim: {n: 4}\ninput: {x: a.npy}\n"
                + "data: d.npz\nmean: [0.5, 1]\nstd: 2\nforce: false\ninclude: conv*\n")
            .recipe(MODEL);
    assertEquals(
        new RecipeOptions()
            .set("layer", List.of("conv*=30%", "a=b=0.5"))
            .set("dim", "n=4")
            .set("input", "x=" + folder.resolve("a.npy"))
            .set("data", folder.resolve("d.npz").toString())
            .set("mean", "0.5,1")
            .set("std", "2")
            .set("include", "conv*")
            .recipe(MODEL),
        recipe);
  }

  @Test
  void whatIsGivenBesideTheFileComesFirst() throws IOException {
    RecipeOptions options = file("model: net.onnx\nsparsity: 0.9\nscope: global\n");
    assertEquals(folder.resolve("net.onnx"), options.recipe(null).model());
    Recipe recipe = options.set("sparsity", "0.4").recipe(MODEL);
    assertEquals(MODEL, recipe.model());
    assertEquals(0.4, recipe.pruning().orElseThrow().sparsity());
    assertEquals("GLOBAL", recipe.pruning().orElseThrow().scope().name());
  }

  @Test
  void partsAreThoseOfTheData() throws IOException {
    RecipeOptions options = file("test: '#test'\nvalidation: '#val'\nepochs: 1\n");
    Recipe recipe = options.set("data", "idx:mnist#train").recipe(MODEL);
    assertEquals(Optional.of("idx:mnist#test"), recipe.data().test());
    assertEquals(Optional.of("idx:mnist#val"), recipe.training().validation());
    assertEquals(
        "r.yaml, line 1: --test #test: is a part of --data; there is no --data",
        mistake("test: '#test'"));
  }

  @Test
  void noSparsityMeansNoPruning() throws IOException {
    Recipe recipe = file("sparsity: 0\nepochs: 2\ndata: d.npz\n").recipe(MODEL);
    assertEquals(Optional.empty(), recipe.pruning());
    assertTrue(file("sparsity: 0").recipe(MODEL).pruning().isPresent());
  }

  @Test
  void layersAreThoseOfTheBuilder() throws IOException {
    String yaml =
        """
        network:
          input: [3, 32, 32]
          init: xavier-normal
          layers:
            - {conv: 16, kernel: 3, padding: same, activation: relu}
            - max-pool: 3
              stride: 2
              padding: 1
            - residual:
                - {conv: 16, kernel: [3, 3], padding: same}
                - batch-norm
              activation: relu
            - global-average-pool
            - flatten
            - dropout: 0.25
            - dense: 10
              name: head
            - softmax
        """;
    Network expected =
        Network.of(3, 32, 32)
            .initializer("xavier-normal")
            .convSame(16, 3)
            .relu()
            .add(
                new Pool(
                    Pool.Form.MAX,
                    Optional.of(new Window(List.of(3L), List.of(2L), List.of(1L), List.of(1L)))))
            .residual(
                body ->
                    body.add(
                            new Conv(
                                16,
                                new Window(List.of(3L, 3L), List.of(1L), List.of(1L), List.of())))
                        .batchNorm())
            .relu()
            .globalAveragePool()
            .flatten()
            .dropout(0.25)
            .dense(10)
            .named("head")
            .activation("softmax")
            .build();
    Recipe recipe = file(yaml).recipe(null);
    assertEquals(Optional.of(expected), recipe.network());
    assertEquals(Path.of("r.onnx"), OutputModel.target(recipe));
    assertEquals(
        "--recipe " + folder.resolve("r.yaml") + ": has a network; leave MODEL out",
        assertThrows(UsageException.class, () -> file(yaml).recipe(MODEL)).getMessage());
    for (String gate : List.of("max-output-diff: 1", "distill: true\nepochs: 1\ndata: d.npz")) {
      String message =
          assertThrows(UsageException.class, () -> file(yaml + gate).recipe(null)).getMessage();
      assertTrue(message.endsWith("a recipe's network has none"), message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "sparsity: 2|r.yaml, line 1: --sparsity: expected a share from 0 to 1, such as 0.7 or 70%,"
            + " got '2'",
        "epochs: 1;sparsty: 0.5|r.yaml, line 2: a recipe has no 'sparsty'; did you mean sparsity?",
        "scope:;  - layer|r.yaml, line 2: scope: expected a value, got a list",
        "scope:|r.yaml, line 1: scope: expected a value, got nothing",
        "force: yes|r.yaml, line 1: force: expected true or false, got 'yes'",
        "- sparsity|r.yaml, line 1: a recipe: expected a map of keys and values, got a list",
        "model: m.onnx;network: {input: [4], layers: [dense: 2]}|r.yaml, line 2: network: there is"
            + " a 'model' too; leave one of the two out",
        "network: {layers: [relu]}|r.yaml, line 1: network: expected an 'input', such as [784] or"
            + " [1, 28, 28]",
        "network: {input: [4]}|r.yaml, line 1: network: expected 'layers'",
        "network: {input: [0], layers: [relu]}|r.yaml, line 1: input: expected 1 to 4 sizes from 1"
            + " to 1048576, got [0]",
        "network:;  input: [4];  layers:;    - dense: ten|r.yaml, line 4: dense: expected a whole"
            + " number, got 'ten'",
        "network:;  input: [4];  layers:;    - dense: 2;      units: 3|r.yaml, line 5: a layer"
            + " 'dense' has no 'units'",
        "network:;  input: [4];  layers:;    - relu;    - {conv: 3, kernel: 2}|r.yaml, line 5: layer"
            + " 2: conv: expected an image, [channels, sizes...] of 1 to 3 sizes, got [4]",
        "network:;  input: [4];  layers:;    - {dense: 3, activation: rleu}|r.yaml, line 4:"
            + " activation: expected one of relu, leaky-relu, elu, selu, sigmoid, tanh, softplus,"
            + " softmax, log-softmax, got 'rleu'",
        "network:;  input: [4];  layers:;    - {dense: 3, init: best}|r.yaml, line 4: init: expected"
            + " zeros, normal, xavier-uniform, xavier-normal, he-uniform, he-normal, glorot_normal"
            + " or he_normal, got 'best'",
        "network:;  input: [4];  layers:;    - dropout: 1.5|r.yaml, line 4: dropout: expected a rate"
            + " from 0 up to but not including 1, the share that is dropped, got 1.5",
        "network:;  input: [4];  layers:;    - {dense: 3, conv: 2}|r.yaml, line 4: a layer: expected"
            + " one kind, got [dense, conv]; begin each with a dash",
        "network:;  input: [4];  layers:;    - {flatten: 3}|r.yaml, line 4: flatten: expected nothing"
            + " behind it, got '3'",
      })
  void mistakesNameFileLineAndKey(String lines, String message) {
    assertEquals(message, mistake(lines.replace(";", "\n")));
  }

  @Test
  void unknownLayersAreToldWhatThereIs() {
    String message = mistake("network:\n  input: [4]\n  layers:\n    - dens: 3\n");
    assertTrue(message.startsWith("r.yaml, line 4: a layer: expected one of dense, conv"), message);
    assertTrue(message.endsWith("got 'dens'; did you mean dense?"), message);
  }

  @Test
  void missingFilesAndModelsAreNamed() throws IOException {
    assertEquals(
        "--recipe no.yaml: no such file or directory",
        assertThrows(
                UsageException.class,
                () -> new RecipeOptions().set("recipe", "no.yaml").recipe(MODEL))
            .getMessage());
    assertTrue(
        assertThrows(UsageException.class, () -> file("seed: 1").recipe(null))
            .getMessage()
            .endsWith("has no 'model' and no 'network'; name a MODEL"));
  }
}

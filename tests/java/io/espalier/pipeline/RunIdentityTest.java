package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.pipeline.OptionExamples.Example;
import io.espalier.train.Identity;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunIdentityTest {
  /** Options that may differ between the parts of a run; samples are compared by themselves. */
  private static final Set<String> MAY_DIFFER =
      Set.of(
          "force",
          "no-verify",
          "no-strip",
          "no-compiled",
          "fold-batch-normalization",
          "quantize",
          "opset",
          "external-data",
          "quantize-exclude",
          "storage",
          "max-open-ratio",
          "max-weight-error",
          "drop-weight-inputs",
          "sizes",
          "dry-run",
          "output",
          "report",
          "data",
          "test",
          "validation",
          "threads",
          "input",
          "dim",
          "custom-ops",
          "checkpoint",
          "resume",
          "min-sparsity",
          "min-compression",
          "max-bytes",
          "max-output-diff",
          "max-accuracy-drop");

  private static Map<String, String> facts(RecipeOptions options) {
    return RunIdentity.of(options.recipe(Path.of("m.onnx")), "hash").facts();
  }

  private static RecipeOptions needs(Example example) {
    RecipeOptions options = new RecipeOptions().set("data", "a.npz").set("epochs", "2");
    for (int i = 0; i < example.needs().size(); i += 2) {
      options.set(example.needs().get(i), example.needs().get(i + 1));
    }
    return options;
  }

  static Stream<Example> examples() {
    return OptionExamples.all().stream();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyOptionDiffersByNameOrMayDiffer(Example example) {
    Map<String, String> without = facts(needs(example));
    RecipeOptions options = needs(example);
    Map<String, String> with =
        facts(
            example.isFlag()
                ? options.flag(example.option(), true)
                : options.set(example.option(), example.texts()));
    Set<String> differing = new HashSet<>();
    with.forEach(
        (name, text) -> {
          if (!text.equals(without.getOrDefault(name, Identity.NOT_GIVEN))) {
            differing.add(name);
          }
        });
    String own = "--" + example.option();
    if (own.equals("--granularity")) {
      differing.remove("--block-pooling");
    } else if (own.equals("--preprocessing")) {
      differing.removeAll(Set.of("--scale", "--mean", "--std"));
    } else if (own.equals("--codebook")) {
      differing.removeAll(Set.of("--codebook-init", "--codebook-per"));
    } else if (own.equals("--distill")) {
      differing.removeAll(Set.of("--distill-temperature", "--distill-mix"));
    }
    assertEquals(MAY_DIFFER.contains(example.option()) ? Set.of() : Set.of(own), differing);
  }

  @Test
  void factsAreCalledLikeOptions() {
    Set<String> known =
        examples().map(example -> "--" + example.option()).collect(Collectors.toSet());
    TreeSet<String> unknown = new TreeSet<>(facts(new RecipeOptions()).keySet());
    unknown.removeAll(known);
    unknown.removeAll(List.of("the bytes of the model", Identity.COMMAND, RunIdentity.COMPILED));
    assertTrue(unknown.isEmpty(), unknown.toString());
  }
}

package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.pipeline.OptionExamples.Example;
import io.espalier.prune.Granularity;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeOptionsTest {
  private static final Path MODEL = Path.of("m.onnx");

  private static RecipeOptions needs(Example example) {
    RecipeOptions options = new RecipeOptions();
    for (int i = 0; i < example.needs().size(); i += 2) {
      options.set(example.needs().get(i), example.needs().get(i + 1));
    }
    return options;
  }

  private static Recipe recipe(Example example) {
    RecipeOptions options = needs(example);
    return example.isFlag()
        ? options.flag(example.option(), true).recipe(MODEL)
        : options.set(example.option(), example.texts()).recipe(MODEL);
  }

  @Test
  void everyLeafOfARecipeHasAnOptionAndEveryOptionALeaf() {
    TreeSet<String> changed = new TreeSet<>(List.of("model", "network"));
    Map<String, Object> usual = OptionExamples.leaves(new RecipeOptions().recipe(MODEL));
    for (Example example : OptionExamples.all()) {
      Map<String, Object> leaves = new TreeMap<>(OptionExamples.leaves(recipe(example)));
      Map<String, Object> without = OptionExamples.leaves(needs(example).recipe(MODEL));
      leaves.entrySet().removeIf(leaf -> leaf.getValue().equals(without.get(leaf.getKey())));
      assertTrue(!leaves.isEmpty(), "--" + example.option() + " changes nothing");
      changed.addAll(leaves.keySet());
    }
    assertEquals(usual.keySet(), changed);
  }

  @Test
  void keepsTheOrderOfLayers() {
    Recipe recipe =
        new RecipeOptions().set("layer", List.of("z*=0.1", "a=50%", "n=w=0.3")).recipe(MODEL);
    assertEquals(
        List.of(Map.entry("z*", 0.1), Map.entry("a", 0.5), Map.entry("n=w", 0.3)),
        List.copyOf(recipe.pruning().orElseThrow().layers().entrySet()));
  }

  @Test
  void sparsityOfNofMFollows() {
    Recipe recipe = new RecipeOptions().set("granularity", "1:4").recipe(MODEL);
    assertEquals(new Granularity.NofM(1, 4), recipe.pruning().orElseThrow().granularity());
    assertEquals(0.75, recipe.pruning().orElseThrow().sparsity());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scope|both|--scope: expected layer, global, got 'both'",
        "criterion|l3|--criterion: expected l1, l2, random, got 'l3'",
        "granularity|4x|--granularity: expected element, blocks such as 4x1, or N:M such as 2:4, got"
            + " '4x'",
        "granularity|0x4|--granularity: expected blocks of at least 1x1, got 0x4",
        "granularity|5:4|--granularity: expected N:M with 1 <= N < M <= 64, N elements kept of M, got"
            + " 5:4",
        "block-pooling|max|--block-pooling: only blocks, --granularity RxC, are pooled",
        "layer|0.5|--layer: expected NAME=VALUE, got '0.5'",
        "threads|100000|--threads: expected 1 to 1024, got 100000",
        "min-compression|-3|--min-compression: expected a factor above 0, such as 3 or 3x, got '-3'",
        "layer|a=x|--layer a: expected a share from 0 to 1, such as 0.7 or 70%, got 'x'",
        "layer|a=2|--layer a: expected a share from 0 to 1, such as 0.7 or 70%, got '2'",
        "min-size|1.5|--min-size: expected a whole number, got '1.5'",
        "mean|1,,2|--mean: expected a number, got ''",
        "scale|1e999|--scale: expected a number, got '1e999'",
        "threads|99999999999|--threads: expected a whole number, got '99999999999'",
        "threads|0|--threads: expected 1 to 1024, got 0",
        "dim|n=0|--dim n: expected 1 or more, got 0",
        "scale|0.5|--scale, --mean, --std, --layout: say what is done to samples; there is no --data",
        "layout|chw|--layout: expected nchw or nhwc, got chw",
        "device|tpu|--device: expected cpu or cuda, got tpu",
        "max-bytes|500|--max-bytes: expected a size such as 500KiB, 2MB or 1000B, got '500'",
        "max-accuracy-drop|0.5|--max-accuracy-drop: expected percentage points such as 0.5pp, got"
            + " '0.5'",
        "report|r.txt|--report r.txt: expected a name in .json or .md",
      })
  void wrongTextsAreNamed(String option, String text, String message) {
    RecipeOptions options = new RecipeOptions().set(option, text);
    assertEquals(
        message, assertThrows(UsageException.class, () -> options.recipe(MODEL)).getMessage());
  }

  @Test
  void contradictionsAreNamed() {
    RecipeOptions both = new RecipeOptions().set("granularity", "2:4").set("sparsity", "0.5");
    assertEquals(
        "--sparsity: --granularity 2:4 fixes it; leave one of the two out",
        assertThrows(UsageException.class, () -> both.recipe(MODEL)).getMessage());
    RecipeOptions twice = new RecipeOptions().set("dim", List.of("n=1", "n=2"));
    assertEquals(
        "--dim n: given more than once",
        assertThrows(UsageException.class, () -> twice.recipe(MODEL)).getMessage());
    RecipeOptions one = new RecipeOptions().set("seed", List.of("1", "2"));
    assertEquals(
        "--seed: expected one value, got [1, 2]",
        assertThrows(UsageException.class, () -> one.recipe(MODEL)).getMessage());
  }

  @Test
  void aWayThatDoesNotLeadToTheSparsityIsAnError() {
    RecipeOptions beyond = training().set("initial-sparsity", "0.9").set("sparsity", "0.5");
    assertEquals(
        "--initial-sparsity: expected at most the final --sparsity 0.5, got 0.9",
        assertThrows(UsageException.class, () -> beyond.recipe(MODEL)).getMessage());
    RecipeOptions pattern = training().set("initial-sparsity", "0.1").set("granularity", "2:4");
    assertEquals(
        "--initial-sparsity: --granularity 2:4 is whole from the first update on",
        assertThrows(UsageException.class, () -> pattern.recipe(MODEL)).getMessage());
  }

  private static RecipeOptions training() {
    return new RecipeOptions().set("epochs", "1").set("data", "d.npz");
  }

  @Test
  void optionOfNoRecipeIsAMistakeOfTheFrontEnd() {
    RecipeOptions options = new RecipeOptions().set("sparseness", "1");
    assertThrows(IllegalStateException.class, () -> options.recipe(MODEL));
  }
}

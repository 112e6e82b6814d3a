package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.pipeline.OptionExamples;
import io.espalier.pipeline.OptionExamples.Example;
import io.espalier.pipeline.Recipe;
import io.espalier.pipeline.RecipeOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class PruneOptionsTest {
  private static Recipe parsed(List<String> arguments) {
    PruneCommand command = new PruneCommand(null);
    CommandLine reader = new CommandLine(command.form().toRead());
    return PruneCommand.options(reader.parseArgs(arguments.toArray(new String[0])))
        .recipe(Path.of("m.onnx"));
  }

  static Stream<Example> examples() {
    return OptionExamples.all().stream();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void flagsBecomeTheRecipe(Example example) {
    List<String> arguments = new ArrayList<>(List.of("m.onnx"));
    RecipeOptions expected = new RecipeOptions();
    for (int i = 0; i < example.needs().size(); i += 2) {
      String text = example.needs().get(i + 1);
      arguments.add("--" + example.needs().get(i) + (text.isEmpty() ? "" : "=" + text));
      expected.set(example.needs().get(i), text);
    }
    if (example.isFlag()) {
      arguments.add("--" + example.option());
      expected.flag(example.option(), true);
    } else {
      for (String text : example.texts()) {
        arguments.addAll(List.of("--" + example.option(), text));
      }
      expected.set(example.option(), example.texts());
    }
    assertEquals(expected.recipe(Path.of("m.onnx")), parsed(arguments));
  }

  @Test
  void optionsAreThoseOfARecipe() {
    TreeSet<String> offered = new TreeSet<>();
    PruneOptions.sections()
        .forEach(section -> section.options().forEach(option -> offered.add(option.longestName())));
    TreeSet<String> known =
        new TreeSet<>(List.of("--quiet", "--recipe", "--stacktrace", "--help", "--version"));
    examples().forEach(example -> known.add("--" + example.option()));
    assertEquals(known, offered);
  }

  @Test
  void everyOptionIsDescribed() {
    PruneOptions.sections()
        .forEach(
            section ->
                section.options().forEach(o -> assertTrue(o.description()[0].endsWith("."))));
  }
}

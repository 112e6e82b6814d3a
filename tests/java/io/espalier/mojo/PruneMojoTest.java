package io.espalier.mojo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.pipeline.OptionExamples;
import io.espalier.pipeline.OptionExamples.Example;
import io.espalier.pipeline.RecipeOptions;
import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PruneMojoTest {
  private static final Set<String> OF_THE_GOAL =
      Set.of(
          "model",
          "recipe",
          "skip",
          "baseDirectory",
          "projectFile",
          "classesDirectory",
          "resources");

  static Stream<Example> examples() {
    return OptionExamples.all().stream();
  }

  private static String parameter(String option) {
    return Pattern.compile("-([a-z])")
        .matcher(option)
        .replaceAll(match -> match.group(1).toUpperCase());
  }

  private static void set(PruneMojo mojo, String option, List<String> texts)
      throws ReflectiveOperationException {
    Field field = field(parameter(option));
    field.setAccessible(true);
    if (field.getType() == boolean.class) {
      field.set(mojo, true);
    } else {
      field.set(mojo, field.getType() == List.class ? texts : texts.get(0));
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void parametersBecomeTheRecipe(Example example) throws ReflectiveOperationException {
    PruneMojo mojo = new PruneMojo();
    RecipeOptions expected = new RecipeOptions();
    Field model = PruneMojo.class.getDeclaredField("model");
    model.setAccessible(true);
    model.set(mojo, new File("m.onnx"));
    for (int i = 0; i < example.needs().size(); i += 2) {
      set(mojo, example.needs().get(i), List.of(example.needs().get(i + 1)));
      expected.set(example.needs().get(i), example.needs().get(i + 1));
    }
    set(mojo, example.option(), example.texts());
    if (example.isFlag()) {
      expected.flag(example.option(), true);
    } else {
      expected.set(example.option(), example.texts());
    }
    assertEquals(expected.recipe(Path.of("m.onnx")), mojo.recipe());
  }

  private static Field field(String parameter) throws ReflectiveOperationException {
    try {
      return PruneMojo.class.getDeclaredField(parameter);
    } catch (NoSuchFieldException e) {
      return TrainingMojo.class.getDeclaredField(parameter);
    }
  }

  @Test
  void parametersAreThoseOfARecipe() {
    TreeSet<String> offered = new TreeSet<>();
    for (Class<?> goal : List.of(PruneMojo.class, TrainingMojo.class)) {
      for (Field field : goal.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          offered.add(field.getName());
        }
      }
    }
    TreeSet<String> known = new TreeSet<>(OF_THE_GOAL);
    examples().forEach(example -> known.add(parameter(example.option())));
    assertEquals(known, offered);
  }
}

package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the author of a Keras model trained it, as far as the metadata of the imported graph say so:
 * read from an import as from an ONNX file that was made of one earlier.
 *
 * @param writer the Keras that wrote the file
 * @param compiled what the model was compiled with; absent if it was not
 * @param penalties by the name of the weight
 * @param constraints by the name of the weight
 * @param frozen the names of all constants of layers that are not trainable
 * @param refusals what the layers say and a training here does not do
 */
public record KerasTraining(
    String writer,
    Optional<Compiled> compiled,
    Map<String, Penalty> penalties,
    Map<String, Constraint> constraints,
    Set<String> frozen,
    List<Refusal> refusals) {

  /** λ₁Σ|w| + λ₂Σw² in the loss, and the setting that says so. */
  public record Penalty(String setting, double l1, double l2) {}

  /**
   * What holds for a weight after every update.
   *
   * @param className as Keras has it: {@code NonNeg}, {@code MaxNorm}, …
   * @param numbers its settings
   */
  public record Constraint(String className, Map<String, Double> numbers) {}

  /**
   * What {@code compile} was called with.
   *
   * @param optimizer in lower case, as in {@code adam}; "" where the file does not say
   * @param settings numbers by their names in Keras 3; flags that are set are 1
   * @param schedule how the learning rate moves, if it does
   * @param losses one for all outputs, or one for each
   */
  public record Compiled(
      String optimizer,
      Map<String, Double> settings,
      Optional<Schedule> schedule,
      List<Loss> losses,
      List<String> metrics) {}

  /**
   * A schedule of the learning rate.
   *
   * @param className as Keras has it
   * @param lists settings that are lists of numbers
   */
  public record Schedule(
      String className, Map<String, Double> settings, Map<String, List<Double>> lists) {}

  /** A loss in snake case with its settings; flags that are set are 1. */
  public record Loss(String name, Map<String, Double> settings, Optional<String> reduction) {}

  public KerasTraining {
    penalties = Map.copyOf(penalties);
    constraints = Map.copyOf(constraints);
    frozen = Set.copyOf(frozen);
    refusals = List.copyOf(refusals);
  }

  /** What a model says; absent if it does not come from Keras. */
  public static Optional<KerasTraining> of(Model model) {
    Optional<String> writer = Optional.ofNullable(model.metadata().get(Metadata.SOURCE));
    return writer.map(source -> read(source, model));
  }

  private static KerasTraining read(String writer, Model model) {
    List<Refusal> refusals = new ArrayList<>();
    LayerTraining layers = new LayerTraining(model);
    try {
      Metadata.layers(model).forEach(layers::read);
    } catch (MalformedModelException e) {
      refusals.add(new Refusal(Metadata.LAYERS, "is not known: " + e.getMessage()));
    }
    Optional<Compiled> compiled = Optional.empty();
    try {
      compiled = Metadata.training(model).map(KerasTraining::compiled);
    } catch (MalformedModelException e) {
      refusals.add(new Refusal(Metadata.TRAINING, "is not known: " + e.getMessage()));
    }
    refusals.addAll(layers.refusals());
    return new KerasTraining(
        writer, compiled, layers.penalties(), layers.constraints(), layers.frozen(), refusals);
  }

  private static Compiled compiled(Json said) {
    return new Compiled(
        said.text("optimizer", ""),
        numbers(said.find("settings").orElse(Json.object())),
        said.find("schedule").map(KerasTraining::schedule),
        said.find("losses").map(Json::items).orElse(List.of()).stream()
            .map(KerasTraining::loss)
            .toList(),
        said.find("metrics").map(Json::items).orElse(List.of()).stream()
            .map(TrainingConfig::name)
            .toList());
  }

  private static Schedule schedule(Json said) {
    Map<String, List<Double>> lists = new LinkedHashMap<>();
    said.entries()
        .forEach(
            (key, value) -> {
              if (value.isList()) {
                lists.put(key, value.items().stream().map(Json::number).toList());
              }
            });
    return new Schedule(said.text("class_name", ""), numbers(said), lists);
  }

  private static Loss loss(Json said) {
    return new Loss(
        TrainingConfig.name(said),
        numbers(said.isObject() ? said : Json.object()),
        said.find("reduction").map(Json::text));
  }

  /** Numbers by name, and 1 for flags that are set. */
  static Map<String, Double> numbers(Json said) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    said.entries()
        .forEach(
            (key, value) -> {
              if (value.isNumber()) {
                numbers.put(key, value.number());
              } else if (value.isFlag() && value.flag()) {
                numbers.put(key, 1.0);
              }
            });
    return numbers;
  }
}

package io.espalier.pipeline;

import io.espalier.pass.LossOptions;
import io.espalier.prune.Granularity;
import io.espalier.prune.WeightSharing;
import io.espalier.train.Clipping;
import io.espalier.train.Identity;
import io.espalier.train.Particulars;
import io.espalier.train.Sparsening;
import io.espalier.train.TrainingSettings;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a recipe must have in common with another for one training run to go on where the other
 * stopped: all that changes the trained numbers, by option. Where the files lie, what is done after
 * training and how many threads there are may differ.
 */
final class RunIdentity {
  /** Options whose names do not follow from the component that holds them. */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("layers", "layer"),
          Map.entry("depthwise", "prune-depthwise"),
          Map.entry("embeddings", "prune-embeddings"),
          Map.entry("rate", "lr"),
          Map.entry("rateSchedule", "lr-schedule"),
          Map.entry("distillation", "distill"),
          Map.entry("sharing", "codebook"),
          Map.entry("bgr", "preprocessing"),
          Map.entry("coupledDecay", "weight-decay"),
          Map.entry("split", "validation-split"),
          Map.entry("stopping", "early-stopping"),
          Map.entry("form", "schedule"),
          Map.entry("initial", "initial-sparsity"),
          Map.entry("begin", "begin-step"),
          Map.entry("end", "end-step"),
          Map.entry("fit", "fit-schedule"));

  /** Of sections of which only some components count. */
  private static final Set<String> OF_DATA = Set.of("scale", "mean", "std", "layout", "bgr");

  private static final Set<String> OF_EXECUTION = Set.of("device", "seed");

  /** What single weights are given by the model itself. */
  static final String COMPILED = "what the layers of the model say of their training";

  private RunIdentity() {}

  /** The identity of a run of this recipe on the model of that hash. */
  static Identity of(Recipe recipe, String modelHash) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(Identity.COMMAND, recipe.pruning().isPresent() ? "prune" : "prune train");
    add(facts, recipe.training().settings(), null);
    recipe.pruning().ifPresent(pruning -> add(facts, pruning, null));
    add(facts, recipe.data(), OF_DATA);
    add(facts, recipe.execution(), OF_EXECUTION);
    facts.put("--architecture", text(recipe.architecture().orElse(null)));
    facts.put("--input-layout", text(recipe.inputLayout().orElse(null)));
    facts.put("the bytes of the model", modelHash);
    return new Identity(facts);
  }

  /** The settings that are not the usual ones, as options: {@code --epochs 3 --lr 0.01}. */
  static String summary(TrainingSettings settings) {
    Map<String, String> facts = new LinkedHashMap<>();
    add(facts, settings, null);
    Map<String, String> usual = new LinkedHashMap<>();
    add(usual, TrainingSettings.of(0), null);
    facts.keySet().removeIf(option -> facts.get(option).equals(usual.get(option)));
    facts.remove(COMPILED);
    return facts.entrySet().stream()
        .map(fact -> " " + fact.getKey() + " " + fact.getValue())
        .collect(Collectors.joining());
  }

  private static void add(Map<String, String> facts, Record section, Set<String> counting) {
    for (RecordComponent component : section.getClass().getRecordComponents()) {
      String name = component.getName();
      if (counting != null && !counting.contains(name)) {
        continue;
      }
      add(facts, "--" + OPTIONS.getOrDefault(name, dashed(name)), value(section, component));
    }
  }

  private static void add(Map<String, String> facts, String option, Object value) {
    Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (given instanceof Sparsening sparsening) {
      add(facts, sparsening, null);
    } else if (given instanceof LossOptions.Distillation distillation) {
      facts.put("--distill", "given");
      facts.put("--distill-temperature", text(distillation.temperature()));
      facts.put("--distill-mix", text(distillation.mix()));
    } else if (given instanceof WeightSharing sharing) {
      facts.put("--codebook", text(sharing.entries()));
      facts.put("--codebook-per", sharing.per().name().toLowerCase(Locale.ROOT));
      facts.put("--codebook-init", sharing.start().name().toLowerCase(Locale.ROOT));
      sharing.epochs().ifPresent(epochs -> facts.put("--codebook-epochs", text(epochs)));
    } else if (given instanceof Particulars particulars) {
      facts.put(COMPILED, particulars.toString());
    } else if (given instanceof Clipping clipping) {
      add(facts, clipping);
    } else {
      facts.put(option, text(given));
    }
    if (given instanceof Granularity.Block block) {
      facts.put("--block-pooling", text(block.pooling()));
    }
  }

  private static void add(Map<String, String> facts, Clipping clipping) {
    if (clipping instanceof Clipping.Value value) {
      facts.put("--clip-value", text(value.max()));
    } else if (clipping instanceof Clipping.GlobalNorm norm) {
      facts.put("--clip-norm", text(norm.max()));
    } else if (clipping != Clipping.NONE) {
      facts.put("--clip-norm", clipping.toString());
    }
  }

  private static Object value(Record section, RecordComponent component) {
    try {
      return component.getAccessor().invoke(section);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component.toString(), e);
    }
  }

  private static String dashed(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static String text(Object value) {
    Object plain = value;
    if (value instanceof OptionalDouble optional) {
      plain = optional.isPresent() ? optional.getAsDouble() : null;
    } else if (value instanceof OptionalLong optional) {
      plain = optional.isPresent() ? optional.getAsLong() : null;
    }
    return plain == null ? Identity.NOT_GIVEN : plain.toString();
  }
}

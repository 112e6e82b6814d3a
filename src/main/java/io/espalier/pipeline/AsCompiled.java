package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.keras.KerasTraining;
import io.espalier.keras.KerasTraining.Compiled;
import io.espalier.train.ElasticNet;
import io.espalier.train.Particulars;
import io.espalier.train.TrainingSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The settings of a training run in which what a Keras model was compiled with stands in for the
 * defaults: nothing of it comes before what the user chose.
 */
final class AsCompiled {
  private final Set<CompiledSetting> open;
  private final KerasTraining keras;
  private final Model model;
  private final String origin;
  private final List<String> lines = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private TrainingSettings settings;

  private AsCompiled(Recipe.Training training, KerasTraining keras, Model model, String name) {
    this.open = training.asCompiled();
    this.keras = keras;
    this.model = model;
    this.origin = " as compiled in " + name;
    this.settings = training.settings();
  }

  /**
   * The settings of a run on {@code model}; absent if nothing is to be taken from it.
   *
   * @param name of the model, for people
   */
  static Optional<AsCompiled> of(Recipe.Training training, Model model, String name) {
    if (!training.isOn() || training.asCompiled().isEmpty()) {
      return Optional.empty();
    }
    Optional<AsCompiled> found =
        KerasTraining.of(model).map(keras -> new AsCompiled(training, keras, model, name));
    found.ifPresent(AsCompiled::complete);
    return found;
  }

  TrainingSettings settings() {
    return settings;
  }

  /** What was taken from the model, and what gave way, a line for each. */
  List<String> lines() {
    return lines;
  }

  /** What the model says and is not done. */
  List<Refusal> refusals() {
    return refusals;
  }

  private void complete() {
    refusals.addAll(keras.refusals());
    keras.compiled().ifPresent(this::compiled);
    Map<String, ElasticNet> penalties = penalties();
    Set<String> nonNegative = nonNegative();
    Set<String> frozen = frozen();
    settings =
        settings.toBuilder().particulars(new Particulars(penalties, nonNegative, frozen)).build();
  }

  private void compiled(Compiled compiled) {
    if (open.contains(CompiledSetting.OPTIMIZER) && !compiled.optimizer().isEmpty()) {
      try {
        CompiledOptimizer.of(compiled)
            .ifPresentOrElse(this::optimizer, () -> missing(compiled.optimizer()));
      } catch (IllegalArgumentException e) {
        refuse("its optimizer is not taken over: " + e.getMessage());
      }
    }
    if (open.contains(CompiledSetting.LOSS)) {
      loss(CompiledLoss.of(compiled.losses(), model));
    }
  }

  private void missing(String optimizer) {
    refuse(
        "the optimizer %s is not among those here; %s at its own rate stands in"
            .formatted(optimizer, "adam"));
  }

  private void optimizer(CompiledOptimizer said) {
    OptionalDouble rate = open.contains(CompiledSetting.RATE) ? said.rate() : settings.rate();
    boolean decays = !open.contains(CompiledSetting.DECAY) && said.optimizer().weightDecay() != 0;
    TrainingSettings.Builder taken =
        settings.toBuilder()
            .optimizer(
                decays
                    ? CompiledOptimizer.decaying(said.optimizer(), settings.coupledDecay())
                    : said.optimizer())
            .rate(rate)
            .coupledDecay(decays ? 0 : settings.coupledDecay());
    StringBuilder line = new StringBuilder("optimizer " + said.text());
    said.rate()
        .ifPresent(
            own -> {
              if (open.contains(CompiledSetting.RATE)) {
                line.append(" at a rate of ").append(own);
              }
            });
    if (open.contains(CompiledSetting.SCHEDULE) && said.schedule().isPresent()) {
      taken.rateSchedule(said.schedule().get());
      line.append(", ").append(said.schedule().get());
    }
    if (open.contains(CompiledSetting.CLIPPING)) {
      taken.clipping(said.clipping());
    }
    settings = taken.build();
    double decay = settings.optimizer().weightDecay();
    line.append(decay > 0 ? ", weight decay " + decay : "");
    lines.add(line + origin);
    said.missing().forEach(what -> refuse(what + " is not done"));
  }

  private void loss(CompiledLoss said) {
    said.missing().forEach(this::refuse);
    if (said.kind().isPresent()) {
      boolean smooths = open.contains(CompiledSetting.SMOOTHING) && said.smoothing() > 0;
      settings =
          settings.toBuilder()
              .loss(said.kind())
              .labelSmoothing(smooths ? said.smoothing() : settings.labelSmoothing())
              .build();
      String smoothing = smooths ? ", label smoothing " + said.smoothing() : "";
      lines.add("loss " + said.name() + smoothing + origin);
    }
  }

  private Map<String, ElasticNet> penalties() {
    Map<String, ElasticNet> penalties = new TreeMap<>();
    if (keras.penalties().isEmpty()) {
      return penalties;
    }
    if (!open.contains(CompiledSetting.PENALTIES)) {
      lines.add("the layers' own penalties give way to --l1 and --l2");
      return penalties;
    }
    Map<String, Integer> counts = new TreeMap<>();
    boolean[] beyond = new boolean[1];
    keras
        .penalties()
        .forEach(
            (weight, said) -> {
              penalties.put(weight, new ElasticNet(said.l1(), said.l2()));
              counts.merge(said.setting(), 1, Integer::sum);
              beyond[0] |= !said.setting().contains("kernel_") && !said.setting().contains("embed");
            });
    counts.forEach(
        (setting, count) ->
            lines.add(
                "%s on %s%s"
                    .formatted(setting, count == 1 ? "1 weight" : count + " weights", origin)));
    if (beyond[0]) {
      lines.add("biases and normalization parameters are regularized where their layers say so");
    }
    return penalties;
  }

  private Set<String> nonNegative() {
    Set<String> nonNegative = new TreeSet<>();
    Map<String, String> others = new LinkedHashMap<>();
    if (open.contains(CompiledSetting.CONSTRAINTS)) {
      new TreeMap<>(keras.constraints())
          .forEach(
              (weight, said) -> {
                if (said.className().replace("_", "").equalsIgnoreCase("nonneg")) {
                  nonNegative.add(weight);
                } else {
                  others.put(weight, said.className());
                }
              });
    }
    others.forEach(
        (weight, name) ->
            refusals.add(new Refusal(weight, "the constraint " + name + " is not applied")));
    if (!nonNegative.isEmpty()) {
      lines.add("%d weights stay 0 or above%s".formatted(nonNegative.size(), origin));
    }
    return nonNegative;
  }

  private Set<String> frozen() {
    if (!open.contains(CompiledSetting.FROZEN) || keras.frozen().isEmpty()) {
      return Set.of();
    }
    boolean all =
        model.graph().initializers().stream()
            .filter(value -> value.initializer().orElseThrow().dataType().isFloat())
            .filter(value -> value.initializer().orElseThrow().shape().rank() > 0)
            .allMatch(value -> keras.frozen().contains(value.name()));
    if (all) {
      lines.add("all layers are frozen in the file: they train all the same");
      return Set.of();
    }
    lines.add(
        "%d weights and statistics are frozen%s: --no-compiled trains and prunes them too"
            .formatted(keras.frozen().size(), origin));
    return keras.frozen();
  }

  private void refuse(String reason) {
    refusals.add(new Refusal("compiled" + origin.replaceFirst(" as compiled", ""), reason));
  }
}

package io.espalier.pipeline;

import io.espalier.keras.KerasTraining.Compiled;
import io.espalier.keras.KerasTraining.Schedule;
import io.espalier.train.Adam;
import io.espalier.train.Clipping;
import io.espalier.train.Dialect;
import io.espalier.train.LearningRate;
import io.espalier.train.Optimizer;
import io.espalier.train.RmsProp;
import io.espalier.train.Sgd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/**
 * The optimizer that a Keras model was compiled with, in Keras' formulas.
 *
 * @param rate absent where the file does not say
 * @param schedule how the rate moves, in the text form of {@link LearningRate#help}; absent: not
 * @param missing what of it is not done here
 */
record CompiledOptimizer(
    Optimizer optimizer,
    String text,
    OptionalDouble rate,
    Optional<String> schedule,
    Clipping clipping,
    List<String> missing) {
  private static final List<String> NOT_DONE =
      List.of("amsgrad", "use_ema", "gradient_accumulation_steps");

  /**
   * The optimizer of a configuration; absent if there is none such here.
   *
   * @throws IllegalArgumentException if a setting is wrong
   */
  static Optional<CompiledOptimizer> of(Compiled compiled) {
    Map<String, Double> settings = compiled.settings();
    Optional<String> text = text(compiled.optimizer(), settings);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optimizer plain = Optimizer.named(text.get(), Dialect.KERAS);
    double decay = settings.getOrDefault("weight_decay", plain.weightDecay());
    List<String> missing = new ArrayList<>();
    for (String name : NOT_DONE) {
      if (settings.getOrDefault(name, 0.0) > 0) {
        missing.add(name);
      }
    }
    OptionalDouble rate = positive(settings.get("learning_rate"));
    Optional<String> schedule = Optional.empty();
    if (compiled.schedule().isPresent()) {
      Schedule said = compiled.schedule().get();
      schedule = schedule(said);
      rate = positive(firstRate(said));
      schedule.ifPresent(LearningRate::requireReadable);
      if (schedule.isEmpty()) {
        missing.add("the schedule " + said.className() + " of the rate");
      }
    } else if (settings.getOrDefault("decay", 0.0) > 0) {
      schedule = Optional.of("inverse:gamma=" + settings.get("decay") + ",by=step");
    }
    return Optional.of(
        new CompiledOptimizer(
            decaying(plain, decay), text.get(), rate, schedule, clipping(settings), missing));
  }

  private static Optional<String> text(String name, Map<String, Double> settings) {
    StringJoiner text = new StringJoiner(",");
    double momentum = settings.getOrDefault("momentum", 0.0);
    switch (name) {
      case "sgd" -> add(text, settings, "momentum", "momentum");
      case "rmsprop" -> {
        add(text, settings, "rho", "rho");
        add(text, settings, "epsilon", "epsilon");
        add(text, settings, "momentum", "momentum");
        if (settings.getOrDefault("centered", 0.0) > 0) {
          text.add("centered=yes");
        }
      }
      case "adam", "adamw" -> {
        add(text, settings, "beta_1", "beta1");
        add(text, settings, "beta_2", "beta2");
        add(text, settings, "epsilon", "epsilon");
      }
      default -> {
        return Optional.empty();
      }
    }
    boolean looksAhead =
        name.equals("sgd") && momentum > 0 && settings.getOrDefault("nesterov", 0.0) > 0;
    String known = looksAhead ? "nesterov" : name;
    return Optional.of(text.length() == 0 ? known : known + ":" + text);
  }

  private static void add(
      StringJoiner text, Map<String, Double> settings, String keras, String ours) {
    if (settings.containsKey(keras)) {
      text.add(ours + "=" + settings.get(keras));
    }
  }

  private static OptionalDouble positive(Double number) {
    return number != null && number > 0 && Double.isFinite(number)
        ? OptionalDouble.of(number)
        : OptionalDouble.empty();
  }

  /** The same with another decoupled weight decay. */
  static Optimizer decaying(Optimizer optimizer, double decay) {
    if (optimizer instanceof Adam adam) {
      return adam.withWeightDecay(decay);
    }
    if (optimizer instanceof Sgd sgd) {
      return new Sgd(sgd.dialect(), sgd.momentum(), sgd.nesterov(), decay);
    }
    RmsProp rms = (RmsProp) optimizer;
    return new RmsProp(
        rms.dialect(), rms.rho(), rms.epsilon(), rms.momentum(), rms.centered(), decay);
  }

  private static Clipping clipping(Map<String, Double> settings) {
    if (settings.containsKey("clipnorm")) {
      return new Clipping.Norm(settings.get("clipnorm"));
    }
    if (settings.containsKey("global_clipnorm")) {
      return new Clipping.GlobalNorm(settings.get("global_clipnorm"), Dialect.KERAS);
    }
    return settings.containsKey("clipvalue")
        ? new Clipping.Value(settings.get("clipvalue"))
        : Clipping.NONE;
  }

  private static Double firstRate(Schedule said) {
    List<Double> values = said.lists().getOrDefault("values", List.of());
    return values.isEmpty() ? said.settings().get("initial_learning_rate") : values.get(0);
  }

  /** {@code keras.optimizers.schedules} as far as there is the same one here. */
  private static Optional<String> schedule(Schedule said) {
    Map<String, Double> with = said.settings();
    long steps = Math.round(with.getOrDefault("decay_steps", 1.0));
    double decay = with.getOrDefault("decay_rate", 1.0);
    boolean staircase = with.containsKey("staircase");
    return switch (said.className()) {
      case "ExponentialDecay" ->
          Optional.of(
              staircase
                  ? "step:every=%d,rate=%s,by=step".formatted(steps, decay)
                  : "exponential:gamma=%s,by=step".formatted(Math.pow(decay, 1.0 / steps)));
      case "InverseTimeDecay" ->
          staircase
              ? Optional.empty()
              : Optional.of("inverse:gamma=%s,by=step".formatted(decay / steps));
      case "PolynomialDecay" ->
          with.containsKey("cycle")
              ? Optional.empty()
              : Optional.of(
                  "polynomial:end=%s,power=%s,length=%d"
                      .formatted(
                          with.getOrDefault("end_learning_rate", 1e-4),
                          with.getOrDefault("power", 1.0),
                          steps));
      case "CosineDecay" ->
          with.getOrDefault("warmup_steps", 0.0) > 0
              ? Optional.empty()
              : Optional.of(
                  "cosine:min=%s,length=%d"
                      .formatted(
                          with.getOrDefault("alpha", 0.0)
                              * with.getOrDefault("initial_learning_rate", 0.0),
                          steps));
      case "PiecewiseConstantDecay", "PiecewiseConstant" -> pieces(said);
      default -> Optional.empty();
    };
  }

  /** Keras counts steps from 0, and keeps the rate of a piece at its boundary. */
  private static Optional<String> pieces(Schedule said) {
    List<Double> from = said.lists().getOrDefault("boundaries", List.of());
    List<Double> rates = said.lists().getOrDefault("values", List.of());
    if (rates.size() != from.size() + 1) {
      return Optional.empty();
    }
    StringJoiner text = new StringJoiner(",", "map:", ",by=step");
    text.add("0=" + rates.get(0));
    for (int i = 0; i < from.size(); i++) {
      text.add(Math.round(from.get(i)) + 1 + "=" + rates.get(i + 1));
    }
    return Optional.of(text.toString());
  }
}

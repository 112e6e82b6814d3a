package io.espalier.train;

import java.util.Set;

/** Reads optimizers: {@code NAME[:KEY=VALUE,...]}, what is not said as the dialect has it. */
final class OptimizerText {
  private static final double USUAL_MOMENTUM = 0.9;

  private final NamedSettings settings;
  private final Dialect dialect;

  private OptimizerText(NamedSettings settings, Dialect dialect) {
    this.settings = settings;
    this.dialect = dialect;
  }

  static Optimizer read(String text, Dialect dialect) {
    NamedSettings settings = new NamedSettings(text);
    Optimizer optimizer = new OptimizerText(settings, dialect).optimizer();
    settings.finish();
    return optimizer;
  }

  private Optimizer optimizer() {
    return switch (settings.name()) {
      case "sgd" -> sgd(0, false);
      case "momentum" -> sgd(USUAL_MOMENTUM, false);
      case "nesterov" -> sgd(USUAL_MOMENTUM, true);
      case "rmsprop" -> rmsProp(RmsProp.defaults(dialect));
      case "adam" -> adam(Adam.defaults(dialect));
      case "adamw" -> adam(Adam.decoupled(dialect));
      default ->
          throw new IllegalArgumentException(
              "expected sgd, momentum, nesterov, rmsprop, adam or adamw, got '"
                  + settings.name()
                  + "'");
    };
  }

  private Optimizer sgd(double usual, boolean nesterov) {
    double momentum = settings.belowOne("momentum", usual);
    return momentum == 0 && !nesterov
        ? Sgd.plain(dialect)
        : Sgd.plain(dialect).withMomentum(momentum, nesterov);
  }

  private Optimizer rmsProp(RmsProp usual) {
    return new RmsProp(
        dialect,
        settings.belowOne("rho", usual.rho()),
        settings.positive("epsilon", usual.epsilon()),
        settings.belowOne("momentum", usual.momentum()),
        settings.choice("centered", "no", Set.of("yes", "no")).equals("yes"),
        usual.weightDecay());
  }

  private Optimizer adam(Adam usual) {
    return new Adam(
        dialect,
        settings.belowOne("beta1", usual.beta1()),
        settings.belowOne("beta2", usual.beta2()),
        settings.positive("epsilon", usual.epsilon()),
        usual.weightDecay());
  }
}

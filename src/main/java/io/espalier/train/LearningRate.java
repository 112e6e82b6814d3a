package io.espalier.train;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * The learning rate of every step of a run. It depends on step and epoch alone, so a resumed run
 * needs nothing but the text it was made of.
 */
public final class LearningRate {
  private static final String NAMES =
      "fixed, step, exponential, inverse, map, polynomial, cosine, triangular, triangular2,"
          + " exp_range, onecycle";

  private static final RunLength LONGEST = new RunLength(Integer.MAX_VALUE, 1);

  private final String text;
  private final ISchedule schedule;

  private LearningRate(String text, ISchedule schedule) {
    this.text = text;
    this.schedule = schedule;
  }

  /** Any of DL4J's schedules, or one of the caller's own. */
  public static LearningRate of(ISchedule schedule) {
    return new LearningRate(schedule.toString(), schedule);
  }

  /**
   * The schedule that {@code text} describes; {@link #help} says how.
   *
   * @param rate the rate to start from
   * @throws IllegalArgumentException if the text is not understood
   */
  public static LearningRate parse(String text, double rate, RunLength run) {
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("learning rate: expected more than 0, got " + rate);
    }
    NamedSettings settings = new NamedSettings(text);
    boolean onTheWhole = !Set.of("step", "exponential", "inverse", "map").contains(settings.name());
    String unit = settings.choice("by", onTheWhole ? "step" : "epoch", Set.of("step", "epoch"));
    ScheduleType by = unit.equals("epoch") ? ScheduleType.EPOCH : ScheduleType.ITERATION;
    int perUnit = by == ScheduleType.EPOCH ? run.stepsPerEpoch() : 1;
    int warmup = settings.count("warmup", 0);
    double warmFrom = settings.atLeastZero("warmup-from", 0);
    int rest = (by == ScheduleType.EPOCH ? run.epochs() : run.steps() - warmup);
    if (Math.multiplyFull(warmup, perUnit) >= run.steps()) {
      throw settings.wrong(
          "warmup",
          "less than the run's %d steps".formatted(run.steps()),
          warmup + " " + unit + "s");
    }
    ISchedule schedule = named(settings, rate, by, Math.max(1, rest));
    settings.finish();
    if (warmup > 0) {
      boolean prefix = by == ScheduleType.ITERATION;
      schedule = new WarmupSchedule(schedule, warmup * perUnit, warmFrom, prefix);
    }
    return new LearningRate(text, schedule);
  }

  /**
   * Checks what can be told of {@code text} before the length of the run is known.
   *
   * @throws IllegalArgumentException if no run could have it
   */
  public static void requireReadable(String text) {
    parse(text, 1, LONGEST);
  }

  private static ISchedule named(NamedSettings with, double rate, ScheduleType by, int rest) {
    return switch (with.name()) {
      case "fixed" -> new FixedSchedule(rate);
      case "step" ->
          new StepSchedule(by, rate, with.positive("rate", 0.1), with.requiredCount("every"));
      case "exponential" -> {
        with.required("gamma");
        yield new ExponentialSchedule(by, rate, with.positive("gamma", 1));
      }
      case "inverse" -> {
        with.required("gamma");
        yield new InverseSchedule(
            by, rate, with.atLeastZero("gamma", 0), with.positive("power", 1));
      }
      case "map" -> map(with, rate, by);
      case "polynomial" ->
          new PolynomialSchedule(
              by,
              rate,
              with.atLeastZero("end", 0),
              with.positive("power", 1),
              with.count("length", rest));
      case "cosine" ->
          new CosineSchedule(by, rate, with.atLeastZero("min", 0), with.count("length", rest));
      case "triangular", "triangular2", "exp_range" -> cyclical(with, rate, by);
      case "onecycle" -> oneCycle(with, rate, by, rest);
      default ->
          throw new IllegalArgumentException(
              "expected one of %s, got '%s'".formatted(NAMES, with.name()));
    };
  }

  private static ISchedule map(NamedSettings with, double rate, ScheduleType by) {
    Map<Integer, Double> rates = new TreeMap<>(with.numbered());
    rates.forEach(
        (time, value) -> {
          if (!(value >= 0)) {
            throw with.wrong(time.toString(), "a rate of 0 or more", value.toString());
          }
        });
    if (rates.isEmpty()) {
      throw new IllegalArgumentException("map: expected rates, as in map:0=0.1,10=0.01");
    }
    rates.putIfAbsent(0, rate);
    return new MapSchedule(by, rates);
  }

  private static ISchedule cyclical(NamedSettings with, double rate, ScheduleType by) {
    with.required("max");
    double max = with.positive("max", rate);
    boolean fading = with.name().equals("exp_range");
    if (fading) {
      with.required("gamma");
    }
    double gamma = fading ? with.positive("gamma", 1) : 1;
    boolean halving = with.name().equals("triangular2");
    return new CyclicalSchedule(by, rate, max, with.requiredCount("size"), gamma, halving);
  }

  private static ISchedule oneCycle(NamedSettings with, double rate, ScheduleType by, int rest) {
    if (by == ScheduleType.EPOCH) {
      throw with.wrong("by", "step, because the rate moves within epochs", "epoch");
    }
    double rise = with.number("rise", 0.3);
    if (!(rise > 0 && rise < 1)) {
      throw with.wrong("rise", "a share between 0 and 1", Double.toString(rise));
    }
    boolean linear = with.choice("anneal", "cosine", Set.of("cosine", "linear")).equals("linear");
    return new OneCycleSchedule(
        with.positive("max", rate),
        with.count("length", rest),
        rise,
        with.positive("div", 25),
        with.positive("final-div", 1e4),
        linear);
  }

  /**
   * The rate of a step.
   *
   * @param step from 1
   * @param epoch from 0
   */
  public double at(long step, int epoch) {
    return schedule.valueAt(Math.toIntExact(step - 1), epoch);
  }

  /** What the text form can say, a line for each schedule. */
  public static String help() {
    return """
        fixed                                the rate as given (default)
        step:every=N[,rate=0.1]              times RATE every N epochs
        exponential:gamma=G                  times G every epoch
        inverse:gamma=G[,power=1]            divided by (1 + G*epoch)^POWER
        map:0=0.1,10=0.01                    these rates from these epochs on
        polynomial[:end=0][,power=1]         to END along (1 - t/length)^POWER
        cosine[:min=0]                       to MIN along half a cosine
        triangular:max=M,size=N              to M and back in 2N steps, again and again
        triangular2:max=M,size=N             the same, every cycle half as high
        exp_range:max=M,size=N,gamma=G       the same, the height times G every step
        onecycle[:max=M][,rise=0.3][,div=25][,final-div=1e4][,anneal=cosine|linear]
                                             from M/DIV to M (default: the rate) and down to
                                             M/DIV/FINAL-DIV
        Each takes by=epoch or by=step (else step, exponential, inverse and map go by epoch, the
        others by step), warmup=N[,warmup-from=0] (a linear rise over N of them), and
        polynomial, cosine and onecycle length=N (default: the run).
        """;
  }

  /** The text that the schedule was made of. */
  @Override
  public String toString() {
    return text;
  }
}

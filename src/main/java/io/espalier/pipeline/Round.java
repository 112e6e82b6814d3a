package io.espalier.pipeline;

import io.espalier.graph.Dim;
import io.espalier.graph.ModelException;
import io.espalier.graph.TensorType;
import io.espalier.report.Benchmark;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Port;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.Samples;
import io.espalier.runtime.Session;
import io.espalier.runtime.Stopwatch;
import io.espalier.runtime.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Models that run in turn on the same inputs. */
final class Round {
  private static final double MILLIS = 1e3;

  private final int number;
  private final Map<String, Datum> inputs;
  private final int batch;
  private final List<Contestant> members = new ArrayList<>();

  private Round(int number, Map<String, Datum> inputs, int batch, Contestant first) {
    this.number = number;
    this.inputs = inputs;
    this.batch = batch;
    this.members.add(first);
  }

  /**
   * A round on inputs that {@code first} runs on.
   *
   * @param wanted the number of samples is the batch, where the model leaves it open
   * @throws ModelException if none were found
   */
  static Round of(int number, Contestant first, SampleInputs.Options wanted) {
    SampleInputs.Found found = SampleInputs.find(first.model(), first.session(), wanted);
    if (found.samples().isEmpty()) {
      throw new ModelException(
          found.failure().orElse("no inputs were found on which the model runs"));
    }
    Samples samples = found.samples().get();
    if (samples.samplesPerBatch() == wanted.samples()) {
      return new Round(number, samples.batches().get(0), wanted.samples(), first);
    }
    if (wanted.samples() > 1) {
      first.note("a batch of %d is not possible".formatted(wanted.samples()));
    }
    return new Round(number, samples.single(), samples.singleSamples(), first);
  }

  /** Whether the model declares the same inputs and runs on those of this round. */
  boolean accepts(Contestant other) {
    List<Port> mine = members.get(0).session().inputs();
    List<Port> others = other.session().inputs();
    if (mine.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < mine.size(); i++) {
      if (!alike(mine.get(i), others.get(i))) {
        return false;
      }
    }
    try {
      other.session().run(inputs);
      return true;
    } catch (ModelException e) {
      return false;
    }
  }

  private static boolean alike(Port one, Port other) {
    boolean alike =
        one.name().equals(other.name())
            && one.kind() == other.kind()
            && one.dataType() == other.dataType()
            && one.dims().size() == other.dims().size();
    for (int axis = 0; alike && axis < one.dims().size(); axis++) {
      Dim a = one.dims().get(axis);
      Dim b = other.dims().get(axis);
      alike = !(a instanceof Dim.Known) || !(b instanceof Dim.Known) || a.equals(b);
    }
    return alike;
  }

  void add(Contestant member) {
    members.add(member);
  }

  /** Times all members, each for so long. */
  void time(double seconds) {
    List<Session> sessions = members.stream().map(Contestant::session).toList();
    Duration budget = Duration.ofNanos((long) (seconds * sessions.size() * 1e9));
    List<Timing> timings = Stopwatch.time(sessions, inputs, budget);
    for (int i = 0; i < members.size(); i++) {
      Timing timing = timings.get(i);
      members
          .get(i)
          .ran(
              new Benchmark.Run(
                  number,
                  fed(),
                  batch,
                  timing.runs(),
                  timing.p50Ms(),
                  timing.p95Ms(),
                  batch * MILLIS / timing.p50Ms()));
    }
  }

  private List<String> fed() {
    List<String> fed = new ArrayList<>();
    inputs.forEach((name, datum) -> fed.add(name + " " + type(datum)));
    return fed;
  }

  private static String type(Datum datum) {
    if (datum instanceof Datum.Numbers numbers) {
      return TensorType.of(numbers.tensor()).toString();
    }
    return datum instanceof Datum.Words words ? "string " + words.shape() : "no tensor";
  }
}

package io.espalier.runtime;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One search for inputs on which a session runs; see {@link SampleInputs}. */
final class InputSearch {
  /** After so many failures of the same wording nothing else will help. */
  private static final int HOPELESS = 12;

  private static final int MOST_ODDITIES = 10;
  private static final int MOST_GUESSES = 20;

  private static final long MANY_ELEMENTS = 2_000_000;
  private static final long MOST_OUTPUTS = 8_000_000;

  private final Session session;
  private final SampleInputs.Options options;
  private final Extents extents;
  private final InputValues values;
  private final boolean drawsRandom;
  private final long end;
  private final long lastStart;
  private final Set<Choice> tried = new HashSet<>();
  private final Deque<Choice> answers = new ArrayDeque<>();
  private final Deque<Choice> guesses = new ArrayDeque<>();
  private String failure = "no attempt was allowed";
  private final Map<String, Integer> failures = new LinkedHashMap<>();

  private record Run(Map<String, Datum> feeds, Map<String, Datum> outputs) {}

  InputSearch(Model model, Session session, SampleInputs.Options options) {
    this.session = session;
    this.drawsRandom = RandomOps.in(model);
    this.options = options;
    long start = System.nanoTime();
    this.end = start + options.limit().toNanos();
    this.lastStart = start + options.limit().toNanos() / 6;
    Uses uses = new Uses(model, session.inputs());
    this.extents = new Extents(session.inputs(), uses);
    options.dims().forEach(extents::fix);
    this.values = new InputValues(session.inputs(), uses, extents, fitGiven(), options.seed());
  }

  private Map<String, Datum> fitGiven() {
    Map<String, Datum> fitted = new LinkedHashMap<>();
    options
        .given()
        .forEach(
            (name, datum) -> {
              Port input =
                  session.inputs().stream()
                      .filter(port -> port.name().equals(name))
                      .findFirst()
                      .orElseThrow(
                          () ->
                              new ModelException(
                                  "input '%s': the model has the inputs %s"
                                      .formatted(
                                          name,
                                          session.inputs().stream().map(Port::name).toList())));
              Datum converted = convert(input, datum);
              fitted.put(name, converted);
              if (converted instanceof Datum.Numbers numbers) {
                extents.fix(input, numbers.tensor().shape());
              }
            });
    return fitted;
  }

  private static Datum convert(Port input, Datum datum) {
    if (!(datum instanceof Datum.Numbers numbers)
        || numbers.tensor().dataType() == input.dataType()) {
      return datum;
    }
    Tensor tensor = numbers.tensor();
    DataType wanted = input.dataType();
    if (!Elements.isNumber(wanted) || tensor.dataType().isFloat() && !wanted.isFloat()) {
      throw new ModelException(
          "input '%s': expected elements of type %s, got %s"
              .formatted(input.name(), wanted, tensor.dataType()));
    }
    return Datum.of(Elements.tensor(wanted, tensor.shape(), Elements.of(tensor).orElseThrow()));
  }

  SampleInputs.Found run() {
    Choice first = Choice.of(extents.first());
    Deque<Choice> plan = new ArrayDeque<>(plan(first));
    Deque<Choice> last = new ArrayDeque<>(uniform(first));
    Choice odd = null;
    int oddities = 0;
    for (int attempts = 0; attempts < options.attempts() && !late() && !hopeless(); ) {
      Choice choice = next(List.of(answers, plan, guesses, last));
      if (choice == null || oddities > MOST_ODDITIES) {
        break;
      }
      if (!tried.add(choice)) {
        continue;
      }
      attempts++;
      Run run = attempt(choice, 0);
      if (run == null) {
        failures.merge(failure, 1, Integer::sum);
      } else if (keepsBatch(choice, run) || !sizesAreOpen()) {
        return found(choice, run);
      } else {
        odd = odd == null ? choice : odd;
        oddities++;
      }
    }
    Run run = odd == null ? null : attempt(odd, 0);
    String reason = failures.isEmpty() ? failure : failures.keySet().iterator().next();
    return run == null
        ? new SampleInputs.Found(Optional.empty(), Optional.of(reason))
        : found(odd, run);
  }

  private SampleInputs.Found found(Choice choice, Run run) {
    return new SampleInputs.Found(Optional.of(widen(choice, run)), Optional.empty());
  }

  private boolean late() {
    return System.nanoTime() >= lastStart;
  }

  private boolean hopeless() {
    return !sizesAreOpen() && failures.values().stream().anyMatch(count -> count > HOPELESS);
  }

  /**
   * Whether outputs that are declared to have as many rows as the batch do: not so where an image
   * of a wrong size was folded into rows.
   */
  private boolean keepsBatch(Choice choice, Run run) {
    for (Port output : session.outputs()) {
      if (!output.dims().isEmpty()
          && output.dims().get(0) instanceof Dim.Symbol symbol
          && extents.kinds().get(symbol.name()) == ExtentKind.BATCH
          && run.outputs().get(output.name()) instanceof Datum.Numbers numbers
          && numbers.tensor().shape().rank() > 0
          && numbers.tensor().shape().dim(0) != choice.sizes().get(symbol.name())) {
        return false;
      }
    }
    return true;
  }

  private static Choice next(List<Deque<Choice>> queues) {
    return queues.stream().filter(q -> !q.isEmpty()).findFirst().map(Deque::poll).orElse(null);
  }

  private boolean sizesAreOpen() {
    return extents.kinds().entrySet().stream()
        .anyMatch(e -> e.getValue() != ExtentKind.BATCH && extents.isOpen(e.getKey()));
  }

  /** What to try when no failure says more: other sizes of one kind, then other values. */
  private List<Choice> plan(Choice first) {
    List<Choice> plan = new ArrayList<>();
    plan.add(first);
    for (ExtentKind kind : ExtentKind.values()) {
      List<String> open = extents.open(kind);
      if (!open.isEmpty()) {
        kind.sizes().forEach(size -> plan.add(first.with(open, size)));
      }
    }
    plan.add(first.styled(Choice.Style.ZEROS));
    plan.add(first.styled(Choice.Style.ONES));
    plan.add(first.capped(0));
    return plan;
  }

  /** One size for all dimensions, then for each. */
  private List<Choice> uniform(Choice first) {
    List<Choice> plan = new ArrayList<>();
    for (long size : new long[] {1, 2, 4, 8, 16, 32, 64, 128}) {
      List<String> open = extents.kinds().keySet().stream().filter(extents::isOpen).toList();
      plan.add(first.with(open, size));
      open.forEach(key -> plan.add(first.with(key, size)));
    }
    return plan;
  }

  /** The inputs and outputs, if the session ran; else null, with what was learned in the queue. */
  private Run attempt(Choice choice, int draw) {
    Map<String, Datum> feeds;
    try {
      feeds = values.draw(choice, draw);
    } catch (UnsupportedModelException e) {
      failure = e.getMessage();
      return null;
    }
    try {
      Duration rest = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
      return new Run(feeds, session.run(feeds, rest));
    } catch (ModelException e) {
      failure = e.getMessage();
      Complaint complaint = new Complaint(failure);
      for (Choice answer : complaint.answers(choice, extents)) {
        if (!tried.contains(answer)) {
          answers.add(answer);
        }
      }
      if (guesses.size() < MOST_GUESSES) {
        guesses.addAll(complaint.guesses(choice, extents));
      }
      return null;
    }
  }

  /** More samples: in one batch where that works, else in several runs. */
  private Samples widen(Choice choice, Run single) {
    int wanted = affordable(single.feeds());
    List<String> batch = extents.open(ExtentKind.BATCH);
    boolean one = batch.stream().allMatch(key -> choice.sizes().get(key) == 1);
    if (!batch.isEmpty() && one && wanted > 1) {
      Run wide = attempt(choice.with(batch, wanted), 0);
      if (wide != null) {
        return samples(choice, List.of(wide), wanted, single, 1);
      }
    }
    int perRun = samplesPerRun(choice);
    List<Run> runs = new ArrayList<>(List.of(single));
    boolean random = !options.given().keySet().containsAll(single.feeds().keySet());
    for (int draw = 1; random && draw * perRun < wanted; draw++) {
      Run next = attempt(choice, draw);
      if (next != null) {
        runs.add(next);
      }
    }
    return samples(choice, runs, perRun, single, perRun);
  }

  private Samples samples(
      Choice choice, List<Run> runs, int perRun, Run single, int singleSamples) {
    List<Map<String, Datum>> outputs = runs.stream().map(Run::outputs).toList();
    long kept = outputs.stream().mapToLong(InputSearch::elements).sum();
    return new Samples(
        runs.stream().map(Run::feeds).toList(),
        perRun,
        single.feeds(),
        singleSamples,
        kept <= MOST_OUTPUTS ? outputs : List.of(),
        drawsRandom,
        notes(choice));
  }

  /** Fewer samples than wanted where one is large: it will be slow to run. */
  private int affordable(Map<String, Datum> single) {
    long size = Math.max(1, elements(single));
    return (int) Math.max(1, Math.min(options.samples(), MANY_ELEMENTS / size));
  }

  private static long elements(Map<String, Datum> data) {
    return data.values().stream()
        .filter(Datum.Numbers.class::isInstance)
        .mapToLong(datum -> ((Datum.Numbers) datum).tensor().shape().elements())
        .sum();
  }

  /** The common size of the inputs' first axes, for inputs that look like a batch. */
  private int samplesPerRun(Choice choice) {
    long size = -1;
    for (Port input : session.inputs()) {
      if (input.isTensor()) {
        var shape = extents.shape(input, choice.sizes());
        if (shape.rank() >= 2) {
          size = size == -1 || size == shape.dim(0) ? shape.dim(0) : 1;
        }
      }
    }
    return (int) Math.max(1, Math.min(size, 1 << 16));
  }

  private List<String> notes(Choice choice) {
    List<String> notes = new ArrayList<>();
    extents
        .kinds()
        .forEach(
            (key, kind) -> {
              if (kind != ExtentKind.BATCH && extents.isOpen(key)) {
                notes.add(key + "=" + choice.sizes().get(key));
              }
            });
    return notes;
  }
}

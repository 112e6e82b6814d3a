package io.espalier.runtime;

import io.espalier.graph.DataType;
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
  private final Session session;
  private final SampleInputs.Options options;
  private final Extents extents;
  private final InputValues values;
  private final long end;
  private final Set<Choice> tried = new HashSet<>();
  private final Deque<Choice> answers = new ArrayDeque<>();
  private String failure = "no attempt was allowed";

  InputSearch(Model model, Session session, SampleInputs.Options options) {
    this.session = session;
    this.options = options;
    this.end = System.nanoTime() + options.limit().toNanos();
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
    int attempts = 0;
    while (attempts < options.attempts() && System.nanoTime() < end) {
      Choice choice = answers.isEmpty() ? plan.poll() : answers.poll();
      if (choice == null) {
        break;
      }
      if (tried.add(choice)) {
        attempts++;
        Map<String, Datum> feeds = attempt(choice, 0);
        if (feeds != null) {
          return new SampleInputs.Found(Optional.of(widen(choice, feeds)), Optional.empty());
        }
      }
    }
    return new SampleInputs.Found(Optional.empty(), Optional.of(failure));
  }

  /** What to try when no failure says more: other sizes of one kind, then of all, then values. */
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
    for (long size : new long[] {1, 2, 4, 8, 16, 32, 64, 128}) {
      List<String> open = extents.kinds().keySet().stream().filter(extents::isOpen).toList();
      plan.add(first.with(open, size));
      open.forEach(key -> plan.add(first.with(key, size)));
    }
    return plan;
  }

  /** The inputs, if the session ran on them; else null, with what was learned in the queue. */
  private Map<String, Datum> attempt(Choice choice, int draw) {
    Map<String, Datum> feeds;
    try {
      feeds = values.draw(choice, draw);
    } catch (UnsupportedModelException e) {
      failure = e.getMessage();
      return null;
    }
    try {
      session.run(feeds, Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      return feeds;
    } catch (ModelException e) {
      failure = e.getMessage();
      for (Choice answer : new Complaint(failure).answers(choice, extents)) {
        if (!tried.contains(answer)) {
          answers.add(answer);
        }
      }
      return null;
    }
  }

  /** More samples: in one batch where that works, else in several runs. */
  private Samples widen(Choice choice, Map<String, Datum> single) {
    List<String> batch = extents.open(ExtentKind.BATCH);
    boolean one = batch.stream().allMatch(key -> choice.sizes().get(key) == 1);
    String kept = failure;
    if (!batch.isEmpty() && one && options.samples() > 1) {
      Map<String, Datum> wide = attempt(choice.with(batch, options.samples()), 0);
      if (wide != null) {
        return new Samples(List.of(wide), options.samples(), single, 1, notes(choice));
      }
    }
    failure = kept;
    int perRun = samplesPerRun(choice);
    List<Map<String, Datum>> batches = new ArrayList<>(List.of(single));
    boolean random = !options.given().keySet().containsAll(single.keySet());
    for (int draw = 1; random && draw * perRun < options.samples(); draw++) {
      Map<String, Datum> next = attempt(choice, draw);
      if (next != null) {
        batches.add(next);
      }
    }
    return new Samples(batches, perRun, single, perRun, notes(choice));
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

package io.espalier.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Speed and size of models, side by side, as text. */
public final class BenchmarkText {
  private static final String DASH = "-";

  private final Benchmark benchmark;
  private final TextPage page;

  private BenchmarkText(Benchmark benchmark, int width, Paint paint) {
    this.benchmark = benchmark;
    this.page = new TextPage(width, paint, "--json has all");
  }

  /** Lines that fit {@code width} columns, each ended by a newline. */
  public static String render(Benchmark benchmark, int width, Paint paint) {
    return new BenchmarkText(benchmark, width, paint).render();
  }

  private String render() {
    table();
    page.line("");
    conditions();
    failures();
    return page.text();
  }

  private void table() {
    TextTable table =
        new TextTable(
            page.width(),
            "Model",
            "File",
            "ratio",
            "Opens",
            "Median",
            "95th",
            "Samples/s",
            "ratio");
    for (Benchmark.Row model : benchmark.models()) {
      Benchmark.Run run = model.run();
      table.row(
          name(model),
          model.bytes() == null ? DASH : Figures.bytes(model.bytes()),
          model.compression() == null ? DASH : Figures.ratio(model.compression()),
          model.openMs() == null ? DASH : Figures.millis(model.openMs()),
          run == null ? DASH : Figures.millis(run.p50Ms()),
          run == null ? DASH : Figures.millis(run.p95Ms()),
          run == null ? DASH : Figures.rate(run.samplesPerSecond()),
          model.speedup() == null ? DASH : Figures.ratio(model.speedup()));
    }
    page.table(table);
  }

  /** The file's name without its folders, unless another model has the same. */
  private String name(Benchmark.Row model) {
    String name = withoutFolders(model.path());
    long same =
        benchmark.models().stream()
            .filter(other -> withoutFolders(other.path()).equals(name))
            .count();
    return same == 1 ? name : model.path();
  }

  private static String withoutFolders(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  private void conditions() {
    Map<Integer, List<Benchmark.Row>> rounds = new TreeMap<>();
    for (Benchmark.Row model : benchmark.models()) {
      if (model.run() != null) {
        rounds.computeIfAbsent(model.run().round(), round -> new ArrayList<>()).add(model);
      }
    }
    page.wrapped(
        "",
        "Measured on "
            + benchmark.device()
            + " with "
            + Figures.counted(benchmark.threads(), "thread")
            + (benchmark.models().size() > 1
                ? "; a ratio above 1 is smaller or faster than the first model."
                : "."));
    rounds.values().forEach(round -> round(round, rounds.size() > 1));
    for (Benchmark.Row model : benchmark.models()) {
      model.notes().forEach(note -> page.wrapped("", Printable.of(name(model) + ": " + note)));
    }
  }

  private void round(List<Benchmark.Row> models, boolean named) {
    Benchmark.Run run = models.get(0).run();
    String names =
        named ? page.folded(models.stream().map(this::name).toList()) + ": batch " : "Batch ";
    String turns = models.size() > 1 ? " of each model, in turn" : "";
    page.wrapped(
        "",
        names
            + run.batch()
            + ", "
            + Figures.counted(run.runs(), "run")
            + turns
            + ", fed with "
            + page.folded(run.inputs()));
  }

  private void failures() {
    Map<String, List<String>> reasons = new LinkedHashMap<>();
    for (Benchmark.Row model : benchmark.models()) {
      if (model.failure() != null) {
        reasons.computeIfAbsent(model.failure(), reason -> new ArrayList<>()).add(name(model));
      }
    }
    if (!reasons.isEmpty()) {
      page.line("");
      page.heading("Not measured");
      page.grouped(reasons);
    }
  }
}

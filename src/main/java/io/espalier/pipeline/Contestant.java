package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.report.Benchmark;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One model of a benchmark, and what was found out about it. */
final class Contestant implements AutoCloseable {
  /** A step that may fail because of the model. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private final Path path;
  private final List<String> notes = new ArrayList<>();
  private InputModel input;
  private Session session;
  private Long bytes;
  private Double openMs;
  private Benchmark.Run run;
  private String failure;

  Contestant(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /** Takes a step; if it fails the model is out, and the reason is kept. */
  void attempt(Step step) {
    try {
      step.run();
    } catch (ModelException | IOException | UncheckedIOException e) {
      failure = withoutName(Failures.describe(e));
    }
  }

  /** The name stands beside the failure already. */
  private String withoutName(String message) {
    for (String name : new String[] {path.toString(), path.getFileName().toString()}) {
      if (message.startsWith(name + ": ")) {
        return message.substring(name.length() + 2);
      }
    }
    return message;
  }

  /** Opens the file and reads its graph. */
  void read() throws IOException {
    input = InputModel.open(path);
    bytes = input.bytes();
  }

  /**
   * Opens the model in onnxruntime and takes the time.
   *
   * @param beforehand whether to open it once before that
   */
  void open(SessionOptions options, boolean beforehand) throws IOException {
    if (beforehand) {
      input.session(options).close();
    }
    long start = System.nanoTime();
    session = input.session(options);
    openMs = (System.nanoTime() - start) / 1e6;
  }

  long bytes() {
    return bytes;
  }

  Model model() {
    return input.model();
  }

  /** Null until it is open. */
  Session session() {
    return session;
  }

  void ran(Benchmark.Run result) {
    run = result;
  }

  void note(String note) {
    notes.add(note);
  }

  /** All that was found out, ratios against {@code first}. */
  Benchmark.Row row(Contestant first) {
    boolean sizes = bytes != null && first.bytes != null;
    boolean speeds = run != null && first.run != null;
    return new Benchmark.Row(
        path.toString(),
        bytes,
        sizes ? (double) first.bytes / bytes : null,
        openMs,
        run,
        speeds ? run.samplesPerSecond() / first.run.samplesPerSecond() : null,
        notes,
        failure);
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
    if (input != null) {
      input.close();
    }
  }
}

package io.espalier.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.UnsupportedModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model that onnxruntime has opened. May be run from several threads at once; must be closed, and
 * not while it runs.
 */
public final class Session implements AutoCloseable {
  private final String name;
  private final SessionOptions options;
  private final Opening opening;
  private final OrtSession ort;
  private final List<Port> inputs;
  private final List<Port> outputs;
  private volatile Set<String> readable;

  private Session(String name, SessionOptions options, Opening opening, OrtSession ort) {
    this.name = name;
    this.options = options;
    this.opening = opening;
    this.ort = ort;
    this.inputs = describe(ort.getInputNames(), ort::getInputInfo);
    this.outputs = describe(ort.getOutputNames(), ort::getOutputInfo);
    this.readable = new LinkedHashSet<>();
    for (Port output : outputs) {
      if (output.kind() != Port.Kind.OTHER) {
        readable.add(output.name());
      }
    }
  }

  private interface Opening {
    OrtSession open(OrtSession.SessionOptions options) throws OrtException;
  }

  private interface Description {
    Map<String, NodeInfo> read() throws OrtException;
  }

  /**
   * Opens a model made in memory, constants of any size included.
   *
   * @throws ModelException if onnxruntime refuses the model or the options
   */
  public static Session open(Model model, SessionOptions options) {
    return open(model.graph().name(), Probe.bytes(model), options);
  }

  /**
   * Opens a model file; external data are looked for beside it.
   *
   * @throws IOException if there is no such file
   * @throws ModelException if onnxruntime refuses the model or the options
   */
  public static Session open(Path model, SessionOptions options) throws IOException {
    if (!Files.isRegularFile(model)) {
      throw new NoSuchFileException(model.toString());
    }
    String file = model.toAbsolutePath().toString();
    return open(
        String.valueOf(model.getFileName()),
        options,
        ort -> Ort.environment().createSession(file, ort));
  }

  /**
   * Opens a model without external data.
   *
   * @param name for messages
   * @param model its bytes, from position to limit; used in place if direct or mapped, else copied
   * @throws ModelException if onnxruntime refuses the model or the options
   */
  public static Session open(String name, ByteBuffer model, SessionOptions options) {
    ByteBuffer direct =
        model.isDirect()
            ? model.slice()
            : ByteBuffer.allocateDirect(model.remaining()).put(model.duplicate()).flip();
    return open(name, options, ort -> Ort.environment().createSession(direct, ort));
  }

  private static Session open(String name, SessionOptions options, Opening opening) {
    try (OrtSession.SessionOptions ort = Ort.open(options)) {
      OrtSession session = opening.open(ort);
      try {
        Session opened = new Session(name, options, opening, session);
        Handles.opened();
        return opened;
      } catch (RuntimeException e) {
        session.close();
        throw e;
      }
    } catch (OrtException e) {
      throw new ModelException(name + ": onnxruntime does not open it: " + OrtText.of(e), e);
    }
  }

  private static List<Port> describe(Collection<String> names, Description description) {
    try {
      Map<String, NodeInfo> infos = description.read();
      return names.stream().map(port -> Ports.of(port, infos.get(port))).toList();
    } catch (OrtException e) {
      // One input or output of an optional type makes onnxruntime describe none of them.
      return names.stream().map(port -> Ports.of(port, null)).toList();
    }
  }

  /**
   * The same model opened once more: its generators of random numbers start where this session's
   * started.
   */
  Session fresh() {
    return open(name, options, opening);
  }

  /** What a run has to be fed, in the model's order. */
  public List<Port> inputs() {
    return inputs;
  }

  /** What a run gives, in the model's order. */
  public List<Port> outputs() {
    return outputs;
  }

  public SessionOptions options() {
    return options;
  }

  /**
   * Runs the model once.
   *
   * @param feeds a value for each input, by name
   * @return a value for each output, in the model's order
   * @throws ModelException if an input is missing or of a type that cannot be fed, or if
   *     onnxruntime fails
   */
  public Map<String, Datum> run(Map<String, Datum> feeds) {
    try (Feeds tensors = Feeds.of(this, feeds);
        OrtSession.RunOptions run = new OrtSession.RunOptions()) {
      return collect(tensors, run);
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * Runs the model once, but not for long.
   *
   * @param limit after which onnxruntime is told to stop, which it does between two nodes
   * @throws ModelException as {@link #run(Map)}, and if the limit was reached
   */
  public Map<String, Datum> run(Map<String, Datum> feeds, Duration limit) {
    try (Feeds tensors = Feeds.of(this, feeds);
        OrtSession.RunOptions run = new OrtSession.RunOptions();
        Deadline deadline = new Deadline(run, limit)) {
      try {
        return collect(tensors, run);
      } catch (OrtException e) {
        throw deadline.passed()
            ? new ModelException(
                "%s: stopped, the run took longer than %d ms".formatted(name, limit.toMillis()), e)
            : failed(e);
      }
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private Map<String, Datum> collect(Feeds feeds, OrtSession.RunOptions run) throws OrtException {
    Map<String, Datum> found;
    try {
      found = fetch(feeds, readable, run);
    } catch (OrtException e) {
      if (!String.valueOf(e.getMessage()).contains("types are unsupported")) {
        throw e;
      }
      readable = computed(feeds, run);
      found = fetch(feeds, readable, run);
    }
    Map<String, Datum> all = new LinkedHashMap<>();
    for (Port output : outputs) {
      Datum datum = found.get(output.name());
      all.put(output.name(), datum == null ? Datum.Opaque.UNREADABLE : datum);
    }
    return all;
  }

  private Map<String, Datum> fetch(Feeds feeds, Set<String> names, OrtSession.RunOptions run)
      throws OrtException {
    if (names.isEmpty()) {
      throw new UnsupportedModelException(
          name + ": onnxruntime's Java interface can read none of the outputs " + outputs);
    }
    try (OrtSession.Result result = ort.run(feeds.tensors(), names, run)) {
      return Results.read(result);
    }
  }

  /** The outputs that the model really computes; asking for another one fails. */
  private Set<String> computed(Feeds feeds, OrtSession.RunOptions run) throws OrtException {
    Set<String> computed = new LinkedHashSet<>();
    for (String output : readable) {
      try {
        ort.run(feeds.tensors(), Set.of(output), run).close();
        computed.add(output);
      } catch (OrtException e) {
        if (!String.valueOf(e.getMessage()).contains("types are unsupported")) {
          throw e;
        }
      }
    }
    return computed;
  }

  /** Runs once and throws the outputs away. */
  void runBlind(Map<String, OnnxTensor> tensors) {
    try {
      ort.run(tensors, readable).close();
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** Runs once, the outputs going into the tensors given for them. */
  void runInto(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    try {
      ort.run(inputs, Set.of(), outputs).close();
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** Runs once, to see what shapes the outputs of those names have. */
  Map<String, Shape> shapes(Map<String, OnnxTensor> inputs, Set<String> names) {
    try (OrtSession.Result result = ort.run(inputs, names)) {
      Map<String, Shape> shapes = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> output : result) {
        if (output.getValue() instanceof OnnxTensor tensor) {
          shapes.put(output.getKey(), Shape.of(tensor.getInfo().getShape()));
        }
      }
      return shapes;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private ModelException failed(OrtException e) {
    return new ModelException(name + ": onnxruntime cannot run it: " + OrtText.of(e), e);
  }

  /** The model's name, as in messages. */
  public String name() {
    return name;
  }

  List<String> missing(Map<String, Datum> feeds) {
    List<String> missing = new ArrayList<>();
    for (Port input : inputs) {
      if (!feeds.containsKey(input.name())) {
        missing.add(input.name());
      }
    }
    return missing;
  }

  @Override
  public void close() {
    try {
      ort.close();
      Handles.closed();
    } catch (OrtException | IllegalStateException e) {
      throw new IllegalStateException(name + ": the session was closed twice", e);
    }
  }

  @Override
  public String toString() {
    return name + " on " + options.device();
  }
}

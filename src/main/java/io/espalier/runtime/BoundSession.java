package io.espalier.runtime;

import ai.onnxruntime.OnnxTensor;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A session whose inputs and outputs are tensors that stay where they are from run to run, so that
 * a run copies nothing. It does not own the tensors. For one thread.
 */
public final class BoundSession implements AutoCloseable {
  private final Session session;
  private final Set<String> names;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();

  private BoundSession(Session session) {
    this.session = session;
    this.names = session.inputs().stream().map(Port::name).collect(Collectors.toSet());
  }

  /**
   * Opens a model made in memory.
   *
   * @throws ModelException if onnxruntime refuses the model or the options
   */
  public static BoundSession open(Model model, SessionOptions options) {
    return new BoundSession(Session.open(model, options));
  }

  /** Feeds an input from a tensor from now on. */
  public void input(String name, HostTensor tensor) {
    inputs.put(name, tensor.tensor());
  }

  /** Has an output written into a tensor from now on; outputs that are not bound are left out. */
  public void output(String name, HostTensor tensor) {
    outputs.put(name, tensor.tensor());
  }

  /**
   * Runs the model once on what the tensors hold, to see what shapes outputs have.
   *
   * @throws ModelException if an input is not bound, or if onnxruntime fails
   */
  public Map<String, Shape> shapes(Set<String> names) {
    return session.shapes(inputs, names);
  }

  /** Whether the model has an input of that name. */
  public boolean takes(String name) {
    return names.contains(name);
  }

  /**
   * Runs the model once on what the tensors hold.
   *
   * @throws ModelException if an input is not bound, or if onnxruntime fails
   */
  public void run() {
    session.runInto(inputs, outputs);
  }

  @Override
  public void close() {
    session.close();
  }
}

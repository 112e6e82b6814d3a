package io.espalier.runtime;

import java.nio.file.Path;
import java.util.List;

/**
 * How a session is opened.
 *
 * @param threads that one operator may use; 0 leaves the number to onnxruntime (one per core)
 * @param customOps libraries of custom operators, loaded into the process: native code that the
 *     caller trusts
 * @param optimize whether onnxruntime rewrites the graph for speed when it opens it
 * @param layouts whether that includes layouts of its own for convolutions
 * @param spinning whether idle threads of the session wait busily; costs the processor and slows
 *     other sessions down, gains microseconds per operator
 */
public record SessionOptions(
    Device device,
    int threads,
    List<Path> customOps,
    boolean optimize,
    boolean layouts,
    boolean spinning) {

  /** On the CPU, optimized, without spinning, onnxruntime's number of threads. */
  public static final SessionOptions DEFAULT =
      new SessionOptions(Device.CPU, 0, List.of(), true, true, false);

  public SessionOptions {
    customOps = List.copyOf(customOps);
    if (threads < 0) {
      throw new IllegalArgumentException("threads: expected 0 or more, got " + threads);
    }
  }

  public SessionOptions on(Device other) {
    return new SessionOptions(other, threads, customOps, optimize, layouts, spinning);
  }

  public SessionOptions withThreads(int number) {
    return new SessionOptions(device, number, customOps, optimize, layouts, spinning);
  }

  public SessionOptions withCustomOps(List<Path> libraries) {
    return new SessionOptions(device, threads, libraries, optimize, layouts, spinning);
  }

  public SessionOptions withOptimize(boolean on) {
    return new SessionOptions(device, threads, customOps, on, layouts, spinning);
  }

  public SessionOptions withLayouts(boolean on) {
    return new SessionOptions(device, threads, customOps, optimize, on, spinning);
  }

  public SessionOptions withSpinning(boolean on) {
    return new SessionOptions(device, threads, customOps, optimize, layouts, on);
  }
}

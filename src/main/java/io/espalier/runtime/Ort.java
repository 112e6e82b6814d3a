package io.espalier.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import io.espalier.graph.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The onnxruntime of this process, loaded when it is first asked for. */
final class Ort {
  private Ort() {}

  private static final class Loaded {
    static final OrtEnvironment ENVIRONMENT = quiet();

    /** Nothing is logged, and nobody is told what is run here. */
    private static OrtEnvironment quiet() {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "espalier");
      try {
        environment.setTelemetry(false);
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
      return environment;
    }
  }

  /**
   * The environment all sessions share.
   *
   * @throws ModelException if the native library cannot be loaded
   */
  static OrtEnvironment environment() {
    try {
      return Loaded.ENVIRONMENT;
    } catch (LinkageError e) {
      Throwable reason = e;
      while (reason.getCause() != null && reason.getCause() != reason) {
        reason = reason.getCause();
      }
      throw new ModelException(
          "onnxruntime's native library cannot be loaded on %s %s: %s; expected Linux (glibc) on"
                  .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), reason)
              + " x86-64 or ARM64, macOS on ARM64 or Windows on x86-64, and a folder for temporary"
              + " files (java.io.tmpdir) from which libraries may be loaded",
          e);
    }
  }

  /** Native options; the caller closes them. */
  static OrtSession.SessionOptions open(SessionOptions options) throws OrtException {
    environment();
    OrtSession.SessionOptions ort = new OrtSession.SessionOptions();
    try {
      ort.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      ort.setOptimizationLevel(level(options));
      ort.setIntraOpNumThreads(options.threads());
      if (!options.spinning()) {
        ort.addConfigEntry("session.intra_op.allow_spinning", "0");
      }
      for (Path library : options.customOps()) {
        register(ort, library);
      }
      if (options.device() == Device.CUDA) {
        addCuda(ort);
      }
      return ort;
    } catch (OrtException | RuntimeException e) {
      ort.close();
      throw e;
    }
  }

  private static OrtSession.SessionOptions.OptLevel level(SessionOptions options) {
    if (!options.optimize()) {
      return OrtSession.SessionOptions.OptLevel.NO_OPT;
    }
    return options.layouts()
        ? OrtSession.SessionOptions.OptLevel.ALL_OPT
        : OrtSession.SessionOptions.OptLevel.EXTENDED_OPT;
  }

  private static void register(OrtSession.SessionOptions ort, Path library) {
    if (!Files.isRegularFile(library)) {
      throw new ModelException("custom operators " + library + ": expected a shared library");
    }
    try {
      ort.registerCustomOpLibrary(library.toAbsolutePath().toString());
    } catch (OrtException e) {
      throw new ModelException("custom operators " + library + ": " + OrtText.of(e), e);
    }
  }

  private static void addCuda(OrtSession.SessionOptions ort) {
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new ModelException(
          "device cuda: this onnxruntime computes on the CPU only; build with the"
              + " profile cuda (docs/cuda.md), which puts the artifact"
              + " com.microsoft.onnxruntime:onnxruntime_gpu in the place of"
              + " com.microsoft.onnxruntime:onnxruntime, or use device cpu");
    }
    try {
      ort.addCUDA();
    } catch (OrtException e) {
      throw new ModelException(
          "device cuda: onnxruntime finds no usable GPU (it needs the NVIDIA driver, CUDA 12 and"
              + " cuDNN 9): "
              + OrtText.of(e),
          e);
    }
  }
}

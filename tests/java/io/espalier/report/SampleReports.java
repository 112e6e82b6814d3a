package io.espalier.report;

import io.espalier.report.Report.Accuracy;
import io.espalier.report.Report.Archives;
import io.espalier.report.Report.Calibration;
import io.espalier.report.Report.Compression;
import io.espalier.report.Report.EpochRow;
import io.espalier.report.Report.Errors;
import io.espalier.report.Report.Fidelity;
import io.espalier.report.Report.GateResult;
import io.espalier.report.Report.Input;
import io.espalier.report.Report.Latency;
import io.espalier.report.Report.MeanErrors;
import io.espalier.report.Report.Opening;
import io.espalier.report.Report.Output;
import io.espalier.report.Report.Parameters;
import io.espalier.report.Report.Percentiles;
import io.espalier.report.Report.Quantization;
import io.espalier.report.Report.Ratios;
import io.espalier.report.Report.RefusalRow;
import io.espalier.report.Report.Sparsity;
import io.espalier.report.Report.Storage;
import io.espalier.report.Report.StoredRow;
import io.espalier.report.Report.TensorRow;
import io.espalier.report.Report.Training;
import java.util.ArrayList;
import java.util.List;

/** Reports with something in every place, and with nothing in most. */
final class SampleReports {
  private static final String DIGEST = "0123456789abcdef".repeat(4);

  private SampleReports() {}

  /** Every component is there. */
  static Report full() {
    List<RefusalRow> refusals = new ArrayList<>();
    refusals.add(new RefusalRow("embed.table", "read by Gather; --prune-embeddings prunes it"));
    for (int i = 1; i <= 9; i++) {
      refusals.add(
          new RefusalRow(
              "features." + i + ".depthwise.weight", "kernel of a depthwise convolution"));
    }
    return new Report(
        Report.SCHEMA_VERSION,
        "1.2.3",
        new Input(
            "models/digits-lenet5.onnx",
            1_725_432,
            1_601_101L,
            1_591_000L,
            1_600_500L,
            1_580_004L,
            DIGEST),
        new Output(
            "models/digits-lenet5.pruned.onnx",
            1_725_801,
            865_000L,
            790_000L,
            880_000L,
            720_432L,
            DIGEST),
        new Parameters(431_080, 430_500, 215_832),
        new Sparsity(0.5, 0.50002),
        new Compression(
            0.99979, 1.851, 2.014, 1.819, 2.193, new Archives(1.995, 2.184, 1.961, 2.395)),
        List.of(
            tensor("conv1.weight", 250, 20, 1, 5, 5),
            tensor("backbone.stage4.block2.attention.projection.kernel", 12_500, 50, 20, 5, 5),
            tensor("fc1.weight", 199_999, 500, 800)),
        new Fidelity("random", 16, 0.021345, 4.13e-7, 0.9375),
        List.of(new Accuracy("test", "npz:models/digits.npz#test", 1000, 0.991, 0.989)),
        List.of(
            new Errors(
                "validation",
                "npz:models/digits.npz#train",
                400,
                new MeanErrors(0.25, 0.5),
                new MeanErrors(0.2, 0.4))),
        new Latency("cpu", 1, 2, 50, new Percentiles(0.4123, 0.52), new Percentiles(0.4001, 0.5)),
        new Training(
            2,
            94,
            List.of(
                new EpochRow(1, 0.2531, 0.9213, 0.1422, 0.9561, 0.3175, 0.001, 1.25),
                new EpochRow(2, 0.1012, 0.9702, 0.0913, 0.9721, 0.5, 0.0005, 1.21)),
            2,
            1,
            37.8),
        new Storage(
            List.of(
                new StoredRow("conv1.weight", "dense", 2000, 2000, 1993.5),
                new StoredRow("fc1.weight", "gaps, 16 codes", 1_600_000, 300_064, 249_998.25)),
            new Ratios(19.75, 5.25, new Archives(5.5, null, 5.75, 6.0)),
            new Opening(4.25, 5.5, 7_340_032L, 9_437_184L)),
        new Quantization(
            "speed:activations=static,bits=8,calibration=minmax,samples=256",
            3,
            1_722_000,
            430_920,
            0.00123,
            2,
            new Calibration("minmax", 256, "npz:models/digits.npz#train")),
        List.of(
            new GateResult("min-sparsity", "at least 50%", "50.002%", true),
            new GateResult("max-bytes", "at most 500 KiB", "1.65 MiB", false)),
        refusals,
        List.of(
            "Zeros bring no speed here: onnxruntime's kernels are dense and multiply by them all"
                + " the same. Removing whole channels would."),
        0.4321);
  }

  /** A dry run of a model in which nothing can be pruned. */
  static Report empty() {
    return new Report(
        Report.SCHEMA_VERSION,
        "1.2.3",
        new Input("tiny.onnx", 120, null, null, null, null, DIGEST),
        null,
        new Parameters(4, 0, 4),
        new Sparsity(0.5, Double.NaN),
        null,
        List.of(),
        null,
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        List.of(),
        List.of(),
        List.of(),
        0.0123);
  }

  /** As many tensors as a large network has. */
  static Report large(int tensors) {
    Report full = full();
    List<TensorRow> rows = new ArrayList<>();
    for (int i = 0; i < tensors; i++) {
      rows.add(tensor("layer" + i + ".weight", 8, 4, 4 + i % 7));
    }
    return new Report(
        full.schemaVersion(),
        full.espalier(),
        full.input(),
        full.output(),
        full.parameters(),
        full.sparsity(),
        full.compression(),
        rows,
        full.fidelity(),
        full.accuracy(),
        full.errors(),
        full.latency(),
        full.training(),
        full.storage(),
        full.quantization(),
        full.gates(),
        full.refusals(),
        full.notes(),
        full.seconds());
  }

  static TensorRow tensor(String name, long nonzero, long... shape) {
    List<Long> dims = new ArrayList<>();
    long elements = 1;
    for (long dim : shape) {
      dims.add(dim);
      elements *= dim;
    }
    return new TensorRow(name, dims, elements, nonzero, 1 - (double) nonzero / elements);
  }
}

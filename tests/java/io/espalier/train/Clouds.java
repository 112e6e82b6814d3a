package io.espalier.train;

import io.espalier.data.ArrayFiles;
import io.espalier.data.DataSource;
import io.espalier.data.Preprocessing;
import io.espalier.graph.Model;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;

/** Four clouds of points in eight dimensions, and short runs on them. */
final class Clouds {
  static final int SAMPLES = 300;

  private Clouds() {}

  static TrainingData write(Path folder) throws IOException {
    Random random = new Random(5);
    float[] points = new float[SAMPLES * 8];
    long[] labels = new long[SAMPLES];
    for (int i = 0; i < points.length; i++) {
      labels[i / 8] = i / 8 % 4;
      points[i] = (float) (0.4 * random.nextGaussian() + (i % 8 == labels[i / 8] ? 2 : 0));
    }
    Path file = folder.resolve("clouds.npz");
    ArrayFiles.npz(
        file,
        Map.of(
            "x", ArrayFiles.floats(SAMPLES + ", 8", points),
            "y", ArrayFiles.longs(SAMPLES + ",", labels)));
    return new TrainingData(
        DataSource.parse(file.toString()), Optional.empty(), Preprocessing.NONE);
  }

  static Model open(ModelProto.Builder model) {
    return OnnxFile.open(ByteBuffer.wrap(model.build().toByteArray()), Path.of("net.onnx")).model();
  }

  /** Polynomial pruning in runs with gradient descent at a rate of 0.1. */
  static TrainingSettings descent(int epochs, int batch) {
    return TrainingSettings.builder(epochs)
        .batch(batch)
        .optimizer(Sgd.plain(Dialect.PYTORCH))
        .rate(OptionalDouble.of(0.1))
        .l2(1e-4)
        .sparsening(
            new Sparsening(
                Sparsening.Form.POLYNOMIAL,
                0.3,
                0,
                OptionalLong.empty(),
                OptionalLong.of(3),
                false))
        .build();
  }

  static TrainingMachine machine() {
    return new TrainingMachine(SessionOptions.DEFAULT.withThreads(1), 2, 7);
  }
}

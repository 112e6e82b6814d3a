package io.espalier.train;

import io.espalier.prune.Mask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The fields of a {@link Checkpoint} in their order in the file. */
final class CheckpointForm {
  private CheckpointForm() {}

  static void write(Checkpoint checkpoint, CheckpointWriter out) throws IOException {
    out.number(checkpoint.identity().facts().size());
    for (Map.Entry<String, String> fact : checkpoint.identity().facts().entrySet()) {
      out.text(fact.getKey());
      out.text(fact.getValue());
    }
    out.number(checkpoint.done() ? 1 : 0);
    out.number(checkpoint.step());
    out.number(checkpoint.parameters().size());
    for (Map.Entry<String, Checkpoint.Saved> parameter : checkpoint.parameters().entrySet()) {
      out.text(parameter.getKey());
      out.floats(parameter.getValue().weights());
      writeFloats(out, List.of(parameter.getValue().moments()));
    }
    out.number(checkpoint.statistics().size());
    for (Map.Entry<String, byte[]> statistic : checkpoint.statistics().entrySet()) {
      out.text(statistic.getKey());
      out.bytes(statistic.getValue());
    }
    out.number(checkpoint.masks().size());
    for (Mask mask : checkpoint.masks()) {
      out.mask(mask);
    }
    out.number(checkpoint.best().isPresent() ? 1 : 0);
    if (checkpoint.best().isPresent()) {
      writeFloats(out, checkpoint.best().get().weights());
      out.number(checkpoint.best().get().statistics().size());
      for (byte[] statistic : checkpoint.best().get().statistics()) {
        out.bytes(statistic);
      }
    }
    writeFigures(checkpoint, out);
  }

  private static void writeFloats(CheckpointWriter out, List<float[]> arrays) throws IOException {
    out.number(arrays.size());
    for (float[] array : arrays) {
      out.floats(array);
    }
  }

  private static void writeFigures(Checkpoint checkpoint, CheckpointWriter out) throws IOException {
    EarlyStopping.State stopping = checkpoint.stopping();
    out.number(stopping.run());
    out.number(stopping.waited());
    out.number(stopping.bestEpoch());
    out.real(stopping.best());
    out.number(stopping.stoppedEpoch());
    EpochSoFar begun = checkpoint.epoch();
    out.real(begun.loss().sum());
    out.real(begun.loss().weight());
    out.real(begun.right());
    out.real(begun.seconds());
    out.number(checkpoint.history().size());
    for (Epoch epoch : checkpoint.history()) {
      out.number(epoch.epoch());
      out.real(epoch.loss());
      writeOptional(out, epoch.accuracy());
      writeOptional(out, epoch.valLoss());
      writeOptional(out, epoch.valAccuracy());
      out.real(epoch.sparsity());
      out.real(epoch.rate());
      out.real(epoch.seconds());
    }
  }

  private static void writeOptional(CheckpointWriter out, OptionalDouble figure)
      throws IOException {
    out.number(figure.isPresent() ? 1 : 0);
    out.real(figure.orElse(0));
  }

  static Checkpoint read(CheckpointReader in) throws IOException {
    return new Checkpoint(
        readIdentity(in),
        in.flag(),
        in.number(),
        readParameters(in),
        readStatistics(in),
        readMasks(in),
        in.flag() ? Optional.of(readBest(in)) : Optional.empty(),
        new EarlyStopping.State(in.whole(), in.whole(), in.whole(), in.real(), in.whole()),
        new EpochSoFar(new RunningMean(in.real(), in.real()), in.real(), in.real()),
        readHistory(in));
  }

  private static Identity readIdentity(CheckpointReader in) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    for (int left = in.count(); left > 0; left--) {
      facts.put(in.text(), in.text());
    }
    return new Identity(facts);
  }

  private static Map<String, Checkpoint.Saved> readParameters(CheckpointReader in)
      throws IOException {
    Map<String, Checkpoint.Saved> parameters = new LinkedHashMap<>();
    for (int left = in.count(); left > 0; left--) {
      String name = in.text();
      float[] weights = in.floats();
      float[][] moments = readFloats(in).toArray(float[][]::new);
      for (float[] moment : moments) {
        in.require(moment.length == weights.length, "moments of " + name);
      }
      parameters.put(name, new Checkpoint.Saved(weights, moments));
    }
    return parameters;
  }

  private static Map<String, byte[]> readStatistics(CheckpointReader in) throws IOException {
    Map<String, byte[]> statistics = new LinkedHashMap<>();
    for (int left = in.count(); left > 0; left--) {
      statistics.put(in.text(), in.bytes());
    }
    return statistics;
  }

  private static List<Mask> readMasks(CheckpointReader in) throws IOException {
    List<Mask> masks = new ArrayList<>();
    for (int left = in.count(); left > 0; left--) {
      masks.add(in.mask());
    }
    return masks;
  }

  private static Checkpoint.Best readBest(CheckpointReader in) throws IOException {
    List<float[]> weights = readFloats(in);
    List<byte[]> statistics = new ArrayList<>();
    for (int left = in.count(); left > 0; left--) {
      statistics.add(in.bytes());
    }
    return new Checkpoint.Best(weights, statistics);
  }

  private static List<float[]> readFloats(CheckpointReader in) throws IOException {
    List<float[]> arrays = new ArrayList<>();
    for (int left = in.count(); left > 0; left--) {
      arrays.add(in.floats());
    }
    return arrays;
  }

  private static List<Epoch> readHistory(CheckpointReader in) throws IOException {
    List<Epoch> history = new ArrayList<>();
    for (int left = in.count(); left > 0; left--) {
      history.add(
          new Epoch(
              in.whole(),
              in.real(),
              readOptional(in),
              readOptional(in),
              readOptional(in),
              in.real(),
              in.real(),
              in.real()));
    }
    return history;
  }

  private static OptionalDouble readOptional(CheckpointReader in) throws IOException {
    boolean present = in.flag();
    double figure = in.real();
    return present ? OptionalDouble.of(figure) : OptionalDouble.empty();
  }
}

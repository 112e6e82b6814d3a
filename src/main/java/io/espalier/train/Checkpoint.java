package io.espalier.train;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a run needs to go on as if it had not been interrupted. Orders of samples and
 * random masks are not in it: they follow from the seed, the epoch and the step.
 *
 * <p>In the file, {@value #FILE} in a folder, stand the fields in the order below, numbers
 * little-endian, texts and arrays after their length, a SHA-256 of all of it at the end. No format
 * in use elsewhere would spare code: what other programs could read of it is in the history of the
 * report and in the model.
 *
 * @param identity what the run is
 * @param step updates that are done
 * @param parameters by name, in their order
 * @param buffers what is neither trained nor constant, as running statistics, by name
 * @param best weights and buffers of the best epoch, by name; absent before there is one
 * @param stopping where early stopping stands
 * @param running figures of the unfinished epoch, by name
 * @param history figures of the finished epochs
 */
public record Checkpoint(
    Identity identity,
    long step,
    Map<String, Saved> parameters,
    Map<String, float[]> buffers,
    Optional<Map<String, float[]>> best,
    EarlyStopping.State stopping,
    Map<String, RunningMean> running,
    List<EpochFigures> history) {
  public static final String FILE = "checkpoint.bin";

  private static final String UNFINISHED = "checkpoint.new";

  /**
   * What must be the same for a run to go on.
   *
   * @param model hash of the model that is trained
   * @param recipe hash of all options that change the numbers
   */
  public record Identity(String model, String recipe, long seed) {}

  /**
   * The state of a parameter; arrays are not copied.
   *
   * @param mask null where nothing is pruned
   */
  public record Saved(float[] weights, float[][] moments, float[] mask) {}

  /**
   * Figures of an epoch, by name.
   *
   * @param epoch from 0
   * @param step updates done when it ended
   */
  public record EpochFigures(int epoch, long step, Map<String, Double> figures) {}

  /**
   * Writes the file into {@code folder}, which is made if need be. A file that is there stays whole
   * until the new one is.
   */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path unfinished = folder.resolve(UNFINISHED);
    try (CheckpointWriter out = CheckpointWriter.create(unfinished)) {
      write(out);
      out.finish();
    }
    Files.move(
        unfinished,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    } catch (IOException e) {
      // some systems cannot open folders; the file itself is on the disk
    }
  }

  private void write(CheckpointWriter out) throws IOException {
    out.text(identity.model);
    out.text(identity.recipe);
    out.number(identity.seed);
    out.number(step);
    out.number(parameters.size());
    for (Map.Entry<String, Saved> entry : parameters.entrySet()) {
      Saved saved = entry.getValue();
      out.text(entry.getKey());
      out.floats(saved.weights);
      out.number(saved.moments.length);
      for (float[] moment : saved.moments) {
        out.floats(moment);
      }
      out.number(saved.mask == null ? 0 : 1);
      if (saved.mask != null) {
        out.bits(saved.mask);
      }
    }
    writeArrays(out, buffers);
    out.number(best.isPresent() ? 1 : 0);
    if (best.isPresent()) {
      writeArrays(out, best.get());
    }
    writeFigures(out);
  }

  private static void writeArrays(CheckpointWriter out, Map<String, float[]> arrays)
      throws IOException {
    out.number(arrays.size());
    for (Map.Entry<String, float[]> entry : arrays.entrySet()) {
      out.text(entry.getKey());
      out.floats(entry.getValue());
    }
  }

  private void writeFigures(CheckpointWriter out) throws IOException {
    out.number(stopping.run());
    out.number(stopping.waited());
    out.number(stopping.bestEpoch());
    out.real(stopping.best());
    out.number(stopping.stoppedEpoch());
    out.number(running.size());
    for (Map.Entry<String, RunningMean> entry : running.entrySet()) {
      out.text(entry.getKey());
      out.real(entry.getValue().sum());
      out.real(entry.getValue().weight());
    }
    out.number(history.size());
    for (EpochFigures row : history) {
      out.number(row.epoch);
      out.number(row.step);
      out.number(row.figures.size());
      for (Map.Entry<String, Double> figure : row.figures.entrySet()) {
        out.text(figure.getKey());
        out.real(figure.getValue());
      }
    }
  }

  /**
   * Reads the file in {@code folder}.
   *
   * @throws IOException if there is none, or it cannot be read
   * @throws MalformedModelException if it is damaged, or of another version
   */
  public static Checkpoint read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "there is no checkpoint to resume");
    }
    try (CheckpointReader in = CheckpointReader.open(file)) {
      Identity identity = new Identity(in.text(), in.text(), in.number());
      long step = in.number();
      Checkpoint checkpoint =
          new Checkpoint(
              identity,
              step,
              readParameters(in),
              readArrays(in),
              in.flag() ? Optional.of(readArrays(in)) : Optional.empty(),
              readStopping(in),
              readRunning(in),
              readHistory(in));
      in.finish();
      return checkpoint;
    }
  }

  private static Map<String, Saved> readParameters(CheckpointReader in) throws IOException {
    Map<String, Saved> parameters = new LinkedHashMap<>();
    for (int left = in.count(); left > 0; left--) {
      String name = in.text();
      float[] weights = in.floats();
      float[][] moments = new float[in.count()][];
      for (int i = 0; i < moments.length; i++) {
        moments[i] = in.floats();
        in.require(moments[i].length == weights.length, "moments of " + name);
      }
      float[] mask = in.flag() ? in.bits(weights.length) : null;
      parameters.put(name, new Saved(weights, moments, mask));
    }
    return parameters;
  }

  private static Map<String, float[]> readArrays(CheckpointReader in) throws IOException {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    for (int left = in.count(); left > 0; left--) {
      arrays.put(in.text(), in.floats());
    }
    return arrays;
  }

  private static EarlyStopping.State readStopping(CheckpointReader in) throws IOException {
    return new EarlyStopping.State(in.whole(), in.whole(), in.whole(), in.real(), in.whole());
  }

  private static Map<String, RunningMean> readRunning(CheckpointReader in) throws IOException {
    Map<String, RunningMean> running = new LinkedHashMap<>();
    for (int left = in.count(); left > 0; left--) {
      running.put(in.text(), new RunningMean(in.real(), in.real()));
    }
    return running;
  }

  private static List<EpochFigures> readHistory(CheckpointReader in) throws IOException {
    List<EpochFigures> history = new ArrayList<>();
    for (int left = in.count(); left > 0; left--) {
      int epoch = in.whole();
      long step = in.number();
      Map<String, Double> figures = new LinkedHashMap<>();
      for (int more = in.count(); more > 0; more--) {
        figures.put(in.text(), in.real());
      }
      history.add(new EpochFigures(epoch, step, figures));
    }
    return history;
  }

  /**
   * Checks that a run may go on from here.
   *
   * @throws ModelException if it is another one; the message says in what it differs
   */
  public void requireSame(Identity other) {
    String difference =
        !identity.model.equals(other.model)
            ? "model"
            : !identity.recipe.equals(other.recipe)
                ? "set of options"
                : identity.seed != other.seed ? "seed" : null;
    if (difference != null) {
      throw new ModelException(
          "the checkpoint was made with another %s: resume with the same, or train anew"
              .formatted(difference));
    }
  }
}

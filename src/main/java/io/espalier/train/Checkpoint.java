package io.espalier.train;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.prune.Mask;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
 * @param done whether nothing is left to train
 * @param step updates that are done
 * @param parameters by name, in their order
 * @param statistics running means and variances, in the model's form, by name
 * @param masks of the weights that are pruned, in their order
 * @param best the best epoch; absent before there is one
 * @param stopping where early stopping stands
 * @param epoch figures of the unfinished epoch
 * @param history figures of the finished epochs
 */
public record Checkpoint(
    Identity identity,
    boolean done,
    long step,
    Map<String, Saved> parameters,
    Map<String, byte[]> statistics,
    List<Mask> masks,
    Optional<Best> best,
    EarlyStopping.State stopping,
    EpochSoFar epoch,
    List<Epoch> history) {
  public static final String FILE = "checkpoint.bin";

  private static final String UNFINISHED = "checkpoint.new";

  /** The state of a parameter; arrays are not copied. */
  public record Saved(float[] weights, float[][] moments) {}

  /** Weights and statistics at the end of the best epoch, in their order; arrays are not copied. */
  public record Best(List<float[]> weights, List<byte[]> statistics) {}

  /**
   * Writes the file into {@code folder}, which is made if need be. A file that is there stays whole
   * until the new one is.
   */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path unfinished = folder.resolve(UNFINISHED);
    try (CheckpointWriter out = CheckpointWriter.create(unfinished)) {
      CheckpointForm.write(this, out);
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

  /** Whether there is a file in {@code folder}, whole or not. */
  static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(FILE));
  }

  /**
   * Reads the file in {@code folder}.
   *
   * @throws IOException if there is none, or it cannot be read
   * @throws MalformedModelException if it is damaged, or of another version
   */
  public static Checkpoint read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!isIn(folder)) {
      throw new NoSuchFileException(
          file.toString(), null, "there is no checkpoint to resume; --checkpoint makes one");
    }
    try (CheckpointReader in = CheckpointReader.open(file)) {
      Checkpoint checkpoint = CheckpointForm.read(in);
      in.finish();
      return checkpoint;
    }
  }

  /**
   * Checks that a run may go on from here.
   *
   * @param folder for the message
   * @throws ModelException if it is another one; the message says in what it differs
   */
  public void requireSame(Identity other, Path folder) {
    List<String> differences = identity.differences(other);
    if (!differences.isEmpty()) {
      throw new ModelException(
          "%s: the checkpoint is of another run: %s; resume with what it was made with, or train anew"
              .formatted(folder.resolve(FILE), String.join("; ", differences)));
    }
  }
}

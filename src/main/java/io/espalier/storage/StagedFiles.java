package io.espalier.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files that appear in a folder all at once, finished, or not at all: they are made in a hidden
 * folder inside it and moved into place when {@link #publish} is called. Closing, or the end of the
 * JVM, removes what was not published.
 */
public final class StagedFiles implements Closeable {
  private static final int ATTEMPTS = 10;

  private final Path target;
  private final Path stage;
  private final List<Path> staged = new ArrayList<>();
  private volatile boolean discarded;
  private final Thread atExit = new Thread(this::discard, "discard-staged-files");

  private StagedFiles(Path target, Path stage) {
    this.target = target;
    this.stage = stage;
  }

  /**
   * Starts files that are to appear in {@code folder}.
   *
   * @throws IOException if the folder is absent or cannot be written to
   */
  public static StagedFiles in(Path folder) throws IOException {
    Path target = folder.toAbsolutePath();
    if (!Files.exists(target)) {
      throw new NoSuchFileException(folder.toString(), null, "the output folder does not exist");
    }
    if (!Files.isDirectory(target)) {
      throw new NotDirectoryException(folder.toString());
    }
    Path stage;
    try {
      stage = Files.createTempDirectory(target, ".espalier-");
    } catch (IOException e) {
      throw new FileSystemException(
          folder.toString(), null, "the output folder cannot be written to");
    }
    StagedFiles files = new StagedFiles(target, stage);
    try {
      Runtime.getRuntime().addShutdownHook(files.atExit);
    } catch (IllegalStateException e) {
      files.discard();
      throw new IOException("interrupted", e);
    }
    return files;
  }

  /**
   * Where to make the file that will be called {@code name}, a path below the folder. Files are
   * published in the order in which they were staged.
   */
  public Path stage(String name) throws IOException {
    if (discarded) {
      throw new IOException("interrupted");
    }
    Path file = stage.resolve(name);
    Files.createDirectories(file.getParent());
    staged.add(file);
    return file;
  }

  /** The hidden folder; what is made there without {@link #stage} is never published. */
  public Path folder() {
    return stage;
  }

  /** Drops a staged file: it will not be published. */
  public void drop(Path file) throws IOException {
    Files.deleteIfExists(file);
    staged.remove(file);
  }

  /** Brings the files' contents to the disk and moves them into place, replacing older ones. */
  public void publish() throws IOException {
    for (Path file : staged) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
    for (Path file : staged) {
      Path place = target.resolve(stage.relativize(file));
      Files.createDirectories(place.getParent());
      Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    staged.clear();
  }

  @Override
  public void close() {
    discard();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // the JVM is ending, the hook has run or is about to; discarding twice does no harm
    }
  }

  /** Also called while the JVM ends and the files are still being made: tries until all is gone. */
  private void discard() {
    discarded = true;
    for (int attempt = 0; attempt < ATTEMPTS && Files.exists(stage); attempt++) {
      try (Stream<Path> left = Files.walk(stage)) {
        for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException | UncheckedIOException e) {
        // something appeared or went away meanwhile
      }
    }
  }
}

package io.espalier.pipeline;

import io.espalier.graph.ModelException;
import io.espalier.report.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What went wrong, in one line that a user understands, for every front end alike. */
public final class Failures {
  private Failures() {}

  /** One line without characters that would do something to a terminal. */
  public static String describe(Throwable failure) {
    return Printable.of(sentence(failure).strip().replaceAll("\\s*\\R\\s*", " "));
  }

  private static String sentence(Throwable failure) {
    if (failure instanceof UncheckedIOException unchecked) {
      return sentence(unchecked.getCause());
    }
    if (failure instanceof FileSystemException file) {
      return fileSentence(file);
    }
    if (failure instanceof OutOfMemoryError) {
      long heap = Runtime.getRuntime().maxMemory() >> 20;
      return "out of memory: Java was given a heap of "
          + heap
          + " MiB ("
          + failure.getMessage()
          + "); more is given with -Xmx";
    }
    if (failure instanceof StackOverflowError) {
      return "the model is nested deeper than Java's stack allows; more is given with -Xss";
    }
    boolean meant =
        failure instanceof ModelException
            || failure instanceof UsageException
            || failure instanceof InterruptedRunException
            || failure instanceof IOException;
    if (meant && failure.getMessage() != null) {
      return failure.getMessage();
    }
    String message = failure.getMessage() == null ? "" : ": " + failure.getMessage();
    return (meant ? "" : "internal error: ") + failure.getClass().getSimpleName() + message;
  }

  /** The JDK's messages of these are often nothing but the path. */
  private static String fileSentence(FileSystemException failure) {
    String file = failure.getFile() == null ? "a file" : failure.getFile();
    if (failure.getReason() != null) {
      return file + ": " + failure.getReason();
    }
    if (failure instanceof NoSuchFileException) {
      return file + ": no such file or directory";
    }
    if (failure instanceof AccessDeniedException) {
      return file + ": permission denied";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return file + ": exists already";
    }
    if (failure instanceof NotDirectoryException) {
      return file + ": not a directory";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return file + ": a directory that is not empty";
    }
    return file + ": " + failure.getClass().getSimpleName();
  }
}

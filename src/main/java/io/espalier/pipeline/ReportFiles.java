package io.espalier.pipeline;

import io.espalier.report.ReportForm;
import io.espalier.storage.StagedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files that {@code --report} names. */
final class ReportFiles {
  private ReportFiles() {}

  /** Checks that the names of all reports say what form they are to have. */
  static void requireForms(List<Path> reports) {
    for (Path report : reports) {
      if (ReportForm.of(report).isEmpty()) {
        throw new UsageException("--report " + report + ": expected a name in .json or .md");
      }
    }
  }

  /**
   * Checks, before anything that takes long, that all reports can be written.
   *
   * @throws UsageException if not
   */
  static void requireWritable(List<Path> reports) {
    for (Path report : reports) {
      if (Files.isDirectory(report)) {
        throw new UsageException("--report " + report + ": expected a file, got a directory");
      }
      try (StagedFiles files = StagedFiles.in(folder(report))) {
        files.publish();
      } catch (IOException e) {
        throw new UsageException("--report " + report + ": " + Failures.describe(e));
      }
    }
  }

  /** Writes a report, whole or not at all. */
  static void write(Path file, String text) throws IOException {
    try (StagedFiles files = StagedFiles.in(folder(file))) {
      Files.writeString(files.stage(file.getFileName().toString()), text);
      files.publish();
    }
  }

  private static Path folder(Path file) {
    return file.toAbsolutePath().getParent();
  }
}

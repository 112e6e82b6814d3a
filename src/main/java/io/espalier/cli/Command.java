package io.espalier.cli;

import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** Something that the process can be told to do. */
interface Command {
  /** What it takes, and its help. */
  CommandForm form();

  /**
   * Does it.
   *
   * @return the exit code
   */
  int run(ParseResult arguments, Terminal terminal) throws IOException;

  /** What the user can do once it has failed or was interrupted, a line that follows the reason. */
  default Optional<String> remedy() {
    return Optional.empty();
  }
}

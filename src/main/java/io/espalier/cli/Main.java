package io.espalier.cli;

import io.espalier.Espalier;
import io.espalier.graph.ModelException;
import io.espalier.pipeline.Failures;
import io.espalier.pipeline.InterruptedRunException;
import io.espalier.pipeline.Listener;
import io.espalier.pipeline.Recipe;
import io.espalier.pipeline.UsageException;
import io.espalier.pipeline.Version;
import io.espalier.report.Report;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The process: arguments in, exit code out. */
public final class Main {
  static final String NAME = "prune";
  private static final String STACKTRACE = "--stacktrace";

  private Main() {}

  public static void main(String[] arguments) {
    // libraries log; that nobody listens is no news for the user
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    System.exit(run(new PruneCommand(Main::espalier), Terminal.ofProcess(), arguments));
  }

  /** Runs a recipe in this process. */
  static Report espalier(Recipe recipe, Listener listener) throws IOException {
    if (recipe.verification().verify() || recipe.training().isOn()) {
      NativeCache.use();
    }
    return Espalier.run(recipe, listener);
  }

  /**
   * Everything but the end of the process.
   *
   * @param prune what is run unless a subcommand is named
   */
  static int run(Command prune, Terminal terminal, String... arguments) {
    Subcommand named = arguments.length == 0 ? null : Subcommand.named(arguments[0]);
    String name = named == null ? NAME : NAME + " " + arguments[0];
    List<String> own = Arrays.asList(arguments).subList(named == null ? 0 : 1, arguments.length);
    Command command = named == null ? prune : named.create();
    int code = run(command, name, own, terminal);
    command.remedy().ifPresent(line -> terminal.error(NAME + ": " + line));
    return code;
  }

  private static int run(Command command, String name, List<String> own, Terminal terminal) {
    try {
      return run(command, own, terminal);
    } catch (ParameterException | UsageException e) {
      terminal.error(NAME + ": " + usageMessage(e));
      terminal.error("'" + name + " --help' says what there is.");
      return ExitCode.USAGE;
    } catch (InterruptedRunException e) {
      terminal.error(NAME + ": " + Failures.describe(e));
      return ExitCode.INTERRUPTED;
    } catch (ModelException | IOException e) {
      return failed(e, own, terminal);
    } catch (RuntimeException | Error e) {
      int code = failed(e, own, terminal);
      if (!own.contains(STACKTRACE) && !(e instanceof VirtualMachineError)) {
        terminal.error("This should not happen; " + STACKTRACE + " shows where it did.");
      }
      return code;
    }
  }

  private static int run(Command command, List<String> arguments, Terminal terminal)
      throws IOException {
    ParseResult parsed = reader(command).parseArgs(arguments.toArray(new String[0]));
    if (parsed.isUsageHelpRequested()) {
      new CommandLine(command.form().toShow()).usage(terminal.out(), terminal.colours());
      return ExitCode.DONE;
    }
    if (parsed.isVersionHelpRequested()) {
      terminal.out().println("espalier " + Version.current());
      return ExitCode.DONE;
    }
    return command.run(parsed, terminal);
  }

  /** Takes arguments as they are: a name may begin with an at sign. */
  private static CommandLine reader(Command command) {
    return new CommandLine(command.form().toRead()).setExpandAtFiles(false);
  }

  private static int failed(Throwable failure, List<String> arguments, Terminal terminal) {
    terminal.error(NAME + ": " + Failures.describe(failure));
    if (arguments.contains(STACKTRACE)) {
      terminal.trace(failure);
    }
    return ExitCode.FAILED;
  }

  private static String usageMessage(RuntimeException e) {
    String message = Failures.describe(new UsageException(e.getMessage()));
    if (e instanceof UnmatchedArgumentException unmatched && unmatched.isUnknownOption()) {
      List<String> near = unmatched.getSuggestions();
      return near.isEmpty()
          ? message
          : message + "; did you mean " + String.join(" or ", near) + "?";
    }
    return message;
  }
}

package io.espalier.cli;

import io.espalier.cli.CommandForm.Section;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Prints what a shell needs to complete the command's options. */
final class CompletionCommand implements Command {
  @Override
  public CommandForm form() {
    return new CommandForm(
        Main.NAME + " completion",
        List.of(),
        List.of(new Section("Other", List.of(Options.help()))),
        List.of("prune completion"),
        List.of("", "Prints a script with which bash and zsh complete the options of prune.", ""),
        List.of("", "Add to ~/.bashrc or ~/.zshrc", "  source <(prune completion)"));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) {
    CommandLine all = new CommandLine(PruneCommand.ofPruning().toShow());
    for (Subcommand subcommand : Subcommand.values()) {
      all.addSubcommand(subcommand.word(), subcommand.create().form().toShow());
    }
    terminal.out().println(AutoComplete.bash(Main.NAME, all));
    return ExitCode.DONE;
  }
}

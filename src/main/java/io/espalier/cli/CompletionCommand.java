package io.espalier.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Prints what a shell needs to complete the command's options. */
final class CompletionCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name(Main.NAME + " completion");
    spec.addOption(Options.help());
    spec.usageMessage()
        .description("Prints a script with which bash and zsh complete the options of prune.")
        .footer("", "Add to ~/.bashrc or ~/.zshrc:", "  source <(prune completion)");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) {
    CommandLine all = new CommandLine(PruneCommand.describedSpec());
    for (Subcommand subcommand : Subcommand.values()) {
      all.addSubcommand(subcommand.word(), subcommand.create().helpSpec());
    }
    terminal.out().println(AutoComplete.bash(Main.NAME, all));
    return ExitCode.DONE;
  }
}

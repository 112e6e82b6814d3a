package io.espalier.cli;

import java.util.List;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What a command takes, and what its help says around that. It is made anew for each use, for an
 * option can belong to one command only.
 *
 * @param words that call the command
 * @param operands what is given without an option's name
 * @param sections its options, in the order of the help
 * @param synopsis the lines of the help that show how it is called
 * @param description what it does
 * @param notes what the help ends with
 */
record CommandForm(
    String words,
    List<PositionalParamSpec> operands,
    List<Section> sections,
    List<String> synopsis,
    List<String> description,
    List<String> notes) {
  private static final int WIDTH = 90;
  private static final int OPTION_COLUMN = 32;

  /** Options that stand under one heading. */
  record Section(String heading, List<OptionSpec> options) {}

  /** As the reader of arguments needs it. */
  CommandSpec toRead() {
    CommandSpec spec = bare();
    sections.forEach(section -> section.options().forEach(spec::addOption));
    return spec;
  }

  /** With headings and all texts. */
  CommandSpec toShow() {
    CommandSpec spec = bare();
    int order = 0;
    for (Section section : sections) {
      ArgGroupSpec.Builder group =
          ArgGroupSpec.builder()
              .validate(false)
              .order(order++)
              .heading("%n" + section.heading() + "%n");
      section.options().forEach(group::addArg);
      spec.addArgGroup(group.build());
    }
    spec.parser().separator(" ");
    spec.usageMessage()
        .width(WIDTH)
        .longOptionsMaxWidth(OPTION_COLUMN)
        .sortOptions(false)
        .customSynopsis(lines(synopsis))
        .description(lines(description))
        .footer(lines(notes));
    return spec;
  }

  private CommandSpec bare() {
    CommandSpec spec = CommandSpec.create().name(words);
    operands.forEach(spec::addPositional);
    return spec;
  }

  private static String[] lines(List<String> text) {
    return text.toArray(new String[0]);
  }
}

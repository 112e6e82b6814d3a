package io.espalier.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A command line as a shell reads it. */
final class CommandLineText {
  /** What the user called to get here; set by the launcher. */
  private static final String COMMAND = "espalier.command";

  private static final Set<String> FOLDERS = Set.of("--checkpoint", "--resume");
  private static final Pattern PLAIN = Pattern.compile("[\\w./:=,@%+-]+");

  private CommandLineText() {}

  /** The command with these arguments, but going on with the run that is kept in a folder. */
  static String resuming(List<String> arguments, Path folder) {
    List<String> words = new ArrayList<>();
    words.add(System.getProperty(COMMAND, Main.NAME));
    Iterator<String> left = arguments.iterator();
    while (left.hasNext()) {
      String word = left.next();
      if (FOLDERS.contains(word) && left.hasNext()) {
        left.next();
      } else if (FOLDERS.stream().noneMatch(folderOption -> word.startsWith(folderOption + "="))) {
        words.add(word);
      }
    }
    words.add("--resume");
    words.add(folder.toString());
    return words.stream().map(CommandLineText::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}

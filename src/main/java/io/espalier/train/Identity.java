package io.espalier.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What must be the same for a run to go on where another one stopped.
 *
 * @param facts by what they are called in messages: options, from their dashes on, with what was
 *     given for them; other things with their hashes
 */
public record Identity(Map<String, String> facts) {
  /** What stands for an option that was not given. */
  public static final String NOT_GIVEN = "not given";

  /** What names the command; runs of different ones differ in all else too. */
  public static final String COMMAND = "the command";

  public Identity {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }

  /** This and more. */
  Identity with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(facts);
    all.putAll(more);
    return new Identity(all);
  }

  /** In what {@code now} differs from this, for people. */
  List<String> differences(Identity now) {
    String made = facts.get(COMMAND);
    if (made != null && !made.equals(now.facts.get(COMMAND))) {
      return List.of("made by `%s`, not `%s`".formatted(made, now.facts.get(COMMAND)));
    }
    Set<String> names = new LinkedHashSet<>(facts.keySet());
    names.addAll(now.facts.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String was = facts.getOrDefault(name, NOT_GIVEN);
      String is = now.facts.getOrDefault(name, NOT_GIVEN);
      if (!was.equals(is)) {
        differences.add(
            name.startsWith("-")
                ? "%s was %s and is %s".formatted(name, was, is)
                : name + " differ");
      }
    }
    return differences;
  }
}

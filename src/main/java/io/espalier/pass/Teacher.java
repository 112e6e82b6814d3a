package io.espalier.pass;

import io.espalier.graph.Model;
import io.espalier.graph.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model to be distilled from.
 *
 * @param model takes what the imported model takes
 * @param outputs what to feed to {@link TrainingGraph#teachers}, by the name of the imported
 *     model's output
 */
public record Teacher(Model model, Map<String, Value> outputs) {
  public Teacher {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }
}

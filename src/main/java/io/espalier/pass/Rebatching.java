package io.espalier.pass;

import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import java.util.Optional;

/** Lets a model take batches of any size. */
final class Rebatching {
  private Rebatching() {}

  record Result(Optional<Long> size, Optional<Refusal> refusal) {}

  static Result of(Model model, Engine engine) {
    return new Result(Optional.empty(), Optional.empty());
  }
}

package io.espalier.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a layer is called with. */
sealed interface Argument {
  /** The {@code output}th result of the {@code call}th call of a layer. */
  record Ref(String layer, int call, int output) implements Argument {}

  record Many(List<Argument> items) implements Argument {
    public Many {
      items = List.copyOf(items);
    }
  }

  /** Anything that is not computed by a layer. */
  record Constant(Json value) implements Argument {}

  /** All references in it, in order. */
  default List<Ref> refs() {
    List<Ref> refs = new ArrayList<>();
    forEachRef(refs::add);
    return refs;
  }

  private void forEachRef(Consumer<Ref> visitor) {
    if (this instanceof Ref ref) {
      visitor.accept(ref);
    } else if (this instanceof Many many) {
      many.items().forEach(item -> item.forEachRef(visitor));
    }
  }
}

package io.espalier.keras;

import java.util.List;
import java.util.Optional;

/**
 * A layer as the file describes it.
 *
 * @param className as Keras 2 and 3 name it; older names are translated
 * @param module where Keras 3 says the class lies; "" for older files
 * @param config its settings, under the names of Keras 2 and 3
 * @param calls in the order in which they are counted; none for an input
 * @param network what the layer is made of, if it is a model itself
 */
record LayerSpec(
    String className,
    String module,
    String name,
    Json config,
    List<Call> calls,
    Optional<NetworkSpec> network) {
  LayerSpec {
    calls = List.copyOf(calls);
  }

  /** Whether it is a function of {@code keras.ops}, which has no weights and is no layer. */
  boolean isOperation() {
    return module.startsWith("keras.src.ops") || module.startsWith("keras.ops");
  }

  boolean isInput() {
    return className.equals("InputLayer");
  }

  boolean trainable() {
    return config.flag("trainable", true);
  }

  LayerSpec withCalls(List<Call> newCalls) {
    return new LayerSpec(className, module, name, config, newCalls, network);
  }

  /** For messages. */
  String label() {
    return "layer '" + name + "' (" + className + ")";
  }
}

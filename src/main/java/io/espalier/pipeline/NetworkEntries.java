package io.espalier.pipeline;

import io.espalier.graph.Shape;
import io.espalier.network.Initializer;
import io.espalier.network.Layer;
import io.espalier.network.Network;
import io.espalier.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;

/** The section {@code network:} of a recipe: {@code input}, {@code init}, {@code layers}. */
final class NetworkEntries {
  private static final String DEFAULT_INITIALIZER = "he-normal";
  private static final long LARGEST = 1 << 20;

  private NetworkEntries() {}

  /**
   * The network that the section describes.
   *
   * @throws UsageException if it describes none; the message says file and line
   */
  static Network read(String file, YamlNode node) {
    RecipeEntries keys = RecipeEntries.of(file, node, "network");
    int input = keys.line("input");
    List<Long> sizes =
        keys.wholes("input")
            .orElseThrow(
                () ->
                    RecipeEntries.wrong(
                        file,
                        keys.line(),
                        "network: expected an 'input', such as [784] or [1, 28, 28]"));
    if (sizes.size() > 4 || sizes.stream().anyMatch(size -> size < 1 || size > LARGEST)) {
      throw keys.wrong(input, "input", "1 to 4 sizes from 1 to " + LARGEST, sizes);
    }
    int init = keys.line("init");
    String initializer = keys.text("init").orElse(DEFAULT_INITIALIZER);
    Initializer usual = keys.at(init, () -> initializer(initializer));
    YamlNode list =
        keys.take("layers")
            .orElseThrow(
                () -> RecipeEntries.wrong(file, keys.line(), "network: expected 'layers'"));
    Shape shape = Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
    keys.requireAllTaken("network");
    List<Layer> layers = layers(file, keys, list, shape);
    return keys.at(list.line(), () -> new Network(shape, usual, layers));
  }

  private static List<Layer> layers(String file, RecipeEntries keys, YamlNode list, Shape input) {
    if (!(list instanceof YamlNode.Items items)) {
      throw keys.wrong(list.line(), "layers", "a list of layers", list);
    }
    List<Layer> layers = new ArrayList<>();
    Shape shape = input;
    for (YamlNode entry : items.items()) {
      for (Layer layer : LayerEntries.read(file, entry)) {
        layers.add(layer);
        Shape in = shape;
        int number = layers.size();
        shape =
            keys.at(
                entry.line(),
                () -> {
                  try {
                    return layer.outputShape(in);
                  } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("layer " + number + ": " + e.getMessage());
                  }
                });
      }
    }
    return layers;
  }

  static Initializer initializer(String name) {
    try {
      return Initializer.named(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("init: " + e.getMessage(), e);
    }
  }
}

package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.UnsupportedModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads the configuration of a model, in the forms of Keras 1, 2 and 3, into one form. */
final class ArchitectureReader {
  private static final int MOST_NESTING = 32;
  private static final int MOST_LAYERS = 20_000;

  /** Packages under which libraries, not authors of models, register their layers. */
  private static final Set<String> PACKAGES =
      Set.of("keras", "addons", "experimental", "tensorflow");

  private static final List<String> MODULES =
      List.of("keras.", "tf_keras.", "tensorflow.", "tensorflow_model_optimization.", "builtins.");

  private final Dialect dialect;
  private int layersRead;

  ArchitectureReader(Dialect dialect) {
    this.dialect = dialect;
  }

  /** Reads a model; {@code model} holds its class and its configuration. */
  NetworkSpec read(Json model) {
    return network(model, 0);
  }

  /** Reads a layer within another's configuration, one that is wrapped. */
  LayerSpec layer(Json layer) {
    return layer(layer, 0);
  }

  private NetworkSpec network(Json model, int depth) {
    if (depth > MOST_NESTING) {
      throw new MalformedModelException(
          model.where() + ": more than " + MOST_NESTING + " models within each other");
    }
    Json config = model.get("config");
    String className = model.text("class_name");
    if (config.isList() || config.has("layers") && !config.has("output_layers")) {
      return sequential(config, className, depth);
    }
    if (config.has("layers")) {
      return functional(config, depth);
    }
    if (className.equals("Graph")) {
      throw new UnsupportedModelException(
          "model class Graph of the first Keras is not imported; Keras 1 can make a Model of it");
    }
    throw new UnsupportedModelException(
        ("model class %s: its layers are defined by Python code, which is not in the file; rebuild"
                + " it as a Sequential or Functional model, copy the weights, and save that")
            .formatted(className));
  }

  private NetworkSpec sequential(Json config, String className, int depth) {
    String name = config.isList() ? "" : config.text("name", "");
    List<Json> items = config.isList() ? config.items() : config.items("layers");
    SequentialChain chain =
        new SequentialChain(name.isEmpty() ? className.toLowerCase(Locale.ROOT) : name);
    for (Json item : items) {
      if (dialect.major() == 1 && item.text("class_name", "").equals("Merge")) {
        chain.merge(layer(item, depth), branches(item.get("config"), depth));
      } else {
        chain.add(layer(item, depth));
      }
    }
    Optional<Json> shape =
        config.isObject()
            ? config.first("build_input_shape", "batch_input_shape")
            : Optional.empty();
    return chain.finish(shape);
  }

  /** The models that a Merge at the start of a Keras 1 model puts together. */
  private List<LayerSpec> branches(Json merge, int depth) {
    return merge.find("layers").map(Json::items).orElse(List.of()).stream()
        .map(branch -> layer(branch, depth))
        .toList();
  }

  private NetworkSpec functional(Json config, int depth) {
    List<LayerSpec> layers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Json item : config.items("layers")) {
      LayerSpec layer = layer(item, depth);
      if (!names.add(layer.name())) {
        throw new MalformedModelException(layer.label() + ": two layers have that name");
      }
      layers.add(layer.withCalls(CallReader.calls(item)));
    }
    return new NetworkSpec(
        config.text("name", "model"),
        layers,
        CallReader.ports(config.get("input_layers")),
        CallReader.ports(config.get("output_layers")));
  }

  private LayerSpec layer(Json item, int depth) {
    if (++layersRead > MOST_LAYERS) {
      throw new MalformedModelException("the model has more than " + MOST_LAYERS + " layers");
    }
    String className = item.text("class_name");
    String module = item.text("module", "");
    Json said = item.find("config").orElse(Json.object());
    String name =
        item.first("name")
            .or(() -> said.find("name"))
            .map(Json::text)
            .orElse(SnakeCase.of(className));
    Json config = said.at("layer '" + name + "' (" + className + ")");
    boolean layered =
        config.isList() && className.equals("Sequential")
            || config.isObject() && config.has("layers") && !className.equals("Merge");
    Optional<NetworkSpec> network =
        layered ? Optional.of(network(item.with("config", config), depth + 1)) : Optional.empty();
    String bare = bare(className, module, item.text("registered_name", ""));
    Json settings = config.isObject() ? config : Json.object();
    return KerasOne.translate(new LayerSpec(bare, module, name, settings, List.of(), network));
  }

  /** A class without its package; one of the author's own keeps it, whatever it is called. */
  private static String bare(String className, String module, String registered) {
    String full = registered.contains(">") ? registered : className;
    int end = full.lastIndexOf('>');
    boolean own = end >= 0 && !PACKAGES.contains(full.substring(0, end).toLowerCase(Locale.ROOT));
    boolean elsewhere =
        !module.isEmpty() && MODULES.stream().noneMatch(one -> (module + ".").startsWith(one));
    if (own || elsewhere && end < 0) {
      return own ? full : module + ">" + className;
    }
    return className.substring(className.lastIndexOf('>') + 1);
  }
}

package io.espalier.pipeline;

import io.espalier.network.Activation;
import io.espalier.network.Attention;
import io.espalier.network.BatchNorm;
import io.espalier.network.Conv;
import io.espalier.network.Dense;
import io.espalier.network.Dropout;
import io.espalier.network.Flatten;
import io.espalier.network.Initializer;
import io.espalier.network.Layer;
import io.espalier.network.Named;
import io.espalier.network.Pool;
import io.espalier.network.Residual;
import io.espalier.network.Window;
import io.espalier.yaml.YamlNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One layer as a recipe has it: {@code relu}, {@code dense: 300}, {@code conv: 20} with further
 * keys beside it.
 */
final class LayerEntries {
  private static final List<String> KINDS =
      List.of(
          "dense",
          "conv",
          "max-pool",
          "average-pool",
          "global-max-pool",
          "global-average-pool",
          "batch-norm",
          "activation",
          "dropout",
          "flatten",
          "attention",
          "residual");

  private final String file;
  private final String kind;
  private final RecipeEntries keys;

  private LayerEntries(String file, String kind, RecipeEntries keys) {
    this.file = file;
    this.kind = kind;
    this.keys = keys;
  }

  /**
   * The layers that the entry describes: one, and its activation.
   *
   * @throws UsageException if it describes none
   */
  static List<Layer> read(String file, YamlNode node) {
    if (node instanceof YamlNode.Text text && !text.isNull()) {
      return List.of(plain(file, text));
    }
    RecipeEntries keys = RecipeEntries.of(file, node, "a layer");
    List<String> kinds = keys.keys().stream().filter(KINDS::contains).toList();
    if (keys.keys().contains("activation") && kinds.size() == 2) {
      kinds = kinds.stream().filter(name -> !name.equals("activation")).toList();
    }
    if (kinds.size() != 1) {
      String first = keys.keys().stream().findFirst().orElse("");
      throw RecipeEntries.wrong(
          file,
          keys.line(),
          kinds.isEmpty()
              ? unknown(first)
              : "a layer: expected one kind, got " + kinds + "; begin each with a dash");
    }
    return new LayerEntries(file, kinds.get(0), keys).layers();
  }

  private static Layer plain(String file, YamlNode.Text text) {
    String name = text.text();
    boolean isFunction =
        Arrays.stream(Activation.Function.values()).anyMatch(f -> f.toString().equals(name));
    if (isFunction) {
      return Activation.of(name);
    }
    if (!KINDS.contains(name)) {
      throw RecipeEntries.wrong(file, text.line(), unknown(name));
    }
    YamlNode nothing = new YamlNode.Text("", true, text.line());
    YamlNode.Entries alone =
        new YamlNode.Entries(Map.of(name, nothing), Map.of(name, text.line()), text.line());
    return new LayerEntries(file, name, new RecipeEntries(file, alone)).layers().get(0);
  }

  private static String unknown(String kind) {
    List<String> known = new ArrayList<>(KINDS);
    Arrays.stream(Activation.Function.values()).forEach(f -> known.add(f.toString()));
    return "a layer: expected one of %s or an activation such as relu, got '%s'%s"
        .formatted(String.join(", ", KINDS), kind, Nearest.hint(kind, known));
  }

  private List<Layer> layers() {
    int line = keys.line(kind);
    Layer layer = keys.at(line, this::layer);
    Optional<String> name = keys.text("name");
    List<Layer> layers = new ArrayList<>();
    layers.add(name.isPresent() ? keys.at(line, () -> new Named(name.get(), layer)) : layer);
    if (!kind.equals("activation")) {
      int place = keys.line("activation");
      keys.text("activation").ifPresent(f -> layers.add(keys.at(place, () -> Activation.of(f))));
    }
    keys.requireAllTaken("a layer '" + kind + "'");
    return layers;
  }

  private Layer layer() {
    return switch (kind) {
      case "dense" -> new Dense(required(), keys.flag("bias", true), initializer());
      case "conv" -> {
        long filters = required();
        Optional<List<Long>> kernel = keys.wholes("kernel");
        if (kernel.isEmpty()) {
          throw RecipeEntries.wrong(
              file, keys.line(), "conv: expected a 'kernel', such as 3 or [3, 5]");
        }
        yield new Conv(
            filters,
            window(kernel.get(), List.of(1L)),
            keys.whole("groups").orElse(1L),
            keys.flag("bias", true),
            initializer());
      }
      case "max-pool" -> pool(Pool.Form.MAX);
      case "average-pool" -> pool(Pool.Form.AVERAGE);
      case "global-max-pool" -> alone(new Pool(Pool.Form.MAX, Optional.empty()));
      case "global-average-pool" -> alone(new Pool(Pool.Form.AVERAGE, Optional.empty()));
      case "batch-norm" ->
          alone(
              new BatchNorm(
                  keys.number("epsilon").orElse(BatchNorm.DEFAULT.epsilon()),
                  keys.number("momentum").orElse(BatchNorm.DEFAULT.momentum())));
      case "activation" ->
          new Activation(
              Activation.Function.named(keys.text(kind).orElseThrow()), keys.number("alpha"));
      case "dropout" -> new Dropout(keys.number(kind).orElseThrow());
      case "flatten" -> alone(new Flatten());
      case "attention" -> alone(new Attention());
      default -> residual();
    };
  }

  private long required() {
    return keys.whole(kind).orElseThrow();
  }

  private Layer pool(Pool.Form form) {
    List<Long> kernel = keys.wholes(kind).orElseThrow();
    return new Pool(form, Optional.of(window(kernel, kernel)));
  }

  private Window window(List<Long> kernel, List<Long> defaultStride) {
    List<Long> strides = keys.wholes("stride").orElse(defaultStride);
    List<Long> dilations =
        kind.equals("conv") ? keys.wholes("dilation").orElse(List.of(1L)) : List.of(1L);
    return new Window(kernel, strides, dilations, padding());
  }

  private List<Long> padding() {
    int line = keys.line("padding");
    Optional<YamlNode> given = keys.take("padding");
    if (given.isEmpty()) {
      return List.of(0L);
    }
    if (given.get() instanceof YamlNode.Text text && text.text().equals("same")) {
      return List.of();
    }
    if (given.get() instanceof YamlNode.Text text && text.text().equals("valid")) {
      return List.of(0L);
    }
    return keys.texts("padding", given.get(), true).stream()
        .map(text -> keys.at(line, () -> RecipeOptions.whole("padding", text)))
        .toList();
  }

  private Optional<Initializer> initializer() {
    int line = keys.line("init");
    return keys.text("init").map(name -> keys.at(line, () -> NetworkEntries.initializer(name)));
  }

  /** A layer whose kind has no number. */
  private Layer alone(Layer layer) {
    YamlNode value = keys.take(kind).orElseThrow();
    if (!(value instanceof YamlNode.Text text) || !text.isNull()) {
      throw keys.wrong(value.line(), kind, "nothing behind it", value);
    }
    return layer;
  }

  private Layer residual() {
    YamlNode value = keys.take(kind).orElseThrow();
    if (!(value instanceof YamlNode.Items body)) {
      throw keys.wrong(value.line(), kind, "a list of layers", value);
    }
    List<Layer> layers = new ArrayList<>();
    body.items().forEach(entry -> layers.addAll(read(file, entry)));
    return new Residual(layers);
  }
}

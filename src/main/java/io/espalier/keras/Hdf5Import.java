package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import java.util.Optional;

/** Reads the HDF5 files of Keras: models, and weights whose architecture is in another file. */
final class Hdf5Import {
  private final Hdf5 root;
  private final Optional<String> architecture;
  private final Optional<InputLayout> layout;

  Hdf5Import(Hdf5 root, Optional<String> architecture, Optional<InputLayout> layout) {
    this.layout = layout;
    this.root = root;
    this.architecture = architecture;
  }

  KerasFile read() {
    Optional<String> own = root.text("model_config");
    Optional<String> config = own.or(() -> architecture.map(this::configuration));
    if (config.isEmpty()) {
      throw new MalformedModelException(whatItIs());
    }
    Json model = Json.parse(config.get(), "model_config");
    Hdf5 stored = root.group("model_weights").orElse(root);
    Dialect dialect = dialect(stored, model);
    NetworkSpec network = new ArchitectureReader(dialect).read(model);
    return new Importer(dialect, network, weights(stored, network), training(), layout).read();
  }

  private String configuration(String said) {
    return Applications.names().contains(said) ? Applications.configuration(said, root) : said;
  }

  private Dialect dialect(Hdf5 stored, Json model) {
    String version =
        root.text("keras_version")
            .or(() -> stored.text("keras_version"))
            .or(() -> model.find("keras_version").map(Json::text))
            .orElseGet(() -> versionOf(model));
    String backend =
        root.text("backend")
            .or(() -> stored.text("backend"))
            .or(() -> model.find("backend").map(Json::text))
            .orElse("");
    return Dialect.of(version, backend);
  }

  /** What the form of a configuration without a version tells; "" is Keras 1. */
  private static String versionOf(Json model) {
    String said = model.toString();
    return model.has("module") ? "3.0.0" : said.contains("\"kernel_initializer\"") ? "2.0.0" : "";
  }

  private static NetworkWeights weights(Hdf5 stored, NetworkSpec network) {
    if (RowWeights.isRoot(stored)) {
      return new RowWeights(stored, network);
    }
    if (TreeWeights.isRoot(stored)) {
      return new TreeWeights(Optional.of(stored)).network(network);
    }
    throw new MalformedModelException(
        "expected weights, with the attribute 'layer_names' or in a group 'layers'; found neither");
  }

  private Optional<Json> training() {
    return root.text("training_config").map(text -> Json.parse(text, "training_config"));
  }

  private String whatItIs() {
    boolean weights = RowWeights.isRoot(root) || TreeWeights.isRoot(root);
    return weights
        ? "holds weights only, not the model they belong to; save the whole model with"
            + " model.save(), or give what model.to_json() makes, or the name of an"
            + " application of Keras such as vgg16, with --architecture"
        : "an HDF5 file, but no model of Keras: it has no attribute 'model_config'";
  }
}

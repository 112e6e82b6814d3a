package io.espalier.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model file holds. A component that is null is something the file says nothing about.
 *
 * @param schemaVersion of the JSON form; raised when a field changes its meaning or goes away
 * @param espalier the version that looked
 * @param graph the main graph's name
 * @param constants initializers and {@code Constant} nodes of all graphs, by element type
 * @param weights what looks like a weight, in the order of the model
 * @param made how the model was made, if that was here
 * @param metadata what else its metadata say
 * @param source the file of Keras that the model was imported from; null for one that is ONNX
 */
public record Inspection(
    int schemaVersion,
    String espalier,
    File file,
    long irVersion,
    List<Opset> opsets,
    Producer producer,
    String domain,
    Long modelVersion,
    String doc,
    String graph,
    String graphDoc,
    List<Port> inputs,
    List<Port> outputs,
    Nodes nodes,
    List<Function> functions,
    Report.Parameters parameters,
    List<Constants> constants,
    List<Weight> weights,
    Making made,
    Map<String, String> metadata,
    Source source) {

  public static final int SCHEMA_VERSION = 1;

  public Inspection {
    opsets = List.copyOf(opsets);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    functions = List.copyOf(functions);
    constants = List.copyOf(constants);
    weights = List.copyOf(weights);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * The file and what belongs to it.
   *
   * @param bytes all together
   * @param compression {@code gzip}, {@code xz}, {@code tar}, {@code tar in zstd} and so on; null
   *     for a plain file
   * @param expandedBytes of the compressed model; null where it is not
   */
  public record File(
      String path, long bytes, String compression, Long expandedBytes, List<External> external) {
    public File {
      external = List.copyOf(external);
    }
  }

  /**
   * A model as Keras has it.
   *
   * @param writer the version and backend of Keras that wrote the file
   * @param layers in the order of their calls
   * @param training how the model was compiled, as JSON
   */
  public record Source(String writer, List<Layer> layers, String training) {
    public Source {
      layers = List.copyOf(layers);
    }
  }

  /**
   * A layer of Keras.
   *
   * @param name with the names of the models around it, joined by slashes
   * @param shape of its result, as in {@code [?, 28, 28, 1]}
   * @param parameters numbers in its weights
   * @param inputs the layers it takes the results of
   * @param settings what only training needs: regularizers, rates, momentum, constraints
   */
  public record Layer(
      String name,
      String className,
      String shape,
      long parameters,
      List<String> inputs,
      Map<String, String> settings) {
    public Layer {
      inputs = List.copyOf(inputs);
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }
  }

  /** A file of external data. */
  public record External(String path, long bytes) {}

  /** A version of an operator set; the default domain is {@code ai.onnx}. */
  public record Opset(String domain, long version) {}

  /** The program that wrote the model, by its own account. */
  public record Producer(String name, String version) {}

  /**
   * An input or an output of the main graph.
   *
   * @param type as declared, such as {@code float[N,1,28,28]}
   * @param hasInitializer whether one stands behind the input, so that it need not be fed; null for
   *     an output
   */
  public record Port(String name, String type, Boolean hasInitializer) {}

  /**
   * Numbers of nodes.
   *
   * @param total in all graphs together
   * @param subgraphs those in branches and bodies of loops
   * @param functions those in the bodies of model functions, each counted once
   * @param operators over all nodes, the most frequent first
   */
  public record Nodes(int total, int subgraphs, int functions, List<Operator> operators) {
    public Nodes {
      operators = List.copyOf(operators);
    }
  }

  /** An operator, with its domain unless that is the default one, and the nodes that call it. */
  public record Operator(String operator, int nodes) {}

  /** A model function and the nodes in its body. */
  public record Function(String name, int nodes) {}

  /**
   * The constants of one element type.
   *
   * @param bytes of their elements; null for strings
   * @param zeros elements that are zero; null unless the type is a float
   */
  public record Constants(String type, int tensors, long elements, Long bytes, Long zeros) {}

  /**
   * A weight, or what could be taken for one.
   *
   * @param nonzero null unless the type is a float
   * @param sparsity the share of zeros, null likewise
   * @param usedBy the nodes that compute with it
   * @param prunable whether it is pruned by default
   * @param reason why not; null for a prunable one
   */
  public record Weight(
      String name,
      String type,
      List<Long> shape,
      long elements,
      Long nonzero,
      Double sparsity,
      List<User> usedBy,
      boolean prunable,
      String reason) {
    public Weight {
      shape = List.copyOf(shape);
      usedBy = List.copyOf(usedBy);
    }
  }

  /** A node; one without a name goes by its first output. */
  public record User(String node, String operator) {}

  /** How the model was made: version of the program, SHA-256 of what came in, what was asked. */
  public record Making(String version, String inputSha256, String recipe) {}
}

package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Evaluator;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.graph.SparseTensor;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.storage.StorageOptions.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Lays down the weights of a model in fewer bytes. What comes out is a model like every other:
 * standard operators of its own opset make the weights anew, and onnxruntime computes those once,
 * when it opens the file.
 */
public final class WeightStorage {
  /** What reports call a weight whose elements are there as they are. */
  static final String DENSE = "dense";

  private static final long SMALLEST_BYTES = 512;
  private static final long FIRST_IR_WITH_CONSTANTS = 4;

  private final Model model;
  private final StorageOptions options;
  private final boolean packed;
  private final Optional<Evaluator> runtime;
  private final long opset;
  private final List<Refusal> refusals = new ArrayList<>();

  private WeightStorage(
      Model model, StorageOptions options, boolean packed, Optional<Evaluator> runtime) {
    this.runtime = runtime;
    this.model = model;
    this.options = options;
    this.packed = packed;
    this.opset = model.opsets().getOrDefault("", 1L);
  }

  /**
   * Encodes the weights of the model's main graph in place; those of subgraphs move there. No value
   * is changed in any bit, unless the options allow an error.
   *
   * @param runtime makes each weight out of its parts, to compare; absent: none does
   * @param compressed whether the file is compressed afterwards, which does better on numbers that
   *     have a byte each than on packed ones
   */
  public static StorageResult store(
      Model model, StorageOptions options, boolean compressed, Optional<Evaluator> runtime) {
    return options.form() == Form.DENSE
        ? dense(model)
        : new WeightStorage(model, options, !compressed, runtime).store();
  }

  /** Makes sparse initializers dense. */
  private static StorageResult dense(Model model) {
    boolean changed = false;
    for (Value value : model.graph().initializers()) {
      if (value.initializer().orElseThrow() instanceof SparseTensor sparse) {
        value.setInitializer(new ArrayTensor(sparse.dataType(), sparse.shape(), sparse.bytes()));
        changed = true;
      }
    }
    return new StorageResult(List.of(), List.of(), 0, changed);
  }

  private StorageResult store() {
    Graph graph = model.graph();
    int shared = new EqualTensors(graph).merge();
    SubgraphWeights inner = new SubgraphWeights(model);
    List<Value> weights =
        Stream.concat(
                graph.constants().stream(),
                listsInitializers(model) ? Stream.of() : inner.find().stream())
            .filter(this::isEncodable)
            .toList();
    List<StoragePlan> plans =
        IntStream.range(0, weights.size())
            .parallel()
            .mapToObj(
                i -> StoragePlan.of(weights.get(i), options, packed, opset, model.irVersion()))
            .toList();
    if (options.form() == Form.AUTO) {
      double most = options.maxOpenRatio().orElse(StorageOptions.DEFAULT_MAX_OPEN_RATIO);
      new OpeningBudget(plans, most).enforce();
    }
    plans.stream()
        .filter(plan -> plan.isEncoded() && plan.weight().graph() != graph)
        .forEach(plan -> plan.moveTo(inner.move(plan.weight())));
    write(graph, plans);
    return new StorageResult(
        plans.stream().map(StoragePlan::result).toList(),
        refusals,
        shared,
        shared > 0 || plans.stream().anyMatch(StoragePlan::isEncoded));
  }

  private void write(Graph graph, List<StoragePlan> plans) {
    List<StoragePlan> encoded = plans.stream().filter(StoragePlan::isEncoded).toList();
    encoded.stream()
        .flatMap(plan -> plan.weight().producer().stream())
        .forEach(constant -> graph.fold(constant, constant.constant().orElseThrow()));
    if (encoded.isEmpty()) {
      return;
    }
    DecodingNodes nodes = new DecodingNodes(graph, listsInitializers(model));
    List<Encoding.Decoding> decodings =
        encoded.stream().parallel().map(StoragePlan::encode).toList();
    if (runtime.isPresent() && options.form() != Form.SPARSE) {
      for (int i = 0; i < decodings.size(); i++) {
        DecodingCheck.check(runtime.get(), model, encoded.get(i), decodings.get(i));
      }
    }
    for (int i = 0; i < decodings.size(); i++) {
      decodings.get(i).write(nodes, encoded.get(i).weight());
    }
  }

  /** Whether initializers have to be listed among the graph's inputs. */
  static boolean listsInitializers(Model model) {
    return model.irVersion() < FIRST_IR_WITH_CONSTANTS;
  }

  private boolean isEncodable(Value value) {
    Tensor tensor = value.constant().orElseThrow();
    DataType type = tensor.dataType();
    boolean known = type.isFloat() || type == DataType.INT8 || type == DataType.UINT8;
    if (!known || !tensor.isReadable() || tensor.byteSize() < SMALLEST_BYTES) {
      return false;
    }
    if (value.uses().isEmpty() || value.isGraphOutput()) {
      return false;
    }
    boolean fed = value.isGraphInput() && !listsInitializers(model);
    if (fed && !options.dropWeightInputs()) {
      refusals.add(
          new Refusal(
              value.name(),
              "stored as it is: it is listed among the graph's inputs, so that it can be fed"
                  + " (--drop-weight-inputs takes it off)"));
      return false;
    }
    return true;
  }
}

package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import io.espalier.keras.Operations.One;
import io.espalier.keras.Operations.Rule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Functions that make many elements into one, or go along an axis. */
final class ReductionOperations {
  static final Map<String, Rule> RULES = rules();

  private ReductionOperations() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new TreeMap<>();
    Map.of(
            "mean", "ReduceMean",
            "sum", "ReduceSum",
            "max", "ReduceMax",
            "min", "ReduceMin",
            "prod", "ReduceProd",
            "logsumexp", "ReduceLogSumExp")
        .forEach((name, opType) -> rules.put(name, (One) call -> reduce(call, opType)));
    rules.put("any", (One) call -> truth(call, "ReduceMax"));
    rules.put("all", (One) call -> truth(call, "ReduceMin"));
    rules.put("var", (One) ReductionOperations::variance);
    rules.put("std", (One) ReductionOperations::deviation);
    rules.put("norm", (One) ReductionOperations::norm);
    rules.put("moments", ReductionOperations::moments);
    rules.put("argmax", (One) call -> place(call, "ArgMax"));
    rules.put("argmin", (One) call -> place(call, "ArgMin"));
    rules.put("softmax", (One) call -> softmax(call, "Softmax"));
    rules.put("log_softmax", (One) call -> softmax(call, "LogSoftmax"));
    rules.put("cumsum", (One) ReductionOperations::cumsum);
    rules.put("normalize", (One) ReductionOperations::normalize);
    rules.put("local_response_normalization", (One) ReductionOperations::responses);
    rules.put("lrn", (One) ReductionOperations::responses);
    return rules;
  }

  private static KerasTensor reduce(OperationCall call, String opType) {
    return reduce(call, call.x(), opType, keeps(call));
  }

  private static boolean keeps(OperationCall call) {
    return call.setting(-1, "keepdims", "keep_dims").map(Json::flag).orElse(false);
  }

  private static long[] axes(OperationCall call, KerasTensor x) {
    long[] said =
        call.setting(1, "axis", "axes", "reduction_indices")
            .map(Json::integers)
            .orElse(IntStream.range(0, x.rank()).asLongStream().toArray());
    return Arrays.stream(said).map(axis -> axis < 0 ? axis + x.rank() : axis).toArray();
  }

  private static KerasTensor reduce(
      OperationCall call, KerasTensor given, String opType, boolean keep) {
    LayerContext layer = call.layer();
    KerasTensor x = given.layout().isFlat() ? layer.asPlain(given) : given;
    long[] axes = axes(call, x);
    long[] dims = x.dims().clone();
    for (long axis : axes) {
      dims[(int) axis] = keep ? 1 : -2;
    }
    long[] left = Arrays.stream(dims).filter(dim -> dim != -2).toArray();
    KerasTensor source = keep ? x : layer.asPlain(x);
    long[] physical =
        Arrays.stream(axes).map(axis -> source.layout().axisOf((int) axis)).sorted().toArray();
    Value y =
        layer
            .ops()
            .call(
                opType,
                Map.of("keepdims", Attribute.of(keep ? 1 : 0)),
                source.value(),
                layer.ops().ints(physical));
    return keep
        ? new KerasTensor(y, x.type(), left, x.layout(), null)
        : KerasTensor.plain(y, x.type(), left);
  }

  private static KerasTensor truth(OperationCall call, String opType) {
    LayerContext layer = call.layer();
    KerasTensor numbers = layer.draft().cast(call.x(), DataType.INT32, layer.ops());
    return layer
        .draft()
        .cast(reduce(call, numbers, opType, keeps(call)), DataType.BOOL, layer.ops());
  }

  private static KerasTensor variance(OperationCall call) {
    LayerContext layer = call.layer();
    Ops ops = layer.ops();
    KerasTensor mean = reduce(call, call.x(), "ReduceMean", true);
    KerasTensor centered = ElementwiseOperations.binary(layer, "Sub", Map.of(), call.x(), mean);
    KerasTensor square = centered.with(ops.mul(centered.value(), centered.value()));
    return reduce(call, square, "ReduceMean", keeps(call));
  }

  private static KerasTensor deviation(OperationCall call) {
    KerasTensor variance = variance(call);
    return variance.with(call.layer().ops().sqrt(variance.value()));
  }

  private static List<KerasTensor> moments(OperationCall call) {
    return List.of(reduce(call, "ReduceMean"), variance(call));
  }

  private static KerasTensor norm(OperationCall call) {
    String kind = call.setting(-1, "ord").map(Json::toString).orElse("2").replace("\"", "");
    String opType =
        switch (kind) {
          case "2", "2.0", "euclidean", "fro" -> "ReduceL2";
          case "1", "1.0" -> "ReduceL1";
          default -> throw call.layer().unsupported("ord " + kind + " is not imported");
        };
    return reduce(call, opType);
  }

  private static KerasTensor place(OperationCall call, String opType) {
    KerasTensor x = call.layer().asPlain(call.x());
    long said = call.setting(1, "axis", "dimension").map(Json::integer).orElse(0L);
    int axis = Math.toIntExact(said < 0 ? said + x.rank() : said);
    long[] dims =
        IntStream.range(0, x.rank()).filter(i -> i != axis).mapToLong(i -> x.dims()[i]).toArray();
    Map<String, Attribute> attributes =
        Map.of("axis", Attribute.of(axis), "keepdims", Attribute.of(0));
    Value y = call.layer().ops().call(opType, attributes, x.value());
    return KerasTensor.plain(y, DataType.INT64, dims);
  }

  private static KerasTensor softmax(OperationCall call, String opType) {
    int axis = (int) call.setting(1, "axis", "dim").map(Json::integer).orElse(-1L).longValue();
    return Activations.softmax(call.layer(), call.x(), opType, axis);
  }

  private static KerasTensor cumsum(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    long axis = call.setting(1, "axis").map(Json::integer).orElse(0L);
    Map<String, Attribute> attributes =
        Map.of(
            "exclusive", flag(call, "exclusive"),
            "reverse", flag(call, "reverse"));
    Ops ops = call.layer().ops();
    return x.with(ops.call("CumSum", attributes, x.value(), ops.scalar(DataType.INT64, axis)));
  }

  private static Attribute flag(OperationCall call, String name) {
    return Attribute.of(call.setting(-1, name).map(Json::flag).orElse(false) ? 1 : 0);
  }

  private static KerasTensor normalize(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    long[] axes = call.setting(1, "axis").map(Json::integers).orElse(new long[] {-1});
    return x.with(NormLayers.unitLength(call.layer(), x.value(), axes));
  }

  /** x / (bias + alpha · Σ x²)^beta over neighbouring channels; ONNX' alpha is of their mean. */
  private static KerasTensor responses(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor x = layer.requireRank(layer.floating(call.x()), 4);
    Layout wanted = Layout.channelsSecond(4);
    long radius = call.setting(1, "depth_radius").map(Json::integer).orElse(5L);
    long size = Math.addExact(Math.multiplyExact(2, radius), 1);
    double alpha = call.setting(-1, "alpha").map(Json::number).orElse(1.0);
    Map<String, Attribute> attributes =
        Map.of(
            "size", Attribute.of(size),
            "alpha", Attribute.of((float) (alpha * size)),
            "beta",
                Attribute.of(call.setting(-1, "beta").map(Json::number).orElse(0.5).floatValue()),
            "bias",
                Attribute.of(call.setting(-1, "bias").map(Json::number).orElse(1.0).floatValue()));
    Value y = layer.ops().call("LRN", attributes, layer.arranged(x, wanted));
    return new KerasTensor(y, x.type(), x.dims(), wanted, null);
  }
}

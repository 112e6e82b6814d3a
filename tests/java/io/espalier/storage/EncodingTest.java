package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.runtime.SessionEvaluator;
import io.espalier.storage.StorageOptions.Form;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every encoding gives back every bit: made anew by onnxruntime, and by {@link PackedWeights}. */
class EncodingTest {
  private static final List<Shape> SHAPES =
      List.of(Shape.of(1001), Shape.of(37, 41), Shape.of(8, 4, 5, 7), Shape.of(3, 1, 300));

  /** A weight: how many values it has, how many zeros, in which type and shape. */
  record Case(DataType type, Shape shape, double sparsity, int values, long opset) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (double sparsity : new double[] {0, 0.4, 0.8, 0.97, 1}) {
      for (int values : new int[] {0, 1, 2, 16, 200}) {
        Shape shape = SHAPES.get(cases.size() % SHAPES.size());
        cases.add(new Case(DataType.FLOAT, shape, sparsity, values, 13));
      }
    }
    for (double sparsity : new double[] {0.8, 0.99, 0.999}) {
      cases.add(new Case(DataType.FLOAT, Shape.of(5, 2000), sparsity, 0, 13));
      cases.add(new Case(DataType.FLOAT, Shape.of(3, 700, 2, 3), sparsity, 7, 13));
    }
    for (DataType type :
        List.of(DataType.FLOAT16, DataType.DOUBLE, DataType.BFLOAT16, DataType.INT8)) {
      cases.add(new Case(type, SHAPES.get(1), 0.9, 0, 13));
      cases.add(new Case(type, SHAPES.get(2), 0.6, 5, 17));
    }
    for (long opset : new long[] {7, 8, 9, 10, 11, 12, 18, 21}) {
      cases.add(new Case(DataType.FLOAT, SHAPES.get(1), 0.9, 0, opset));
      cases.add(new Case(DataType.FLOAT, SHAPES.get(2), 0.9, 12, opset));
    }
    for (DataType type : List.of(DataType.FLOAT, DataType.INT8, DataType.UINT8)) {
      cases.add(new Case(type, Shape.of(300, 400), 0.9, 0, 10));
      cases.add(new Case(type, SHAPES.get(2), 1, 0, 9));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyBitComesBack(Case wanted) {
    Tensor tensor = tensor(wanted);
    List<Encoding> encodings = new ArrayList<>();
    for (boolean packed : new boolean[] {true, false}) {
      encodings.addAll(Encodings.of(Survey.of(tensor), Form.PACKED, packed, wanted.opset()));
    }
    encodings.removeIf(one -> !isTried(one));
    assertTrue(wanted.opset() < 9 || !encodings.isEmpty() || wanted.sparsity() == 0);
    for (Encoding encoding : new LinkedHashSet<>(encodings)) {
      comesBack(encoding, tensor, wanted.opset());
    }
  }

  /** Has onnxruntime and our own decoder make the tensor anew. */
  static void comesBack(Encoding encoding, Tensor tensor, long opset) {
    Model model = model(tensor, opset);
    Value weight = model.graph().find("w").orElseThrow();
    Encoding.Decoding decoding = encoding.encode(tensor);
    decoding.write(
        new DecodingNodes(model.graph(), WeightStorage.listsInitializers(model)), weight);
    long nodes = model.graph().nodes().stream().filter(node -> !isShared(node)).count() - 1;
    assertTrue(nodes <= encoding.nodes(), encoding + " has " + nodes + " nodes");
    Tensor made = new SessionEvaluator().evaluate(model, Map.of(), List.of(weight)).get(weight);
    assertEquals(tensor.bytes(), made.bytes(), encoding.toString());
    assertEquals(tensor.shape(), made.shape(), encoding.toString());
    assertEquals(1, PackedWeights.decode(model, 1 << 20), encoding.toString());
    Tensor decoded = weight.initializer().orElseThrow();
    assertEquals(tensor.bytes(), decoded.bytes(), encoding.toString());
    assertEquals(tensor.shape(), decoded.shape(), encoding.toString());
    assertEquals(1, model.graph().nodes().size());
    assertEquals(List.of(weight), model.graph().initializers());
  }

  private static boolean isShared(Node node) {
    return node.outputs().get(0).name().startsWith(DecodingNodes.SHARED);
  }

  /** What onnx's reference evaluator does not have is not written for anyone. */
  @ParameterizedTest
  @ValueSource(longs = {9, 10})
  void noScatterBeforeCumSum(long opset) {
    Model model = model(tensor(new Case(DataType.FLOAT, SHAPES.get(1), 0.9, 0, opset)), opset);
    StorageOptions options =
        new StorageOptions(Form.PACKED, Optional.empty(), 0, false, Optional.empty());
    WeightStorage.store(model, options, false, Optional.empty());
    List<String> operators = model.graph().nodes().stream().map(Node::opType).toList();
    assertEquals(List.of("Cast", "MaxUnpool", "Reshape", "Identity"), operators);
  }

  /** Whether it is one of few that stand for those that differ in the layout of their distances. */
  static boolean isTried(Encoding encoding) {
    if (encoding instanceof BlockEncoding blocks) {
      return Set.of(4, 256).contains(blocks.distances().radix());
    }
    return !(encoding instanceof GapEncoding gaps)
        || Set.of(4, 5, 16, 17, 100, 256).contains(gaps.distances().radix());
  }

  @Test
  void allKindsAreTried() {
    Set<String> kinds = new TreeSet<>();
    cases()
        .forEach(
            one ->
                Encodings.of(Survey.of(tensor(one)), Form.PACKED, true, one.opset())
                    .forEach(encoding -> kinds.add(encoding.getClass().getSimpleName())));
    assertEquals(
        Set.of(
            "BitmaskEncoding",
            "BlockEncoding",
            "CodesEncoding",
            "GapEncoding",
            "GroupEncoding",
            "HalfEncoding",
            "PositionEncoding",
            "RowGapEncoding"),
        kinds);
  }

  @ParameterizedTest
  @ValueSource(longs = {9, 13})
  void sizesAreWhatIsWritten(long opset) {
    Tensor tensor = tensor(new Case(DataType.FLOAT, SHAPES.get(1), 0.9, 12, opset));
    for (Encoding encoding : Encodings.of(Survey.of(tensor), Form.PACKED, true, opset)) {
      Model model = model(tensor, opset);
      Value weight = model.graph().find("w").orElseThrow();
      encoding.encode(tensor).write(new DecodingNodes(model.graph(), false), weight);
      long bytes =
          model.graph().initializers().stream()
              .filter(part -> part.name().startsWith("w."))
              .mapToLong(part -> part.initializer().orElseThrow().byteSize())
              .sum();
      assertEquals(encoding.byteSize(), bytes, encoding.toString());
    }
  }

  /** A model that gives the weight {@code w} out as it is. */
  static Model model(Tensor tensor, long opset) {
    Graph graph = new Graph("g", null);
    Value weight = graph.declare("w");
    weight.setInitializer(tensor);
    Value out = graph.declare("y");
    graph.addNode("n", OperatorId.of("Identity"), List.of(out)).addInput(weight);
    graph.addOutput(out);
    return new Model(opset < 9 ? 3 : 8, Map.of("", opset), graph, List.of());
  }

  static Tensor tensor(Case wanted) {
    Random random = new Random(5);
    int count = (int) wanted.shape().elements();
    int width = wanted.type().bits() / 8;
    ByteBuffer bytes = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      boolean zero = random.nextDouble() < wanted.sparsity();
      int choice = random.nextInt(Math.max(1, wanted.values()));
      double value = wanted.values() == 0 ? random.nextGaussian() : 0.3 + 0.7 * choice;
      Cells.put(bytes, width, zero ? 0 : bits(wanted.type(), value));
    }
    return new ArrayTensor(wanted.type(), wanted.shape(), bytes.flip());
  }

  private static long bits(DataType type, double value) {
    return switch (type) {
      case FLOAT -> Float.floatToRawIntBits((float) value);
      case DOUBLE -> Double.doubleToRawLongBits(value);
      case FLOAT16 -> Floats.toFloat16((float) value);
      case BFLOAT16 -> Floats.toBfloat16((float) value);
      default -> Math.round(40 * value);
    };
  }
}

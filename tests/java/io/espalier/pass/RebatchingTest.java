package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks whose constants hold the size of their batch; the engine confirms what is rewritten. */
class RebatchingTest {
  private final Net net = new Net();
  private final Ops ops = net.ops;

  private record Story(String name, Function<RebatchingTest, Model> build) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Story> freed() {
    return Stream.of(
        new Story("flattened by a constant", t -> t.flattened(1, 1, 24)),
        new Story("flattened, batch known, rest open", t -> t.flattened(1, 1, -1)),
        new Story("a batch of four", t -> t.flattened(4, 4, 24)),
        new Story("batch and tokens as rows", RebatchingTest::rows),
        new Story("heads beside the batch", RebatchingTest::heads),
        new Story("initial states", RebatchingTest::states),
        new Story("initial states of an input's size", RebatchingTest::computedStates),
        new Story("a class token", RebatchingTest::classToken),
        new Story("sizes of a picture", RebatchingTest::resized),
        new Story("a slice of the batch", RebatchingTest::sliced),
        new Story("a shape that is put together", RebatchingTest::joinedShape),
        new Story("expanded", RebatchingTest::expanded),
        new Story("flattened from axis 0", RebatchingTest::flattenedFromZero),
        new Story("a constant output beside", RebatchingTest::constantOutput));
  }

  @ParameterizedTest
  @MethodSource("freed")
  void takesAnyBatch(Story story) {
    Model model = story.build().apply(this);
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    assertEquals(List.of(), copy.refusals());
    assertEquals(Optional.empty(), copy.fixedBatch());
    Value input = copy.model().graph().inputs().get(0);
    assertTrue(input.type().orElseThrow().toString().contains("N"));
    assertEquals(model.graph().inputs().get(0), copy.original(input));
    assertTrue(!model.graph().inputs().get(0).type().orElseThrow().toString().contains("N"));
  }

  static Stream<Arguments> fixed() {
    return Stream.of(
        Arguments.of(
            new Story("picks a sample", t -> t.net.output(t.firstSample())),
            "picks samples of the batch"),
        Arguments.of(
            new Story("mean over the batch", t -> t.net.output(t.meanOfAll())),
            "reduces over the batch"),
        Arguments.of(
            new Story("samples seen together", t -> t.net.output(t.largestOfAll())), "differ by"),
        Arguments.of(
            new Story("a vector", t -> t.net.output(t.ops.neg(t.net.x(5)))),
            "no input has an axis for it"));
  }

  @ParameterizedTest
  @MethodSource("fixed")
  void saysWhyABatchStays(Story story, String reason) {
    WorkingCopy copy = WorkingCopy.of(story.build().apply(this), Net.ENGINE);
    long size = story.name().equals("a vector") ? 5 : 1;
    assertEquals(Optional.of(size), copy.fixedBatch());
    assertEquals("batch", copy.refusals().get(0).where());
    assertTrue(copy.refusals().get(0).reason().contains(reason), copy.refusals()::toString);
  }

  @Test
  void leavesASymbolicBatch() {
    WorkingCopy copy = WorkingCopy.of(net.output(ops.neg(net.x(0, 3))), Net.ENGINE);
    assertEquals(Optional.empty(), copy.fixedBatch());
    assertEquals(1, copy.model().graph().nodes().size());
  }

  private Model flattened(long batch, long... target) {
    Value hidden = ops.call("Conv", net.x(batch, 2, 5, 6), net.weight("w", 2, 2, 3, 3));
    Value flat = ops.reshape(hidden, target);
    return net.output(ops.matMul(flat, net.weight("v", 24, 3)));
  }

  private Model rows() {
    Value rows = ops.reshape(net.x(1, 4, 6), 4, 6);
    Value hidden = ops.gemm(rows, false, net.weight("w", 6, 6), false);
    return net.output(ops.reshape(hidden, 1, 4, 6));
  }

  /** Time first, as recurrent and attention layers of some exporters have it. */
  private Model heads() {
    Value x = ops.transpose(net.x(1, 5, 8), 1, 0, 2);
    Value q = headsOf(ops.matMul(x, net.weight("q", 8, 8)));
    Value k = headsOf(ops.matMul(x, net.weight("k", 8, 8)));
    Value weights = net.softmax(ops.matMul(q, ops.transpose(k, 0, 2, 1)), -1);
    Value mixed = ops.transpose(ops.matMul(weights, q), 1, 0, 2);
    Value joined = ops.reshape(mixed, 5, 1, 8);
    return net.output(ops.transpose(joined, 1, 0, 2));
  }

  private Value headsOf(Value x) {
    return ops.transpose(ops.reshape(x, 5, 2, 4), 1, 0, 2);
  }

  private Value recurrent(Value x, Value hidden, Value cell) {
    return ops.call(
            OperatorId.of("LSTM"),
            Map.of("hidden_size", Attribute.of(3)),
            1,
            x,
            net.weight("w", 1, 12, 4),
            net.weight("r", 1, 12, 3),
            null,
            null,
            hidden,
            cell)
        .get(0);
  }

  private Model states() {
    Value x = ops.transpose(net.x(1, 5, 4), 1, 0, 2);
    Value y = recurrent(x, net.weight("h", 1, 1, 3), net.weight("c", 1, 1, 3));
    Value rows = ops.reshape(ops.squeeze(y, 1), 5, 3);
    Value out = ops.gemm(rows, false, net.weight("v", 3, 2), false);
    return net.output(ops.transpose(ops.reshape(out, 5, 1, 2), 1, 0, 2));
  }

  private Model computedStates() {
    Value x = ops.transpose(net.x(1, 5, 4), 1, 0, 2);
    Value batch = ops.gather(ops.shape(x), ops.ints(1), 0);
    Value shape = ops.concat(0, List.of(ops.ints(1), batch, ops.ints(3)));
    Value zeros = ops.filled(shape, DataType.FLOAT, 0);
    return net.output(ops.transpose(ops.squeeze(recurrent(x, zeros, zeros), 1), 1, 0, 2));
  }

  private Model classToken() {
    Value token = net.weight("token", 1, 1, 6);
    Value joined = ops.concat(1, List.of(token, net.x(1, 4, 6)));
    Value placed = ops.add(joined, net.weight("position", 1, 5, 6));
    return net.output(ops.gather(placed, ops.scalar(DataType.INT64, 0), 1));
  }

  private Model resized() {
    Value x = net.x(1, 2, 3, 3);
    return net.output(ops.call("Resize", x, null, null, ops.ints(1, 2, 6, 9)));
  }

  private Model sliced() {
    long[] first = {0, 1};
    return net.output(
        ops.slice(net.x(1, 5), first, new long[] {1, 4}, new long[] {0, 1}, new long[] {1, 1}));
  }

  private Model joinedShape() {
    Value x = net.x(1, 4, 6);
    Value tokens = ops.shape(x, 1, 2);
    Value shape = ops.concat(0, List.of(ops.ints(1), tokens, ops.ints(2, 3)));
    return net.output(ops.reshape(x, shape));
  }

  private Model expanded() {
    return net.output(ops.expand(net.x(1, 1, 4), ops.ints(1, 3, 4)));
  }

  private Model flattenedFromZero() {
    Value flat = ops.call("Flatten", Map.of("axis", Attribute.of(0)), net.x(1, 2, 3));
    return net.output(ops.matMul(flat, net.weight("w", 6, 2)));
  }

  private Model constantOutput() {
    Value version = ops.call("Identity", ops.constant(ArrayTensor.of(Shape.of(1), 3f)));
    net.graph.addOutput(version);
    return net.output(ops.neg(net.x(1, 3)));
  }

  private Value firstSample() {
    return ops.gather(net.x(1, 3, 4), ops.scalar(DataType.INT64, 0), 0);
  }

  private Value meanOfAll() {
    Value x = net.x(1, 3);
    return ops.sub(x, ops.reduceMean(x, new long[] {0}, true));
  }

  /** A cumulative sum sees other samples, but no rule knows it. */
  private Value largestOfAll() {
    return ops.call("CumSum", net.x(1, 3), ops.scalar(DataType.INT64, 0));
  }
}

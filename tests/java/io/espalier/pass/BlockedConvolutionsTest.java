package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.runtime.BlockedLayout;
import io.espalier.runtime.SessionOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockedConvolutionsTest {
  private static final Map<String, Attribute> UNEVEN =
      Map.of("pads", Attribute.of(0, 1, 2, 1), "dilations", Attribute.of(1, 2));

  private final long block = BlockedLayout.channels(SessionOptions.DEFAULT);
  private final Net net = new Net();
  private final Value x = net.x(0, 2 * block, 9, 8);
  private final Value w = net.input("w", DataType.FLOAT, 3 * block, 2 * block, 3, 2);

  @BeforeEach
  void needsBlocks() {
    assumeTrue(block > 0, "onnxruntime has no blocked layout on this processor");
  }

  /** Rewrites the convolutions and expects the same of the model. */
  private void rewrites(int expected, Value y) {
    Model model = net.output(y);
    Map<String, Tensor> feeds =
        Map.of(
            "x", net.tensor(5, 2 * block, 9, 8),
            "w", net.tensor(3 * block, 2 * block, 3, 2));
    double[] before = Net.numbers(Net.run(model, y, feeds));
    int changes = new BlockedConvolutions(block, Net.ENGINE.types(model)).run(model).changes();
    assertEquals(expected, changes);
    assertArrayEquals(
        before, Net.numbers(Net.run(model, model.graph().outputs().get(0), feeds)), 1e-3);
  }

  @Test
  void convolvesTheSame() {
    Value strided = net.ops.call("Conv", Map.of("strides", Attribute.of(2, 1)), x, w);
    Value biased = net.ops.call("Conv", UNEVEN, x, w, net.weight("b", 3 * block));
    rewrites(2, net.ops.add(net.ops.reduceMean(strided, new long[] {2, 3}, true), biased));
  }

  @Test
  void takesTheActivationAlong() {
    rewrites(1, net.ops.call("Relu", net.ops.call("Conv", UNEVEN, x, w)));
    assertEquals(0, net.graph.nodes().stream().filter(node -> node.is("Relu")).count());
  }

  @Test
  void leavesWhatDoesNotFit() {
    Value constant = net.ops.call("Conv", x, net.weight("c", 3 * block, 2 * block, 3, 2));
    Value odd = net.ops.call("Conv", x, net.ops.pad(w, net.ops.ints(0, 1), net.ops.ints(0)));
    rewrites(0, net.ops.concat(1, List.of(constant, odd)));
  }
}

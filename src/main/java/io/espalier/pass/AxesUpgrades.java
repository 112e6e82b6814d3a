package io.espalier.pass;

import static io.espalier.pass.OperatorChange.since;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Operators whose attributes became inputs: axes, sizes, bounds. */
final class AxesUpgrades {
  static final List<OperatorChange> CHANGES =
      Stream.concat(
              reductions(),
              Stream.of(
                  since(13, "ReduceSum", AxesUpgrades::axes),
                  since(13, "Squeeze", AxesUpgrades::axes),
                  since(13, "Unsqueeze", AxesUpgrades::axes),
                  since(10, "Slice", AxesUpgrades::slice),
                  since(13, "Split", AxesUpgrades::splitSizes),
                  since(18, "Split", AxesUpgrades::splitCount),
                  since(2, "Pad", AxesUpgrades::paddings),
                  since(11, "Pad", AxesUpgrades::pad),
                  since(10, "TopK", AxesUpgrades::topK),
                  since(5, "Reshape", u -> u.setInput(1, u.ops().ints(u.takeInts("shape")))),
                  since(11, "Clip", AxesUpgrades::clip),
                  since(20, "DFT", AxesUpgrades::dft)))
          .toList();

  private AxesUpgrades() {}

  private static Stream<OperatorChange> reductions() {
    return Stream.of("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare")
        .map(kind -> since(18, "Reduce" + kind, AxesUpgrades::axes));
  }

  private static void axes(Upgrade u) {
    if (u.has("axes")) {
      u.setInput(1, u.ops().ints(u.takeInts("axes")));
    }
  }

  private static void slice(Upgrade u) {
    long[] starts = u.takeInts("starts");
    long[] ends = u.takeInts("ends");
    long[] axes = u.has("axes") ? u.takeInts("axes") : LongStream.range(0, starts.length).toArray();
    u.setInput(1, u.ops().ints(starts));
    u.setInput(2, u.ops().ints(ends));
    u.setInput(3, u.ops().ints(axes));
  }

  private static void splitSizes(Upgrade u) {
    if (u.has("split")) {
      u.setInput(1, u.ops().ints(u.takeInts("split")));
    }
  }

  private static void splitCount(Upgrade u) {
    if (u.node().input(1).isEmpty()) {
      u.node().setAttribute("num_outputs", Attribute.of(u.node().outputs().size()));
    }
  }

  private static void paddings(Upgrade u) {
    if (u.has("paddings")) {
      u.node().setAttribute("pads", Attribute.of(u.takeInts("paddings")));
    }
  }

  private static void pad(Upgrade u) {
    long[] pads = u.takeInts("pads");
    float value = u.takeFloat("value", 0);
    u.setInput(1, u.ops().ints(pads));
    if (value != 0) {
      u.setInput(2, u.ops().scalar(u.dataType(u.x()), value));
    }
  }

  private static void topK(Upgrade u) {
    if (!u.has("k")) {
      throw u.refuse("expected an attribute 'k'");
    }
    u.setInput(1, u.ops().ints(u.takeInt("k", 0)));
  }

  /** Bounds that are not given stay absent: the kernel takes the ends of the type's range. */
  private static void clip(Upgrade u) {
    DataType dataType = u.dataType(u.x());
    for (String bound : List.of("min", "max")) {
      if (u.has(bound)) {
        Value number = u.ops().scalar(dataType, u.takeFloat(bound, 0));
        u.setInput(bound.equals("min") ? 1 : 2, number);
      }
    }
  }

  private static void dft(Upgrade u) {
    long axis = u.takeInt("axis", 1);
    u.setInput(2, u.ops().constant(ArrayTensor.of(Shape.of(), axis)));
  }
}

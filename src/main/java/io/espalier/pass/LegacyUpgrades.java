package io.espalier.pass;

import static io.espalier.pass.OperatorChange.since;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** Operators that were only ever experimental, and ended with opset 10. */
final class LegacyUpgrades {
  static final List<OperatorChange> CHANGES =
      List.of(
          since(10, "Affine", LegacyUpgrades::affine),
          since(10, "ConstantFill", LegacyUpgrades::constantFill),
          since(10, "Crop", LegacyUpgrades::crop),
          since(10, "DynamicSlice", u -> ShapeUpgrades.rename(u, "Slice")),
          since(10, "ImageScaler", LegacyUpgrades::imageScaler),
          since(10, "ParametricSoftplus", LegacyUpgrades::parametricSoftplus),
          since(10, "Scale", u -> scaled(u, u.takeFloat("scale", 1), u.x())),
          since(10, "ScaledTanh", LegacyUpgrades::scaledTanh));

  private LegacyUpgrades() {}

  /** factor x. */
  private static void scaled(Upgrade u, float factor, Value x) {
    Value number = u.number(factor);
    u.become("Mul", x, number);
  }

  /** alpha x + beta. */
  private static void affine(Upgrade u) {
    Value product = u.ops().mul(u.x(), u.number(u.takeFloat("alpha", 1)));
    Value beta = u.number(u.takeFloat("beta", 0));
    u.become("Add", product, beta);
  }

  /** scale x, and a bias for each channel. */
  private static void imageScaler(Upgrade u) {
    float[] biases = u.takeFloats("bias");
    Value product = u.ops().mul(u.x(), u.number(u.takeFloat("scale", 1)));
    Shape perChannel = Shape.of(biases.length, 1, 1);
    Value bias = u.ops().constant(Elements.tensor(u.dataType(u.x()), perChannel, i -> biases[i]));
    u.become("Add", product, bias);
  }

  /** alpha tanh(beta x). */
  private static void scaledTanh(Upgrade u) {
    Value inner = u.ops().mul(u.x(), u.number(u.takeFloat("beta", 1)));
    scaled(u, u.takeFloat("alpha", 1), u.ops().call("Tanh", inner));
  }

  /** alpha ln(1 + exp(beta x)). */
  private static void parametricSoftplus(Upgrade u) {
    Value inner = u.ops().mul(u.x(), u.number(u.takeFloat("beta", 1)));
    scaled(u, u.takeFloat("alpha", 1), u.ops().call("Softplus", inner));
  }

  /** A border, left top right bottom, is cut off; with a scale, what remains has that size. */
  private static void crop(Upgrade u) {
    long[] border = u.takeInts("border");
    if (border.length != 4) {
      throw u.refuse("expected a border of 4 numbers");
    }
    Value x = u.x();
    Ops ops = u.ops();
    Value starts = ops.ints(border[1], border[0]);
    Value ends;
    if (u.has("scale")) {
      long[] size = u.takeInts("scale");
      ends = ops.ints(border[1] + size[0], border[0] + size[1]);
    } else {
      ends = ops.ints(beforeEnd(border[3]), beforeEnd(border[2]));
    }
    u.become("Slice", x, starts, ends, ops.ints(2, 3));
  }

  /** Where a slice ends that leaves out so many elements. */
  private static long beforeEnd(long elements) {
    return elements == 0 ? Long.MAX_VALUE : -elements;
  }

  private static void constantFill(Upgrade u) {
    DataType type = DataType.of((int) u.takeInt("dtype", DataType.FLOAT.code()));
    float value = u.takeFloat("value", 0);
    Value shape;
    if (u.takeInt("input_as_shape", 0) != 0) {
      shape = u.x();
    } else {
      shape = u.has("shape") ? u.ops().ints(u.takeInts("shape")) : u.ops().shape(u.x());
    }
    if (u.has("extra_shape")) {
      shape = u.ops().concat(0, List.of(shape, u.ops().ints(u.takeInts("extra_shape"))));
    }
    ArrayTensor filling = Elements.tensor(type, Shape.of(1), i -> value);
    Map<String, Attribute> attributes = Map.of("value", Attribute.of(filling));
    u.become("ConstantOfShape", shape);
    attributes.forEach(u.node()::setAttribute);
  }
}

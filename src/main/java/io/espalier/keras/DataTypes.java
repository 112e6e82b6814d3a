package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.UnsupportedModelException;
import java.util.Optional;

/** Keras' names of element types. */
final class DataTypes {
  private DataTypes() {}

  /**
   * The name in a configuration: a text, or a policy of Keras 2 or 3, whose computations count;
   * "float32" where nothing is said.
   */
  static String nameOf(Optional<Json> dtype) {
    if (dtype.isEmpty()) {
      return "float32";
    }
    Json said = dtype.get();
    String name =
        said.isText()
            ? said.text()
            : said.find("config").map(policy -> policy.text("name", "float32")).orElse("float32");
    return name;
  }

  /**
   * The type that a layer of this policy computes in here. With {@code mixed_float16} and {@code
   * mixed_bfloat16} the variables are float32, and so are the computations; bfloat16, which
   * onnxruntime does not compute in on a CPU, becomes float32 too.
   */
  static DataType computed(String policy) {
    return switch (policy) {
      case "float64" -> DataType.DOUBLE;
      case "float16" -> DataType.FLOAT16;
      default -> DataType.FLOAT;
    };
  }

  /** The type of an input, or the one that something is cast to. */
  static DataType of(String name) {
    return switch (name) {
      case "float32", "bfloat16", "mixed_float16", "mixed_bfloat16", "float" -> DataType.FLOAT;
      case "float64", "double" -> DataType.DOUBLE;
      case "float16", "half" -> DataType.FLOAT16;
      case "int8" -> DataType.INT8;
      case "uint8" -> DataType.UINT8;
      case "int16" -> DataType.INT16;
      case "uint16" -> DataType.UINT16;
      case "int32" -> DataType.INT32;
      case "uint32" -> DataType.UINT32;
      case "int64" -> DataType.INT64;
      case "bool" -> DataType.BOOL;
      case "string" -> DataType.STRING;
      default -> throw new UnsupportedModelException("element type '" + name + "' is not known");
    };
  }
}

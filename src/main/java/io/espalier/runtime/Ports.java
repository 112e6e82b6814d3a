package io.espalier.runtime;

import ai.onnxruntime.MapInfo;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.ValueInfo;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import java.util.ArrayList;
import java.util.List;

/** Reads onnxruntime's descriptions of types. */
final class Ports {
  private static final String TYPE_PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

  private Ports() {}

  /** The port of that name; {@code info} is null where onnxruntime has no description. */
  static Port of(String name, NodeInfo info) {
    ValueInfo value = info == null ? null : info.getInfo();
    if (value instanceof TensorInfo tensor) {
      return new Port(name, Port.Kind.TENSOR, dataType(tensor), dims(tensor));
    }
    Port.Kind kind =
        value instanceof SequenceInfo
            ? Port.Kind.SEQUENCE
            : value instanceof MapInfo ? Port.Kind.MAP : Port.Kind.OTHER;
    return new Port(name, kind, DataType.UNDEFINED, List.of());
  }

  /** The element type; onnxruntime numbers types as it likes, but names them as ONNX does. */
  static DataType dataType(TensorInfo info) {
    if (info.onnxType == null) {
      return DataType.UNDEFINED;
    }
    String name = info.onnxType.name().substring(TYPE_PREFIX.length());
    try {
      return DataType.valueOf(name);
    } catch (IllegalArgumentException e) {
      return DataType.UNDEFINED;
    }
  }

  private static List<Dim> dims(TensorInfo info) {
    long[] shape = info.getShape();
    String[] names = info.getDimensionNames();
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      boolean named = names != null && axis < names.length && !names[axis].isEmpty();
      if (shape[axis] >= 0) {
        dims.add(new Dim.Known(shape[axis]));
      } else {
        dims.add(named ? new Dim.Symbol(names[axis]) : new Dim.Unknown());
      }
    }
    return dims;
  }
}

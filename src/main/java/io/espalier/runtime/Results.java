package io.espalier.runtime;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Copies what a run gave into Java memory. */
final class Results {
  private Results() {}

  static Map<String, Datum> read(OrtSession.Result result) throws OrtException {
    Map<String, Datum> outputs = new LinkedHashMap<>();
    for (Map.Entry<String, OnnxValue> output : result) {
      outputs.put(output.getKey(), read(output.getValue()));
    }
    return outputs;
  }

  private static Datum read(OnnxValue value) throws OrtException {
    if (value == null) {
      return Datum.Opaque.UNREADABLE;
    }
    if (value instanceof OnnxTensor tensor) {
      return tensor(tensor);
    }
    if (value instanceof OnnxSequence sequence) {
      return sequence(sequence);
    }
    if (value instanceof OnnxMap map) {
      return mapping(map);
    }
    return Datum.Opaque.UNREADABLE;
  }

  private static Datum tensor(OnnxTensor tensor) throws OrtException {
    Shape shape = Shape.of(tensor.getInfo().getShape());
    DataType type = Ports.dataType(tensor.getInfo());
    if (type == DataType.STRING) {
      List<String> words = new ArrayList<>();
      flatten(tensor.getValue(), words);
      return new Datum.Words(shape, words);
    }
    if (type == DataType.UNDEFINED || type.byteSize(shape.elements()) > Integer.MAX_VALUE - 8) {
      return new Datum.Opaque("a tensor of " + type + ", " + shape);
    }
    return new Datum.Numbers(new ArrayTensor(type, shape, tensor.getByteBuffer()));
  }

  private static void flatten(Object nested, List<String> into) {
    if (nested instanceof Object[] array) {
      Arrays.stream(array).forEach(element -> flatten(element, into));
    } else {
      into.add(String.valueOf(nested));
    }
  }

  private static Datum sequence(OnnxSequence sequence) throws OrtException {
    List<? extends OnnxValue> elements = sequence.getValue();
    try {
      List<Datum> copies = new ArrayList<>();
      for (OnnxValue element : elements) {
        copies.add(read(element));
      }
      return new Datum.Sequence(copies);
    } finally {
      elements.forEach(OnnxValue::close);
    }
  }

  private static Datum mapping(OnnxMap map) throws OrtException {
    Map<Object, Object> sorted = new TreeMap<>(map.getValue());
    List<String> keys = sorted.keySet().stream().map(String::valueOf).toList();
    Shape shape = Shape.of(sorted.size());
    if (sorted.values().stream().anyMatch(String.class::isInstance)) {
      List<String> words = sorted.values().stream().map(String::valueOf).toList();
      return new Datum.Mapping(keys, new Datum.Words(shape, words));
    }
    List<Double> numbers =
        sorted.values().stream().map(number -> ((Number) number).doubleValue()).toList();
    return new Datum.Mapping(keys, Datum.of(Elements.tensor(DataType.DOUBLE, shape, numbers::get)));
  }
}

package io.espalier.keras;

import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's indexing of tensors: {@code x[:, -1]}, {@code x[..., 1:3]}. */
final class Slicing {
  private Slicing() {}

  /** One index: a single element, or from, to, step, each of which may be absent. */
  private record Index(Optional<Long> at, Optional<Long> from, Optional<Long> to, long step) {}

  static KerasTensor emit(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor x = layer.asPlain(call.x());
    Json key =
        call.setting(1, "key", "slice_spec")
            .orElseThrow(() -> layer.malformed("expected the key of an index"));
    List<Json> parts = key.isList() || isTuple(key) ? key.items() : List.of(key);
    List<Index> indices = new ArrayList<>();
    for (Json part : parts) {
      if (isEllipsis(part)) {
        while (indices.size() < x.rank() - (parts.size() - 1 - parts.indexOf(part))) {
          indices.add(new Index(Optional.empty(), Optional.empty(), Optional.empty(), 1));
        }
      } else {
        indices.add(index(layer, part));
      }
    }
    return emit(layer, x, indices);
  }

  private static boolean isTuple(Json key) {
    return key.isObject() && key.text("class_name", "").equals("__tuple__");
  }

  private static boolean isEllipsis(Json part) {
    return part.isText() && part.text().equals("...")
        || part.isObject() && part.text("class_name", "").equals("__ellipsis__");
  }

  private static Index index(LayerContext layer, Json part) {
    if (part.isNumber()) {
      return new Index(Optional.of(part.integer()), Optional.empty(), Optional.empty(), 1);
    }
    if (!part.isObject()) {
      throw layer.unsupported("an index by " + part + " is not imported");
    }
    Json said = part.find("config").filter(Json::isObject).orElse(part);
    return new Index(
        Optional.empty(),
        said.find("start").map(Json::integer),
        said.find("stop").map(Json::integer),
        said.integer("step", 1));
  }

  private static KerasTensor emit(LayerContext layer, KerasTensor x, List<Index> indices) {
    List<Long> starts = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    List<Long> axes = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    List<Long> gone = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      Index index = axis < indices.size() ? indices.get(axis) : null;
      boolean whole =
          index == null
              || index.at().isEmpty()
                  && index.from().isEmpty()
                  && index.to().isEmpty()
                  && index.step() == 1;
      if (whole) {
        dims.add(x.dim(axis));
        continue;
      }
      long last = index.step() > 0 ? Integer.MAX_VALUE : -Integer.MAX_VALUE;
      long first = index.step() > 0 ? 0 : -1;
      long start = index.at().orElse(index.from().orElse(first));
      long end = index.at().isPresent() ? start == -1 ? last : start + 1 : index.to().orElse(last);
      starts.add(start);
      ends.add(end);
      axes.add((long) axis);
      steps.add(index.step());
      if (index.at().isPresent()) {
        gone.add((long) axis);
      } else {
        dims.add(length(x.dim(axis), start, end, index.step()));
      }
    }
    Value y =
        axes.isEmpty()
            ? x.value()
            : layer.ops().slice(x.value(), longs(starts), longs(ends), longs(axes), longs(steps));
    y = gone.isEmpty() ? y : layer.ops().squeeze(y, longs(gone));
    return KerasTensor.plain(y, x.type(), longs(dims));
  }

  private static long length(long size, long start, long end, long step) {
    if (size < 0) {
      return -1;
    }
    long low = step > 0 ? 0 : -1;
    long high = step > 0 ? size : size - 1;
    long from = Math.max(low, Math.min(high, start < 0 ? start + size : start));
    long to = Math.max(low, Math.min(high, end < 0 ? end + size : end));
    return Math.max(0, step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step);
  }

  private static long[] longs(List<Long> numbers) {
    return numbers.stream().mapToLong(number -> number).toArray();
  }
}

package io.espalier.keras;

import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's indexing of tensors: {@code x[:, -1]}, {@code x[..., 1:3]}. */
final class Slicing {
  private Slicing() {}

  /** One index: a single element, or from, to, step, each of which may be absent. */
  private record Index(Optional<Long> at, Optional<Long> from, Optional<Long> to, long step) {
    static final Index WHOLE = new Index(Optional.empty(), Optional.empty(), Optional.empty(), 1);

    /** An axis of size 1 that the tensor has not. */
    static final Index NEW = new Index(Optional.empty(), Optional.empty(), Optional.empty(), 0);

    static Index at(long index) {
      return new Index(Optional.of(index), Optional.empty(), Optional.empty(), 1);
    }
  }

  static KerasTensor emit(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor x = layer.asPlain(call.x());
    if (call.setting(-1, "begin").isPresent()) {
      return strided(call, x);
    }
    Json key =
        call.setting(1, "key", "slice_spec")
            .orElseThrow(() -> layer.malformed("expected the key of an index"));
    List<Json> parts = key.isList() || isTuple(key) ? key.items() : List.of(key);
    List<Index> indices = new ArrayList<>();
    long taken = parts.stream().filter(part -> !isEllipsis(part) && !part.isNull()).count();
    for (Json part : parts) {
      if (isEllipsis(part)) {
        for (long i = taken; i < x.rank(); i++) {
          indices.add(Index.WHOLE);
        }
      } else {
        indices.add(part.isNull() ? Index.NEW : index(layer, part));
      }
    }
    return emit(layer, x, indices);
  }

  /** TensorFlow's own form: three rows of numbers, and bits that say which of them count. */
  private static KerasTensor strided(OperationCall call, KerasTensor x) {
    long[] begin = call.setting(-1, "begin").orElseThrow().integers();
    long[] end = numbers(call, "end", begin.length);
    long[] strides = numbers(call, "strides", begin.length);
    long ellipsis = bits(call, "ellipsis_mask");
    long fresh = bits(call, "new_axis_mask");
    long single = bits(call, "shrink_axis_mask");
    List<Index> indices = new ArrayList<>();
    for (int i = 0; i < begin.length; i++) {
      if (has(ellipsis, i)) {
        long taken = begin.length - 1 - Long.bitCount(fresh & ~(1L << i));
        for (long axis = taken; axis < x.rank(); axis++) {
          indices.add(Index.WHOLE);
        }
      } else if (has(fresh, i)) {
        indices.add(Index.NEW);
      } else if (has(single, i)) {
        indices.add(Index.at(begin[i]));
      } else {
        boolean fromStart = has(bits(call, "begin_mask"), i);
        boolean toEnd = has(bits(call, "end_mask"), i);
        indices.add(
            new Index(
                Optional.empty(),
                fromStart ? Optional.empty() : Optional.of(begin[i]),
                toEnd ? Optional.empty() : Optional.of(end[i]),
                strides[i]));
      }
    }
    return emit(call.layer(), x, indices);
  }

  private static long[] numbers(OperationCall call, String name, int count) {
    long[] numbers =
        call.setting(-1, name)
            .orElseThrow(() -> call.layer().unsupported("an index that is computed"))
            .integers();
    if (numbers.length != count) {
      throw call.layer().malformed(name + ": expected " + count + " numbers");
    }
    return numbers;
  }

  private static long bits(OperationCall call, String name) {
    return call.setting(-1, name).map(Json::integer).orElse(0L);
  }

  private static boolean has(long bits, int at) {
    return at < 32 && (bits >> at & 1) != 0;
  }

  private static boolean isTuple(Json key) {
    return key.isObject() && key.text("class_name", "").equals("__tuple__");
  }

  private static boolean isEllipsis(Json part) {
    return part.isText() && part.text().equals("...")
        || part.isObject() && part.text("class_name", "").equals("__ellipsis__");
  }

  private static boolean hasTensors(Json part) {
    return List.of("start", "stop", "step").stream()
        .anyMatch(key -> part.find(key).filter(Json::isList).isPresent());
  }

  private static Index index(LayerContext layer, Json part) {
    if (part.isNumber()) {
      return Index.at(part.integer());
    }
    if (!part.isObject() || part.has("keras_history") || hasTensors(part)) {
      throw layer.unsupported("an index by " + part + " is not imported");
    }
    Json said = part.find("config").filter(Json::isObject).orElse(part);
    if (said.integer("step", 1) == 0) {
      throw said.unexpected("a step that is not 0");
    }
    return new Index(
        Optional.empty(),
        said.find("start").map(Json::integer),
        said.find("stop").map(Json::integer),
        said.integer("step", 1));
  }

  private static KerasTensor emit(LayerContext layer, KerasTensor x, List<Index> said) {
    List<Index> indices = said.stream().filter(index -> index != Index.NEW).toList();
    if (indices.size() > x.rank()) {
      throw layer.malformed("more indices than axes of " + x.shapeText());
    }
    List<Long> starts = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    List<Long> axes = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    List<Long> gone = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      Index index = axis < indices.size() ? indices.get(axis) : Index.WHOLE;
      if (index.equals(Index.WHOLE)) {
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
    KerasTensor sliced = KerasTensor.plain(y, x.type(), longs(dims));
    keepContents(layer, x, sliced, starts, steps);
    return said.contains(Index.NEW) ? withNewAxes(layer, sliced, said) : sliced;
  }

  /** What is known of a shape of which a part is taken. */
  private static void keepContents(
      LayerContext layer, KerasTensor x, KerasTensor y, List<Long> starts, List<Long> steps) {
    long[] known = layer.draft().contents(x);
    if (known == null || starts.size() != 1) {
      return;
    }
    int count = y.rank() == 0 ? 1 : Math.toIntExact(y.dim(0));
    long start = starts.get(0) < 0 ? starts.get(0) + known.length : starts.get(0);
    long[] part = new long[count];
    for (int i = 0; i < count; i++) {
      int at = Math.toIntExact(start + i * steps.get(0));
      part[i] = at >= 0 && at < known.length ? known[at] : -1;
    }
    layer.draft().holds(y.value(), part);
  }

  private static KerasTensor withNewAxes(LayerContext layer, KerasTensor x, List<Index> said) {
    List<Long> fresh = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    int from = 0;
    for (Index index : said) {
      if (index == Index.NEW) {
        fresh.add((long) dims.size());
        dims.add(1L);
      } else if (index.at().isEmpty()) {
        dims.add(x.dim(from++));
      }
    }
    while (from < x.rank()) {
      dims.add(x.dim(from++));
    }
    return KerasTensor.plain(layer.ops().unsqueeze(x.value(), longs(fresh)), x.type(), longs(dims));
  }

  private static long length(long size, long start, long end, long step) {
    if (size < 0) {
      return -1;
    }
    if (step == 0) {
      throw new IllegalArgumentException("a step of 0");
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

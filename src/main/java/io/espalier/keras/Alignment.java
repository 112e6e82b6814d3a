package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tensors brought to one rank, layout and type, so that they can be put together element by
 * element.
 */
record Alignment(List<Value> values, List<long[]> dims, Layout layout, DataType type) {

  /** Aligns tensors; those of a lower rank get axes of size 1 behind the batch, as Keras does. */
  static Alignment of(LayerContext layer, List<KerasTensor> inputs) {
    int rank = inputs.stream().mapToInt(KerasTensor::rank).max().orElseThrow();
    DataType type = type(inputs);
    List<KerasTensor> equal = new ArrayList<>();
    for (KerasTensor input : inputs) {
      KerasTensor typed = layer.draft().cast(input, type, layer.ops());
      equal.add(typed.rank() == rank ? typed : raised(layer, typed, rank, 1));
    }
    return ofOneRank(layer, equal, type);
  }

  /** Aligns tensors by numpy's rules: those of a lower rank get axes in front. */
  static Alignment likeNumpy(LayerContext layer, List<KerasTensor> inputs) {
    int rank = inputs.stream().mapToInt(KerasTensor::rank).max().orElseThrow();
    DataType type = type(inputs);
    List<KerasTensor> equal = new ArrayList<>();
    for (KerasTensor input : inputs) {
      KerasTensor typed = layer.draft().cast(input, type, layer.ops());
      equal.add(typed.rank() == rank ? typed : raised(layer, typed, rank, 0));
    }
    return ofOneRank(layer, equal, type);
  }

  private static Alignment ofOneRank(LayerContext layer, List<KerasTensor> equal, DataType type) {
    Layout layout = layout(equal);
    List<Value> values = equal.stream().map(x -> arranged(layer, x, layout)).toList();
    return new Alignment(values, equal.stream().map(KerasTensor::dims).toList(), layout, type);
  }

  private static Value arranged(LayerContext layer, KerasTensor x, Layout layout) {
    return x.layout().sameAs(layout) ? x.value() : layer.arranged(x, layout);
  }

  private static DataType type(List<KerasTensor> inputs) {
    return inputs.stream()
        .map(KerasTensor::type)
        .reduce((a, b) -> rank(a) >= rank(b) ? a : b)
        .orElseThrow();
  }

  private static int rank(DataType type) {
    return switch (type) {
      case DOUBLE -> 5;
      case FLOAT -> 4;
      case FLOAT16 -> 3;
      case INT64 -> 2;
      case BOOL -> 0;
      default -> 1;
    };
  }

  private static KerasTensor raised(LayerContext layer, KerasTensor x, int rank, int at) {
    int more = rank - x.rank();
    long[] axes = new long[more];
    long[] dims = new long[rank];
    System.arraycopy(x.dims(), 0, dims, 0, at);
    System.arraycopy(x.dims(), at, dims, at + more, x.rank() - at);
    for (int i = 0; i < more; i++) {
      axes[i] = at + i;
      dims[at + i] = 1;
    }
    return KerasTensor.plain(layer.ops().unsqueeze(layer.plain(x), axes), x.type(), dims);
  }

  /** The layout that most elements have already; never a flat one, unless all have that. */
  private static Layout layout(List<KerasTensor> tensors) {
    KerasTensor first = tensors.get(0);
    if (tensors.stream().allMatch(x -> x.layout().sameAs(first.layout()))) {
      return first.layout();
    }
    KerasTensor largest = null;
    for (KerasTensor x : tensors) {
      boolean usable = !x.layout().isFlat() && !x.layout().isPlain();
      if (usable && (largest == null || ones(x) < ones(largest))) {
        largest = x;
      }
    }
    return largest == null ? Layout.plain(first.rank()) : largest.layout();
  }

  private static long ones(KerasTensor x) {
    return Arrays.stream(x.dims()).filter(dim -> dim == 1).count();
  }

  /** The dimensions of the elementwise result. */
  long[] broadcast() {
    long[] result = dims.get(0).clone();
    for (long[] other : dims) {
      for (int axis = 0; axis < result.length; axis++) {
        if (result[axis] == 1 || result[axis] < 0 && other[axis] > 1) {
          result[axis] = other[axis];
        } else if (other[axis] > 1 && result[axis] > 1 && other[axis] != result[axis]) {
          throw new IllegalArgumentException(
              "dimensions "
                  + KerasTensor.dimsText(result)
                  + " and "
                  + KerasTensor.dimsText(other)
                  + " do not go together");
        }
      }
    }
    return result;
  }

  /** A result of the operands' layout. */
  KerasTensor result(Value value) {
    return new KerasTensor(value, type, broadcast(), layout, null);
  }
}

package io.espalier.storage;

import io.espalier.graph.Tensor;

/** A code for every element, zeros included, and the table of the values. Decoded by Gather. */
record CodesEncoding(int elements, ValueCode values) implements Encoding {
  @Override
  public String name() {
    return values.name();
  }

  @Override
  public long byteSize() {
    return values.byteSize(elements);
  }

  @Override
  public int nodes() {
    return values.nodes(elements) + 1;
  }

  @Override
  public int parts() {
    return values.parts();
  }

  @Override
  public long opset() {
    return values.opset();
  }

  @Override
  public long scratchBytes() {
    return values.scratchBytes(elements) - (long) values.width() * elements;
  }

  @Override
  public Decoding encode(Tensor tensor) {
    Laying laying = new Laying(values.column(tensor.dataType(), elements));
    Cells.forEachNonzero(tensor, laying);
    laying.zerosUpTo(elements);
    return (nodes, weight) -> {
      nodes.begin(weight);
      nodes.finish(laying.column.write(nodes, tensor.shape()));
    };
  }

  /** Lays down one element after the other. */
  private static final class Laying implements Cells.Sink {
    private final ValueCode.Column column;
    private long next;

    Laying(ValueCode.Column column) {
      this.column = column;
    }

    @Override
    public void accept(long index, long bits) {
      zerosUpTo(index);
      column.add(index, bits);
      next = index + 1;
    }

    void zerosUpTo(long end) {
      for (; next < end; next++) {
        column.add(next, 0);
      }
    }
  }
}

package io.espalier.graph;

/** One dimension of a value's declared type. */
public sealed interface Dim {
  /** A size that is known. */
  record Known(long size) implements Dim {
    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /** A size that is named ({@code dim_param}); equal names are equal sizes. */
  record Symbol(String name) implements Dim {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A size of which nothing is said. */
  record Unknown() implements Dim {
    @Override
    public String toString() {
      return "?";
    }
  }
}

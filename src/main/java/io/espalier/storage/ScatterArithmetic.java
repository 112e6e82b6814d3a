package io.espalier.storage;

import static io.espalier.storage.WeightArithmetic.integers;
import static io.espalier.storage.WeightArithmetic.require;

import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** What ScatterElements and ScatterND do, for {@link WeightArithmetic}. */
final class ScatterArithmetic {
  private final Tensor data;
  private final ByteBuffer result;
  private final BitSet written = new BitSet();

  /**
   * Puts updates into data.
   *
   * @param room for a copy of the data
   */
  private ScatterArithmetic(ByteBuffer room, Tensor... inputs) {
    this.data = inputs[0];
    this.result = room.put(data.bytes());
    require(inputs[2].dataType() == data.dataType(), "values of type " + data.dataType());
  }

  /** ScatterND: whole slices, each index as long as the axes that it names. */
  static ByteBuffer slices(ByteBuffer room, Tensor... inputs) {
    ScatterArithmetic scatter = new ScatterArithmetic(room, inputs);
    Shape shape = inputs[0].shape();
    Shape shapeOfIndices = inputs[1].shape();
    int axes = (int) shapeOfIndices.dim(shapeOfIndices.rank() - 1);
    require(axes >= 1 && axes <= shape.rank(), "whole indices");
    long slice = shape.elements(axes, shape.rank());
    long[] indices = integers(inputs[1]);
    require(
        indices.length / axes * slice == inputs[2].shape().elements(), "an index for each value");
    int width = inputs[0].dataType().bits() / 8;
    byte[] updates = WeightArithmetic.bytes(inputs[2]);
    int size = Math.toIntExact(slice * width);
    for (int i = 0; i < indices.length / axes; i++) {
      int position = 0;
      for (int axis = 0; axis < axes; axis++) {
        position = scatter.inside(position, axis, indices[i * axes + axis]);
      }
      scatter.put(position, updates, i, size);
    }
    return scatter.result.flip();
  }

  /** ScatterElements along any axis, with as many indices as elements in the others. */
  static ByteBuffer elements(ByteBuffer room, int axis, Tensor... inputs) {
    ScatterArithmetic scatter = new ScatterArithmetic(room, inputs);
    Shape shape = inputs[0].shape();
    require(axis >= 0 && axis < shape.rank(), "an axis below " + shape.rank());
    long[] indices = integers(inputs[1]);
    long[] dims = shape.dims();
    require(inputs[1].shape().rank() == shape.rank(), "as many axes");
    dims[axis] = inputs[1].shape().dim(axis);
    require(inputs[1].shape().equals(Shape.of(dims)), "all of the other axes");
    require(inputs[2].shape().equals(inputs[1].shape()), "an index for each value");
    int width = inputs[0].dataType().bits() / 8;
    byte[] updates = WeightArithmetic.bytes(inputs[2]);
    long inner = shape.elements(axis + 1, shape.rank());
    for (int i = 0; i < indices.length; i++) {
      int outer = (int) (i / inner / dims[axis]);
      int line = scatter.inside(outer, axis, indices[i]);
      scatter.put(Math.toIntExact(line * inner + i % inner), updates, i, width);
    }
    return scatter.result.flip();
  }

  private int inside(int position, int axis, long index) {
    long dim = data.shape().dim(axis);
    require(index >= 0 && index < dim, "positions inside of " + data.shape() + ", got " + index);
    return Math.toIntExact(position * dim + index);
  }

  private void put(int position, byte[] updates, int update, int size) {
    require(!written.get(position), "each position once, got " + position + " twice");
    written.set(position);
    result.put(position * size, updates, update * size, size);
  }
}

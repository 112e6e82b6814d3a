package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.storage.StorageOptions.Form;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that were pruned in blocks, or N of M: found, and laid down in fewer bytes. */
class StructuredEncodingTest {
  private final Random random = new Random(7);

  /** N of M along an axis. */
  private Tensor groups(int n, int m, int axis, int values, Shape shape) {
    long inner = shape.elements(axis + 1, shape.rank());
    Map<Long, Integer> kept = new HashMap<>();
    List<Long> places = new ArrayList<>();
    for (long i = 0; i < shape.elements(); i++) {
      places.add(i);
    }
    Collections.shuffle(places, random);
    ByteBuffer elements = room(shape);
    for (long place : places) {
      long group = place / inner / m * inner + place % inner;
      if (kept.merge(group, 1, Integer::sum) <= n) {
        elements.putFloat((int) (4 * place), value(values));
      }
    }
    return new ArrayTensor(DataType.FLOAT, shape, elements);
  }

  /** Blocks of a matrix whose columns are all axes but the first. */
  private Tensor blocks(int high, int wide, double sparsity, int values, Shape shape) {
    long columns = shape.elements(1, shape.rank());
    Map<Long, Boolean> kept = new HashMap<>();
    ByteBuffer elements = room(shape);
    for (int i = 0; i < shape.elements(); i++) {
      long block = i / columns / high * columns + i % columns / wide;
      if (kept.computeIfAbsent(block, absent -> random.nextDouble() >= sparsity)) {
        elements.putFloat(4 * i, value(values));
      }
    }
    return new ArrayTensor(DataType.FLOAT, shape, elements);
  }

  /** 2:4 along the rows of a matrix. */
  static Tensor twoOfFour(long rows, long columns) {
    return new StructuredEncodingTest().groups(2, 4, 1, 0, Shape.of(rows, columns));
  }

  /** Blocks of 2x5. */
  static Tensor someBlocks(long rows, long columns) {
    return new StructuredEncodingTest().blocks(2, 5, 0.7, 0, Shape.of(rows, columns));
  }

  private static ByteBuffer room(Shape shape) {
    return ByteBuffer.allocate((int) (4 * shape.elements())).order(ByteOrder.LITTLE_ENDIAN);
  }

  private float value(int values) {
    return values == 0 ? (float) random.nextGaussian() : 0.5f + random.nextInt(values);
  }

  private static Shape shape(String text) {
    return Shape.of(Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray());
  }

  private static List<Encoding> of(
      Class<? extends Encoding> kind, Tensor tensor, boolean packed, long opset) {
    List<Encoding> found =
        Encodings.of(Survey.of(tensor), Form.PACKED, packed, opset).stream()
            .filter(kind::isInstance)
            .filter(EncodingTest::isTried)
            .toList();
    assertFalse(found.isEmpty());
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "2, 4, 1, 0, 40x60",
    "2, 4, 0, 15, 40x60",
    "1, 4, 1, 15, 24x16x3x3",
    "2, 4, 1, 3, 24x16x3x3",
    "4, 8, 2, 0, 2x12x40",
    "1, 2, 0, 0, 1000",
    "1, 16, 1, 200, 64x160",
    "3, 5, 1, 7, 6x35x5",
    "1, 64, 0, 0, 128x33",
  })
  void nOfM(int n, int m, int axis, int values, String dims) {
    Tensor tensor = groups(n, m, axis, values, shape(dims));
    for (long opset : new long[] {11, 21}) {
      for (Encoding encoding : of(GroupEncoding.class, tensor, opset == 11, opset)) {
        assertTrue(encoding.name().startsWith(n + ":" + m), encoding.name());
        EncodingTest.comesBack(encoding, tensor, opset);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4, 4, 0.8, 0, 40x60, 4x4 blocks",
    "4, 4, 0.8, 15, 40x60, 4x4 blocks",
    "1, 8, 0.9, 3, 100x80, 1x8 blocks",
    "8, 1, 0.5, 15, 80x31, 8x1 blocks",
    "1, 9, 0.7, 0, 20x10x3x3, 1x9 blocks",
    "2, 3, 0.97, 100, 60x60, 2x3 blocks",
    "16, 16, 0.5, 0, 64x64, 16x16 blocks",
  })
  void inBlocks(int high, int wide, double sparsity, int values, String dims, String name) {
    Tensor tensor = blocks(high, wide, sparsity, values, shape(dims));
    for (long opset : new long[] {11, 21}) {
      List<Encoding> found = of(BlockEncoding.class, tensor, opset == 11, opset);
      assertTrue(found.stream().anyMatch(one -> one.name().startsWith(name)), found.toString());
      for (Encoding encoding : found) {
        EncodingTest.comesBack(encoding, tensor, opset);
      }
    }
  }

  /** Every channel with values of its own, of which the others have none. */
  private Tensor channels(int axis, double sparsity, int values, Shape shape) {
    long stride = shape.elements(axis + 1, shape.rank());
    ByteBuffer elements = room(shape);
    for (int i = 0; i < shape.elements(); i++) {
      long channel = i / stride % shape.dim(axis);
      if (random.nextDouble() >= sparsity) {
        elements.putFloat(4 * i, channel + 1 + (float) random.nextInt(values) / values);
      }
    }
    return new ArrayTensor(DataType.FLOAT, shape, elements);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.9, 3, 40x400, gaps",
    "1, 0.9, 3, 400x40, gaps",
    "0, 0.9, 15, 20x30x5x5, gaps",
    "1, 0.8, 3, 10x32x3x3, gaps",
    "0, 0, 4, 300x70, ''",
    "1, 0, 200, 4000x3, ''",
    "2, 0.3, 15, 2x300x20, ''",
    "1, 0.5, 15, 2x20x300, bitmask",
    "0, 0.5, 15, 30x300, bitmask",
  })
  void channelsOfFewValues(int axis, double sparsity, int values, String dims, String form) {
    Tensor tensor = channels(axis, sparsity, values, shape(dims));
    for (long opset : new long[] {11, 21}) {
      List<Encoding> found =
          Encodings.of(Survey.of(tensor), Form.PACKED, opset == 11, opset).stream()
              .filter(one -> one.name().endsWith("codes per channel"))
              .filter(
                  one -> !(one instanceof GapEncoding gaps) || gaps.distances().radix() % 50 == 6)
              .toList();
      assertTrue(found.stream().anyMatch(one -> one.name().startsWith(form)), found.toString());
      found.forEach(encoding -> EncodingTest.comesBack(encoding, tensor, opset));
    }
  }

  @Test
  void groupsOfChannelsOfFewValues() {
    Tensor dense = channels(0, 0, 7, shape("30x8x3x3"));
    ByteBuffer elements = room(dense.shape());
    for (int i = 0; i < dense.shape().elements(); i++) {
      boolean kept = i / 9 % 4 != i % 3 && i / 9 % 4 != 3;
      elements.putFloat(4 * i, kept ? dense.bytes().getFloat(4 * i) : 0);
    }
    Tensor tensor = new ArrayTensor(DataType.FLOAT, dense.shape(), elements);
    List<Encoding> found = of(GroupEncoding.class, tensor, true, 13);
    assertTrue(
        found.stream().anyMatch(one -> one.name().equals("2:4, 7 codes per channel")),
        found.toString());
    found.forEach(encoding -> EncodingTest.comesBack(encoding, tensor, 13));
  }
}

package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaskedTensorTest {
  private static Tensor bytes(DataType type, int elements, long seed) {
    byte[] bytes = new byte[elements * type.bits() / 8];
    new Random(seed).nextBytes(bytes);
    return new ArrayTensor(type, Shape.of(elements), ByteBuffer.wrap(bytes));
  }

  /** Has words that keep all, none and some. */
  private static Mask mask(int elements, long seed) {
    Random random = new Random(seed);
    long[] words = Mask.emptyWords(elements);
    for (int i = 0; i < elements; i++) {
      int kind = i / 64 % 3;
      if (kind == 0 || kind == 1 && random.nextBoolean()) {
        Mask.setRange(words, i, i + 1);
      }
    }
    return new Mask(elements, words);
  }

  private static byte[] expected(Tensor source, Mask mask) {
    int width = source.dataType().bits() / 8;
    byte[] result = new byte[(int) source.byteSize()];
    source.bytes().get(result);
    for (int i = 0; i < result.length; i++) {
      if (!mask.kept(i / width)) {
        result[i] = 0;
      }
    }
    return result;
  }

  private static byte[] read(Tensor tensor, int position, ByteBuffer into) {
    int start = into.position();
    int length = into.remaining();
    tensor.read(position, into);
    byte[] result = new byte[length];
    into.get(start, result);
    return result;
  }

  @ParameterizedTest
  @EnumSource(names = {"INT8", "FLOAT16", "BFLOAT16", "FLOAT", "DOUBLE", "COMPLEX128"})
  void zeroesWhatTheMaskDoesNotKeep(DataType type) {
    Tensor source = bytes(type, 1000, 1);
    Mask mask = mask(1000, 2);
    Tensor masked = new MaskedTensor(source, mask);
    byte[] all = new byte[(int) masked.byteSize()];
    masked.bytes().get(all);
    assertArrayEquals(expected(source, mask), all);
    assertEquals(source.shape(), masked.shape());
    assertEquals(type, masked.dataType());
  }

  @Property
  void readsAnyStretchOfBytes(
      @ForAll @IntRange(min = 1, max = 4) int logWidth,
      @ForAll @IntRange(min = 1, max = 500) int elements,
      @ForAll @IntRange(max = 4000) int first,
      @ForAll @IntRange(max = 4000) int second,
      @ForAll boolean direct) {
    DataType type =
        new DataType[] {DataType.FLOAT16, DataType.FLOAT, DataType.DOUBLE, DataType.INT8}
            [logWidth - 1];
    Tensor source = bytes(type, elements, elements);
    Mask mask = mask(elements, first);
    int size = (int) source.byteSize();
    int from = Math.min(first, second) % (size + 1);
    int to = Math.max(from, Math.max(first, second) % (size + 1));
    ByteBuffer buffer =
        direct ? ByteBuffer.allocateDirect(size + 7) : ByteBuffer.allocate(size + 7);
    buffer.position(5).limit(5 + to - from);
    byte[] part = read(new MaskedTensor(source, mask), from, buffer);
    assertArrayEquals(java.util.Arrays.copyOfRange(expected(source, mask), from, to), part);
    assertEquals(buffer.limit(), buffer.position());
    buffer.clear();
    for (int i = 0; i < 5; i++) {
      assertEquals(0, buffer.get(i));
    }
  }

  @Test
  void manyThreadsReadTheSame() {
    Tensor source = bytes(DataType.FLOAT, 100_000, 3);
    Mask mask = mask(100_000, 4);
    byte[] expected = expected(source, mask);
    Tensor masked = new MaskedTensor(source, mask);
    IntStream.range(0, 16)
        .parallel()
        .forEach(i -> assertArrayEquals(expected, read(masked, 0, ByteBuffer.allocate(400_000))));
  }

  @Test
  void refusesAMaskOfAnotherSize() {
    Tensor source = bytes(DataType.FLOAT, 10, 0);
    assertThrows(
        IllegalArgumentException.class, () -> new MaskedTensor(source, Mask.keepingAll(11)));
  }
}

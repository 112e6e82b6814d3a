package io.espalier.graph;

import java.util.Locale;

/** Element types of ONNX tensors, with the numbers of {@code TensorProto.DataType}. */
public enum DataType {
  UNDEFINED(0, 0),
  FLOAT(1, 32),
  UINT8(2, 8),
  INT8(3, 8),
  UINT16(4, 16),
  INT16(5, 16),
  INT32(6, 32),
  INT64(7, 64),
  STRING(8, 0),
  BOOL(9, 8),
  FLOAT16(10, 16),
  DOUBLE(11, 64),
  UINT32(12, 32),
  UINT64(13, 64),
  COMPLEX64(14, 64),
  COMPLEX128(15, 128),
  BFLOAT16(16, 16),
  FLOAT8E4M3FN(17, 8),
  FLOAT8E4M3FNUZ(18, 8),
  FLOAT8E5M2(19, 8),
  FLOAT8E5M2FNUZ(20, 8),
  UINT4(21, 4),
  INT4(22, 4),
  FLOAT4E2M1(23, 4),
  FLOAT8E8M0(24, 8),
  UINT2(25, 2),
  INT2(26, 2),
  FLOAT6E2M3(27, 6),
  FLOAT6E3M2(28, 6);

  private static final DataType[] BY_CODE = values();

  private final int code;
  private final int bits;

  DataType(int code, int bits) {
    this.code = code;
    this.bits = bits;
  }

  /**
   * The type with the number {@code code} of {@code TensorProto.DataType}.
   *
   * @throws UnsupportedModelException if the specification knows no such number
   */
  public static DataType of(int code) {
    if (!isKnown(code)) {
      throw new UnsupportedModelException(
          "tensor element type: expected 0 to " + (BY_CODE.length - 1) + ", got " + code);
    }
    return BY_CODE[code];
  }

  /** Whether {@code code} is a number of {@code TensorProto.DataType}. */
  public static boolean isKnown(int code) {
    return code >= 0 && code < BY_CODE.length;
  }

  public int code() {
    return code;
  }

  /** Bits of one element; 0 where elements have no fixed size (strings, undefined). */
  public int bits() {
    return bits;
  }

  /**
   * Whether weights of this type can be pruned and trained: float 16, bfloat 16, float 32 and 64.
   */
  public boolean isFloat() {
    return this == FLOAT || this == FLOAT16 || this == BFLOAT16 || this == DOUBLE;
  }

  /**
   * Bytes that {@code elements} elements take, types below 8 bits packed.
   *
   * @throws ArithmeticException if that exceeds a {@code long}
   */
  public long byteSize(long elements) {
    return Math.addExact(Math.multiplyExact(elements, bits), 7) / 8;
  }

  /** The specification's lower-case spelling, as in {@code tensor(float16)}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

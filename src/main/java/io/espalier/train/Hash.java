package io.espalier.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 of arrays, one after the other. */
final class Hash {
  private static final int CHUNK = 1 << 12;

  private final MessageDigest digest = CheckpointWriter.sha256();
  private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK * Integer.BYTES);

  Hash add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  Hash add(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  Hash add(int[] values) {
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      buffer.clear().asIntBuffer().put(values, from, count);
      digest.update(buffer.limit(count * Integer.BYTES));
    }
    return this;
  }

  Hash add(float[] values) {
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      buffer.clear().asFloatBuffer().put(values, from, count);
      digest.update(buffer.limit(count * Float.BYTES));
    }
    return this;
  }

  /** The hash in hexadecimal digits. */
  String text() {
    return HexFormat.of().formatHex(digest.digest());
  }
}

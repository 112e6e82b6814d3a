package io.espalier.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes arrays as NumPy and MNIST have them. */
public final class ArrayFiles {
  private ArrayFiles() {}

  /** A {@code .npy} file, format version 1. */
  public static byte[] npy(String descr, boolean fortranOrder, String shape, byte[] data) {
    String header =
        "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
            .formatted(descr, fortranOrder ? "True" : "False", shape);
    String padded = header + " ".repeat(63 - (10 + header.length()) % 64) + "\n";
    ByteBuffer file =
        ByteBuffer.allocate(10 + padded.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) padded.length());
    file.put(padded.getBytes(StandardCharsets.ISO_8859_1)).put(data);
    return file.array();
  }

  public static byte[] floats(String shape, float... elements) {
    ByteBuffer data = ByteBuffer.allocate(4 * elements.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float element : elements) {
      data.putFloat(element);
    }
    return npy("<f4", false, shape, data.array());
  }

  public static byte[] longs(String shape, long... elements) {
    ByteBuffer data = ByteBuffer.allocate(8 * elements.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long element : elements) {
      data.putLong(element);
    }
    return npy("<i8", false, shape, data.array());
  }

  static byte[] bytes(String shape, int... elements) {
    byte[] data = new byte[elements.length];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) elements[i];
    }
    return npy("|u1", false, shape, data);
  }

  public static Path npz(Path file, Map<String, byte[]> arrays) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
        zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
        zip.write(array.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }

  /** An idx file of unsigned bytes. */
  static byte[] idx(int[] shape, int... elements) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + elements.length);
    file.put(new byte[] {0, 0, 8, (byte) shape.length});
    for (int dim : shape) {
      file.putInt(dim);
    }
    for (int element : elements) {
      file.put((byte) element);
    }
    return file.array();
  }

  static byte[] gzip(byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(data);
    }
    return bytes.toByteArray();
  }
}

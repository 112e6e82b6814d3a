package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.UnsupportedModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads the {@code .keras} format: a zip archive of a configuration and of an HDF5 file with the
 * weights. Entries are read by name and never written anywhere.
 */
final class KerasArchive {
  private static final int MOST_CONFIG_BYTES = 64 << 20;
  private static final String WEIGHTS = "model.weights.h5";

  private final ZipFile zip;

  private KerasArchive(ZipFile zip) {
    this.zip = zip;
  }

  static boolean isSignature(ByteBuffer start) {
    return start.remaining() >= 4
        && start.slice(start.position(), 4).equals(ByteBuffer.wrap(new byte[] {'P', 'K', 3, 4}));
  }

  static KerasFile read(Path file, Optional<InputLayout> layout) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return new KerasArchive(zip).read(layout);
    } catch (IllegalArgumentException e) {
      throw new MalformedModelException("expected a zip archive; it is damaged: " + e, e);
    }
  }

  private KerasFile read(Optional<InputLayout> layout) throws IOException {
    Json model = Json.parse(text("config.json"), "config.json");
    Json metadata = Json.parse(text("metadata.json"), "metadata.json");
    Dialect dialect = Dialect.of(metadata.text("keras_version", "3.0.0"), "");
    NetworkSpec network = new ArchitectureReader(dialect).read(model);
    if (zip.getEntry(WEIGHTS) == null) {
      throw new UnsupportedModelException(
          "expected the entry '" + WEIGHTS + "'; weights in other forms are not imported");
    }
    long most = Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 3);
    Hdf5 stored = Hdf5.open(ByteBuffer.wrap(bytes(WEIGHTS, (int) most)));
    NetworkWeights weights = new TreeWeights(Optional.of(stored)).network(network);
    return new Importer(dialect, network, weights, model.find("compile_config"), layout).read();
  }

  private String text(String entry) throws IOException {
    return new String(bytes(entry, MOST_CONFIG_BYTES), StandardCharsets.UTF_8);
  }

  private byte[] bytes(String name, int most) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new MalformedModelException(
          "a zip archive, but no model of Keras: expected the entry '" + name + "'");
    }
    if (entry.getSize() > most) {
      throw tooLarge(name, most);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) Math.max(entry.getSize(), 0));
      byte[] more = in.readNBytes(most - bytes.length);
      if (in.read() >= 0) {
        throw tooLarge(name, most);
      }
      if (more.length == 0) {
        return bytes;
      }
      byte[] all = Arrays.copyOf(bytes, bytes.length + more.length);
      System.arraycopy(more, 0, all, bytes.length, more.length);
      return all;
    }
  }

  private static MalformedModelException tooLarge(String name, int most) {
    return new MalformedModelException(
        "entry '" + name + "': expected at most " + most + " bytes, it expands to more");
  }
}

package io.espalier.data;

import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that holds one array: {@code .npy}, or {@code .npz} with a single one. */
public final class ArrayFile {
  private ArrayFile() {}

  /**
   * Reads the array.
   *
   * @throws IOException if there is no such file or it cannot be read
   * @throws ModelException if it is not one array of numbers
   */
  public static Tensor read(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (path.toString().endsWith(".npz")) {
      try (Npz npz = Npz.open(path)) {
        if (npz.keys().size() != 1) {
          throw new ModelException(
              "%s: expected a single array, there are %s".formatted(path, npz.keys()));
        }
        return npz.read(npz.keys().iterator().next());
      }
    }
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(path))) {
      return Npy.read(path.toString(), stream, Files.size(path));
    }
  }
}

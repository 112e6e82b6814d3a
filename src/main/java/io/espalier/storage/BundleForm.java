package io.espalier.storage;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * A file that holds a model with all that belongs to it, by its ending: tar, compressed or not, or
 * zip.
 */
public enum BundleForm {
  TAR(".tar"),
  ZIP(".zip");

  private final String ending;

  BundleForm(String ending) {
    this.ending = ending;
  }

  /** The form that the name of {@code file} asks for: {@code .tar.xz} is a tar. */
  public static Optional<BundleForm> ofName(Path file) {
    String name = bare(file);
    for (BundleForm form : values()) {
      if (name.endsWith(form.ending) && (form == TAR || name.equals(lowerCase(file)))) {
        return Optional.of(form);
      }
    }
    return Optional.empty();
  }

  /**
   * The name of the model in {@code file}, a bundle or a compressed file or neither: without the
   * endings of both, and with {@code .onnx} where nothing of the kind is left of a bundle's.
   */
  public static String modelName(Path file) {
    String name = file.getFileName().toString();
    String plain = name.substring(0, bare(file).length());
    Optional<BundleForm> form = ofName(file);
    if (form.isEmpty()) {
      return plain;
    }
    String model = plain.substring(0, plain.length() - form.get().ending.length());
    return Bundle.isModel(model) ? model : model + ".onnx";
  }

  private static String bare(Path file) {
    String name = lowerCase(file);
    return name.substring(0, name.length() - Compression.ofName(file).ending().length());
  }

  private static String lowerCase(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }
}

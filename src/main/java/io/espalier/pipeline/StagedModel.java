package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.onnx.OnnxWriter;
import io.espalier.storage.StagedFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A model file among staged files, and its external data beside it.
 *
 * @param data absent where there are none
 */
record StagedModel(Path model, Optional<Path> data) {
  /** As the other, with external data only where the model needs them. */
  static StagedModel write(Model model, StagedFiles files, String name) throws IOException {
    return write(new OnnxWriter(model, location(name)), files, name);
  }

  /** Writes the model as {@code name}, and its external data as {@code name.data}. */
  static StagedModel write(OnnxWriter writer, StagedFiles files, String name) throws IOException {
    Optional<Path> data = Optional.empty();
    if (writer.hasExternalData()) {
      data = Optional.of(files.stage(location(name)));
      try (FileChannel channel = create(data.get())) {
        writer.writeExternalData(channel);
      }
    }
    Path model = files.stage(name);
    try (FileChannel channel = create(model)) {
      writer.write(channel);
    }
    return new StagedModel(model, data);
  }

  /** What the model of that name calls its external data. */
  static String location(String name) {
    return name + ".data";
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }
}

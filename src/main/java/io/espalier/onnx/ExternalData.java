package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Shape;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files beside a model that hold its large tensors. A location is a path below the model's
 * folder; one that leads out of it, directly or through a link, is refused.
 */
final class ExternalData implements Closeable {
  private final Path folder;
  private final Map<Path, FileChannel> channels = new LinkedHashMap<>();

  ExternalData(Path folder) {
    this.folder = folder;
  }

  /** The tensor that {@code proto} describes; its bytes stay in the file. */
  FileTensor tensor(TensorProto proto, DataType dataType, Shape shape, String where) {
    String location = "";
    long offset = 0;
    long needed = dataType.byteSize(shape.elements());
    long length = needed;
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      switch (entry.getKey()) {
        case "location" -> location = entry.getValue();
        case "offset" -> offset = number(where, entry);
        case "length" -> length = number(where, entry);
        default -> {} // checksum and keys of other tools say nothing about where the bytes are
      }
    }
    if (length != needed) {
      throw new MalformedModelException(
          "%s: a %s tensor of shape %s takes %d bytes, its external data have %d"
              .formatted(where, dataType, shape, needed, length));
    }
    FileChannel channel = open(where, location);
    try {
      if (offset > channel.size() - length) {
        throw new MalformedModelException(
            "%s: external data '%s' end at byte %d, expected bytes %d to %d"
                .formatted(where, location, channel.size(), offset, offset + length));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new FileTensor(dataType, shape, channel, offset);
  }

  private FileChannel open(String where, String location) {
    Path file = resolve(where, location);
    FileChannel known = channels.get(file);
    if (known != null) {
      return known;
    }
    try {
      FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
      channels.put(file, opened);
      return opened;
    } catch (IOException e) {
      throw new MalformedModelException(
          "%s: external data '%s' cannot be read: %s".formatted(where, location, e), e);
    }
  }

  private Path resolve(String where, String location) {
    try {
      if (location.isEmpty()) {
        throw new MalformedModelException(where + ": external data without a location");
      }
      Path given = folder.resolve(location).normalize();
      if (Path.of(location).isAbsolute() || !given.startsWith(folder.normalize())) {
        throw outside(where, location);
      }
      if (!Files.isRegularFile(given)) {
        throw new MalformedModelException(
            "%s: external data '%s' not found in the model's folder".formatted(where, location));
      }
      Path real = given.toRealPath();
      if (!real.startsWith(folder.toRealPath())) {
        throw outside(where, location);
      }
      return real;
    } catch (InvalidPathException | IOException e) {
      throw new MalformedModelException(
          "%s: external data '%s': %s".formatted(where, location, e.getMessage()), e);
    }
  }

  private static MalformedModelException outside(String where, String location) {
    return new MalformedModelException(
        "%s: external data '%s' lie outside the model's folder".formatted(where, location));
  }

  private static long number(String where, StringStringEntryProto entry) {
    try {
      long number = Long.parseLong(entry.getValue().strip());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below, like a negative number
    }
    throw new MalformedModelException(
        "%s: external data %s: expected a number >= 0, got '%s'"
            .formatted(where, entry.getKey(), entry.getValue()));
  }

  List<Path> files() {
    return List.copyOf(channels.keySet());
  }

  long bytes() throws IOException {
    long sum = 0;
    for (FileChannel channel : channels.values()) {
      sum = Math.addExact(sum, channel.size());
    }
    return sum;
  }

  @Override
  public void close() {
    for (FileChannel channel : channels.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        // nothing was written through it, so nothing is lost
      }
    }
  }
}

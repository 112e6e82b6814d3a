package io.espalier.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.espalier.graph.GraphCheck;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A model and the files its tensors are read from. Large files are mapped, external data are read
 * where they are needed; closing ends access to them.
 */
public final class OnnxFile implements Closeable {
  /** Files up to this size are read whole, larger ones are mapped. */
  private static final long MAP_FROM = 16L << 20;

  /** Each nested subgraph takes three levels of messages. */
  private static final int MAX_NESTING = 300;

  private final Model model;
  private final ExternalData externalData;

  private OnnxFile(Model model, ExternalData externalData) {
    this.model = model;
    this.externalData = externalData;
  }

  /**
   * Reads the model in {@code file}. External data are looked for in its folder, and only there.
   *
   * @throws MalformedModelException if it is no ONNX model, or one that breaks a rule of the format
   * @throws IOException if the file cannot be read
   */
  public static OnnxFile open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size > Integer.MAX_VALUE) {
        throw new MalformedModelException(
            file
                + ": "
                + size
                + " bytes; a protobuf file ends at 2 GiB, larger models keep their"
                + " weights as external data");
      }
      ByteBuffer bytes =
          size < MAP_FROM
              ? ByteBuffer.wrap(Files.readAllBytes(file))
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
      return open(bytes, file);
    }
  }

  /**
   * Reads the model in {@code bytes}, which must not change while the result is in use.
   *
   * @param file names the model in messages; external data are looked for in its folder
   * @throws MalformedModelException if it is no ONNX model, or one that breaks a rule of the format
   */
  public static OnnxFile open(ByteBuffer bytes, Path file) {
    Skeleton skeleton;
    ModelProto proto;
    try {
      skeleton = Skeleton.of(bytes.duplicate());
      proto = parse(skeleton.bytes());
    } catch (IOException e) {
      throw new MalformedModelException(
          file + ": expected an ONNX model; it is none, or damaged: " + firstSentence(e), e);
    }
    if (!proto.hasGraph()) {
      throw new MalformedModelException(
          file + ": expected an ONNX model; the file has no graph" + emptiness(bytes));
    }
    ExternalData externalData = new ExternalData(file.toAbsolutePath().getParent());
    try {
      Model model = new ModelReader(externalData).read(proto, skeleton.raw());
      GraphCheck.check(model);
      return new OnnxFile(model, externalData);
    } catch (MalformedModelException e) {
      externalData.close();
      throw new MalformedModelException(file + ": " + e.getMessage(), e);
    } catch (UnsupportedModelException e) {
      externalData.close();
      throw new UnsupportedModelException(file + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      externalData.close();
      throw e;
    }
  }

  private static ModelProto parse(ByteBuffer bytes) throws IOException {
    CodedInputStream input = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
    input.enableAliasing(true);
    input.setSizeLimit(Integer.MAX_VALUE);
    input.setRecursionLimit(MAX_NESTING);
    ModelProto proto = ModelProto.parseFrom(input);
    input.checkLastTagWas(0);
    return proto;
  }

  private static String emptiness(ByteBuffer bytes) {
    return bytes.hasRemaining() ? "" : ", it is empty";
  }

  private static String firstSentence(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf(". ");
    String first = end < 0 ? message : message.substring(0, end);
    return first.replace("While parsing a protocol message, the", "the");
  }

  public Model model() {
    return model;
  }

  /** Bytes of the files with external data that the model refers to, each counted once. */
  public long externalBytes() throws IOException {
    return externalData.bytes();
  }

  /** The files with external data that the model refers to, in the order of their first use. */
  public List<Path> externalFiles() {
    return externalData.files();
  }

  @Override
  public void close() {
    externalData.close();
  }
}

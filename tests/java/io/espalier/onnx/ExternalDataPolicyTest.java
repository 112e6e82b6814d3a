package io.espalier.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Model;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDataPolicyTest {
  @TempDir Path folder;

  /** A model with the weights {@code one} and {@code two}, of the same bytes, and small ones. */
  private OnnxFile model() {
    ModelProto.Builder model = Models.perceptron();
    TensorProto big = Models.random("one", 1, 512, 1024);
    model.getGraphBuilder().addInitializer(big);
    model.getGraphBuilder().addInitializer(Models.random("odd", 2, 300));
    model.getGraphBuilder().addInitializer(big.toBuilder().setName("two"));
    model.getGraphBuilder().addInitializer(Models.random("three", 3, 512, 1024));
    return RoundTripTest.open(model.build());
  }

  private Path write(Model model, String name, ExternalDataPolicy policy) throws IOException {
    Path file = folder.resolve(name);
    OnnxWriter writer = new OnnxWriter(model, name + ".data", policy);
    if (writer.hasExternalData()) {
      try (FileChannel channel = create(folder.resolve(name + ".data"))) {
        writer.writeExternalData(channel);
      }
    }
    try (FileChannel channel = create(file)) {
      writer.write(channel);
    }
    return file;
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static Map<String, ByteBuffer> weights(Model model) {
    return model.graph().initializers().stream()
        .collect(Collectors.toMap(v -> v.name(), v -> v.initializer().orElseThrow().bytes()));
  }

  private static Map<String, String> places(Path file) throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL)
        .collect(Collectors.toMap(TensorProto::getName, t -> t.getExternalData(1).getValue()));
  }

  @Test
  void largeTensorsGoOutAlignedAndOnce() throws IOException {
    try (OnnxFile before = model()) {
      Path file = write(before.model(), "out.onnx", ExternalDataPolicy.from(1024));
      Map<String, String> places = places(file);
      assertEquals(Map.of("one", "0", "two", "0", "three", "2101248", "odd", "2097152"), places);
      assertEquals(2101248 + 2097152, Files.size(folder.resolve("out.onnx.data")));
      assertTrue(Files.size(file) < 3000);
      try (OnnxFile after = OnnxFile.open(file)) {
        assertEquals(weights(before.model()), weights(after.model()));
        Path back = write(after.model(), "back.onnx", ExternalDataPolicy.NONE);
        assertEquals(Map.of(), places(back));
        try (OnnxFile again = OnnxFile.open(back)) {
          assertEquals(weights(before.model()), weights(again.model()));
        }
        Path kept = write(after.model(), "kept.onnx", ExternalDataPolicy.KEEP);
        assertEquals(places, places(kept));
      }
      Session.open(file, SessionOptions.DEFAULT).close();
    }
  }

  @Test
  void onlyAModelThatIsTooLargeGoesOutByItself() throws IOException {
    try (OnnxFile before = model()) {
      Path whole = write(before.model(), "whole.onnx", ExternalDataPolicy.KEEP);
      assertEquals(Map.of(), places(whole));
      assertFalse(Files.exists(folder.resolve("whole.onnx.data")));
      long size = Files.size(whole);
      ExternalDataPolicy fits = new ExternalDataPolicy(OptionalLong.empty(), size);
      assertArrayEquals(
          Files.readAllBytes(whole), Files.readAllBytes(write(before.model(), "fits.onnx", fits)));
      ExternalDataPolicy small = new ExternalDataPolicy(OptionalLong.empty(), size - 1);
      assertEquals(4, places(write(before.model(), "small.onnx", small)).size());
      ExternalDataPolicy never = new ExternalDataPolicy(OptionalLong.of(Long.MAX_VALUE), size - 1);
      assertThrows(
          UnsupportedModelException.class, () -> write(before.model(), "never.onnx", never));
    }
  }
}

package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.espalier.onnx.Models;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.runtime.SessionOptions;
import io.espalier.storage.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputModelTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"1, 4, true", "10, 2, false", "11, 8, true"})
  void keepsConvolutionsOfHalfPrecisionFromFusions(int type, int width, boolean layouts)
      throws IOException {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("conv")
            .addNode(Models.node("Conv", "conv", List.of("x", "w"), "y"))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("w")
                    .setDataType(type)
                    .addAllDims(List.of(1L, 1L, 3L, 3L))
                    .setRawData(ByteString.copyFrom(new byte[9 * width])))
            .addInput(Models.value("x", 1, 1, 8, 8))
            .addOutput(Models.value("y", 1, 1, 6, 6))
            .build();
    Path file =
        Files.write(folder.resolve("m.onnx"), Models.model(graph, 13).build().toByteArray());
    try (InputModel model = InputModel.open(file)) {
      assertEquals(layouts, model.safe(SessionOptions.DEFAULT).layouts());
    }
  }

  @Test
  void readsWhatIsCompressed() throws IOException {
    Path file = Files.write(folder.resolve("m.onnx"), Models.perceptron().build().toByteArray());
    Path packed = folder.resolve("m.xz");
    Compression.XZ.compress(file, packed);
    try (InputModel model = InputModel.open(packed)) {
      assertEquals(Files.size(packed), model.bytes());
      assertEquals(4, model.model().graph().nodes().size());
    }
  }
}

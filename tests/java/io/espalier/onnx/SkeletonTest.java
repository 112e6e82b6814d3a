package io.espalier.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SkeletonTest {
  private static final ModelProto MODEL = modelWithALargeTensor();

  private static ModelProto modelWithALargeTensor() {
    ModelProto.Builder model = Models.perceptron();
    model.getGraphBuilder().addInitializer(1, Models.random("large", 9, 256, 100));
    return model.build();
  }

  @Test
  void leavesOutOnlyTheLargeContents() throws IOException {
    Skeleton skeleton = Skeleton.of(ByteBuffer.wrap(MODEL.toByteArray()));
    TensorProto large = MODEL.getGraph().getInitializer(1);
    ModelProto.Builder expected = MODEL.toBuilder();
    expected.getGraphBuilder().getInitializerBuilder(1).clearRawData();
    assertEquals(expected.build(), ModelProto.parseFrom(skeleton.bytes().array()));
    assertEquals(5, skeleton.raw().size());
    assertEquals(large.getRawData(), ByteString.copyFrom(skeleton.raw().get(1)));
    assertEquals(4, skeleton.raw().stream().filter(raw -> raw == null).count());
    assertArrayEquals(MODEL.toByteArray(), RoundTripTest.write(RoundTripTest.open(MODEL)));
  }

  @Test
  void ofRepeatedContentsTheLastCounts() throws IOException {
    byte[] twice =
        MODEL.toBuilder()
            .build()
            .toByteString()
            .concat(ModelProto.newBuilder().setGraph(MODEL.getGraph()).build().toByteString())
            .toByteArray();
    Skeleton skeleton = Skeleton.of(ByteBuffer.wrap(twice));
    assertEquals(10, skeleton.raw().size());
    assertEquals(
        10, ModelProto.parseFrom(skeleton.bytes().array()).getGraph().getInitializerCount());
  }

  @Test
  void takesDamagedMessagesAsProtobufDoes() throws IOException {
    byte[] whole = MODEL.toByteArray();
    Random random = new Random(5);
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] damaged =
          round % 2 == 0 ? Arrays.copyOf(whole, 1 + random.nextInt(2000)) : whole.clone();
      damaged[random.nextInt(Math.min(2000, damaged.length))] ^= (byte) (1 << random.nextInt(8));
      ModelProto expected = parse(damaged);
      if (expected == null) {
        assertThrows(
            InvalidProtocolBufferException.class,
            () -> ModelProto.parseFrom(Skeleton.of(ByteBuffer.wrap(damaged)).bytes().array()));
        refused++;
      }
    }
    assertTrue(refused > 200, "only " + refused + " were refused");
  }

  private static ModelProto parse(byte[] bytes) {
    try {
      return ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }
}

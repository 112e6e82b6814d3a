package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OrtTextTest {
  @Test
  void leavesOutWhereInItsSourcesOnnxruntimeFailed() {
    assertEquals(
        "Reshape node. Name:'r' The input tensor cannot be reshaped to the requested shape. Input"
            + " shape:{4,16}, requested shape:{1,256}",
        OrtText.clean(
            "Error code - ORT_RUNTIME_EXCEPTION - message: Non-zero status code returned while"
                + " running Reshape node. Name:'r' Status Message:"
                + " /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:40"
                + " onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&,"
                + " onnxruntime::TensorShapeVector&, bool) size != 0 && (input_shape.Size() %"
                + " size) == 0 was false. The input tensor cannot be reshaped to the requested"
                + " shape. Input shape:{4,16}, requested shape:{1,256}\n"));
  }

  @Test
  void keepsWhatItDoesNotKnow() {
    assertEquals("a plain message", OrtText.clean("a plain message"));
    assertEquals("", OrtText.clean(""));
  }
}

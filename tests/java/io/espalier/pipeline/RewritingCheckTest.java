package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RewritingCheckTest {
  @Test
  void aModelThatComputesAnotherThingIsNamedWithWhatToDo() throws IOException {
    try (InputModel input = InputModel.open(Path.of("models/digits-lenet5.onnx"));
        RewritingCheck check =
            RewritingCheck.before(input, SessionOptions.DEFAULT, SampleInputs.Options.seeded(0))) {
      assertEquals(Optional.empty(), check.after(RewritingCheck.STRIPPING));
      Value weight = input.model().graph().find("fc2.weight").orElseThrow();
      Tensor tensor = weight.initializer().orElseThrow();
      weight.setInitializer(
          new ArrayTensor(
              tensor.dataType(), tensor.shape(), ByteBuffer.allocate((int) tensor.byteSize())));
      String message =
          assertThrows(ModelException.class, () -> check.after(RewritingCheck.STRIPPING))
              .getMessage();
      assertTrue(
          message.matches(
              "stripping: output '\\S+' changed by up to [0-9.e+]+ where its largest element is"
                  + " [0-9.e+]+, expected only rounding; --no-strip"),
          message);
    }
  }
}

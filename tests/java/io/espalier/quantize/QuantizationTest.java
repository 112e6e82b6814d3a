package io.espalier.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.quantize.Quantization.Calibration;
import io.espalier.quantize.Quantization.Grain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizationTest {
  @Test
  void readsGoalsWithTheirDefaults() {
    assertEquals(new Quantization.Size(8, Grain.CHANNEL, 32, true), Quantization.parse(" Size "));
    assertEquals(
        new Quantization.Size(4, Grain.BLOCK, 64, false),
        Quantization.parse("size:bits=4,by=block,block=64,symmetric=no"));
    assertEquals(
        new Quantization.Static(8, Calibration.MSE, 99.99, 256), Quantization.parse("speed"));
    assertEquals(
        new Quantization.Dynamic(7), Quantization.parse("speed:activations=dynamic,bits=7"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size:bits=4,by=tensor",
        "size:by=block,block=16",
        "speed:activations=dynamic",
        "speed:calibration=percentile,percentile=99.5,samples=10",
        "speed:calibration=entropy"
      })
  void readsWhatItWrites(String text) {
    Quantization read = Quantization.parse(text);
    assertEquals(read, Quantization.parse(read.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    "small, expected size or speed",
    "size:bits=3, bits: expected 8 or 4",
    "size:bits=eight, bits: expected a number",
    "size:bits, expected settings as in",
    "size:by=row, 'by: expected one of tensor, channel, block'",
    "size:block=16, no setting [block]",
    "speed:bits=4, bits: expected 8 or 7",
    "speed:samples=0, samples: expected 1 or more",
    "speed:percentile=99, no setting [percentile]",
    "speed:activations=dynamic;calibration=mse, no setting [calibration]",
  })
  void saysWhatItDoesNotUnderstand(String text, String message) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Quantization.parse(text.replace(';', ',')));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}

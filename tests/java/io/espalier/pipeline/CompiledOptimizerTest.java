package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.espalier.keras.KerasTraining.Compiled;
import io.espalier.keras.KerasTraining.Schedule;
import io.espalier.train.Adam;
import io.espalier.train.Clipping;
import io.espalier.train.Dialect;
import io.espalier.train.LearningRate;
import io.espalier.train.RunLength;
import io.espalier.train.Sgd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompiledOptimizerTest {
  private static Compiled compiled(String optimizer, Map<String, Double> settings) {
    return new Compiled(optimizer, settings, Optional.empty(), List.of(), List.of());
  }

  @Test
  void schedulesGoAsInKeras() throws IOException {
    Path file = Path.of("tests/resources/keras/training/schedules.json");
    JsonArray all = JsonParser.parseString(Files.readString(file)).getAsJsonArray();
    assertEquals(6, all.size());
    for (JsonElement one : all) {
      JsonObject rate =
          one.getAsJsonObject()
              .getAsJsonObject("optimizer")
              .getAsJsonObject("config")
              .getAsJsonObject("learning_rate");
      CompiledOptimizer found =
          CompiledOptimizer.of(
                  new Compiled("sgd", Map.of(), Optional.of(schedule(rate)), List.of(), List.of()))
              .orElseThrow();
      LearningRate moving =
          LearningRate.parse(
              found.schedule().orElseThrow(), found.rate().orElseThrow(), new RunLength(3, 10));
      JsonArray rates = one.getAsJsonObject().getAsJsonArray("rates");
      for (int step = 0; step < 30; step++) {
        assertEquals(
            rates.get(step).getAsDouble(), moving.at(step + 1, step / 10), 1e-7, rate + " " + step);
      }
    }
  }

  private static Schedule schedule(JsonObject said) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    Map<String, List<Double>> lists = new LinkedHashMap<>();
    said.getAsJsonObject("config")
        .entrySet()
        .forEach(
            entry -> {
              JsonElement value = entry.getValue();
              if (value.isJsonArray()) {
                lists.put(
                    entry.getKey(),
                    value.getAsJsonArray().asList().stream()
                        .map(JsonElement::getAsDouble)
                        .toList());
              } else if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
                numbers.put(entry.getKey(), value.getAsDouble());
              } else if (value.isJsonPrimitive()
                  && value.getAsJsonPrimitive().isBoolean()
                  && value.getAsBoolean()) {
                numbers.put(entry.getKey(), 1.0);
              }
            });
    return new Schedule(said.get("class_name").getAsString(), numbers, lists);
  }

  @Test
  void settingsAreTakenOver() {
    CompiledOptimizer found =
        CompiledOptimizer.of(
                compiled(
                    "adamw",
                    Map.of(
                        "beta_1",
                        0.8,
                        "epsilon",
                        1e-6,
                        "weight_decay",
                        0.1,
                        "clipvalue",
                        0.5,
                        "amsgrad",
                        1.0)))
            .orElseThrow();
    assertEquals(new Adam(Dialect.KERAS, 0.8, 0.999, 1e-6, 0.1), found.optimizer());
    assertEquals(new Clipping.Value(0.5), found.clipping());
    assertEquals(List.of("amsgrad"), found.missing());
    assertTrue(found.rate().isEmpty());
  }

  @Test
  void theDecayOfOldOptimizersIsASchedule() {
    CompiledOptimizer found =
        CompiledOptimizer.of(
                compiled("sgd", Map.of("learning_rate", 0.1, "momentum", 0.9, "decay", 0.01)))
            .orElseThrow();
    assertEquals(Optional.of("inverse:gamma=0.01,by=step"), found.schedule());
    assertEquals(Sgd.plain(Dialect.KERAS).withMomentum(0.9, false), found.optimizer());
  }

  @Test
  void thereAreOthers() {
    assertTrue(CompiledOptimizer.of(compiled("adadelta", Map.of("rho", 0.9))).isEmpty());
  }
}

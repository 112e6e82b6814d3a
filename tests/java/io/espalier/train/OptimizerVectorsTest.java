package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every optimizer against the weights that PyTorch and Keras reach, step by step. */
class OptimizerVectorsTest {
  private static final double TOLERANCE = 2e-6;

  @TestFactory
  Stream<DynamicTest> followsPyTorchAndKeras() throws IOException {
    JsonObject file;
    InputStream stream = getClass().getResourceAsStream("/train/optimizers.json");
    assertNotNull(stream);
    try (Reader in = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
      file = JsonParser.parseReader(in).getAsJsonObject();
    }
    JsonArray cases = file.getAsJsonArray("cases");
    assertTrue(cases.size() >= 30, "cases in the file");
    return cases.asList().stream()
        .map(JsonElement::getAsJsonObject)
        .map(
            one -> {
              JsonObject title = one.deepCopy();
              title.remove("after");
              return DynamicTest.dynamicTest(title.toString(), () -> check(file, one));
            });
  }

  private static void check(JsonObject file, JsonObject one) {
    Optimizer optimizer = optimizer(one);
    Penalty penalty = new ElasticNet(number(one, "l1", 0), number(one, "l2", 0));
    Treatment treatment =
        Treatment.PLAIN.withPenalty(penalty).withCoupledDecay(number(one, "decay", 0));
    List<float[]> gradients = new ArrayList<>();
    List<Parameter> parameters = new ArrayList<>();
    for (JsonElement start : file.getAsJsonArray("start")) {
      float[] weights = floats(start);
      float[] gradient = new float[weights.length];
      gradients.add(gradient);
      parameters.add(
          new Parameter(
              "p" + parameters.size(),
              weights,
              optimizer.moments(),
              FloatSource.of(gradient),
              FloatSink.NONE,
              treatment));
    }
    double rate = one.get("lr").getAsDouble();
    JsonArray given = file.getAsJsonArray("gradients");
    int compared = 0;
    try (Workers workers = new Workers(1)) {
      Update update = new Update(parameters, optimizer, clipping(one), workers);
      for (int step = 1; step <= given.size(); step++) {
        for (int p = 0; p < gradients.size(); p++) {
          float[] now = floats(given.get(step - 1).getAsJsonArray().get(p));
          System.arraycopy(now, 0, gradients.get(p), 0, now.length);
        }
        update.apply(step, step <= given.size() / 2 ? rate : 0.1 * rate);
        JsonElement expected = one.getAsJsonObject("after").get(Integer.toString(step));
        compared += expected == null ? 0 : compare(expected.getAsJsonArray(), parameters, step);
      }
    }
    assertTrue(compared >= 60, "elements compared");
  }

  private static int compare(JsonArray expected, List<Parameter> parameters, int step) {
    int compared = 0;
    for (int p = 0; p < parameters.size(); p++) {
      float[] weights = floats(expected.get(p));
      for (int i = 0; i < weights.length; i++, compared++) {
        double tolerance = TOLERANCE * Math.max(1, Math.abs(weights[i]));
        int at = i;
        assertEquals(
            weights[i],
            parameters.get(p).weights()[i],
            tolerance,
            () -> "element " + at + " after step " + step);
      }
    }
    return compared;
  }

  private static Optimizer optimizer(JsonObject one) {
    Dialect dialect = one.get("by").getAsString().equals("keras") ? Dialect.KERAS : Dialect.PYTORCH;
    JsonObject options = one.has("options") ? one.getAsJsonObject("options") : new JsonObject();
    double momentum = number(options, "momentum", 0);
    return switch (one.get("optimizer").getAsString()) {
      case "sgd" ->
          new Sgd(dialect, momentum, options.has("nesterov"), number(options, "weight_decay", 0));
      case "rmsprop" -> {
        RmsProp plain = RmsProp.defaults(dialect);
        yield new RmsProp(
            dialect,
            number(options, dialect == Dialect.KERAS ? "rho" : "alpha", plain.rho()),
            number(options, dialect == Dialect.KERAS ? "epsilon" : "eps", plain.epsilon()),
            momentum,
            options.has("centered"),
            0);
      }
      case "adam" -> adam(Adam.defaults(dialect), options);
      case "adamw" -> adam(Adam.decoupled(dialect), options);
      default -> throw new AssertionError(one);
    };
  }

  private static Adam adam(Adam plain, JsonObject options) {
    JsonArray betas = options.getAsJsonArray("betas");
    return new Adam(
        plain.dialect(),
        betas == null ? number(options, "beta_1", plain.beta1()) : betas.get(0).getAsDouble(),
        betas == null ? number(options, "beta_2", plain.beta2()) : betas.get(1).getAsDouble(),
        number(options, options.has("eps") ? "eps" : "epsilon", plain.epsilon()),
        number(options, "weight_decay", plain.weightDecay()));
  }

  private static Clipping clipping(JsonObject one) {
    Dialect dialect = one.get("by").getAsString().equals("keras") ? Dialect.KERAS : Dialect.PYTORCH;
    if (one.has("global_norm")) {
      return new Clipping.GlobalNorm(one.get("global_norm").getAsDouble(), dialect);
    }
    if (one.has("clip_norm")) {
      return new Clipping.Norm(one.get("clip_norm").getAsDouble());
    }
    return one.has("clip_value")
        ? new Clipping.Value(one.get("clip_value").getAsDouble())
        : Clipping.NONE;
  }

  private static double number(JsonObject object, String name, double otherwise) {
    return object.has(name) ? object.get(name).getAsDouble() : otherwise;
  }

  private static float[] floats(JsonElement array) {
    JsonArray numbers = array.getAsJsonArray();
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = numbers.get(i).getAsFloat();
    }
    return floats;
  }
}

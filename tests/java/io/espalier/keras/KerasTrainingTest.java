package io.espalier.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.graph.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What files of all versions say of training comes to the same. */
class KerasTrainingTest {
  private static Model model(String... constants) {
    Graph graph = new Graph("model", null);
    for (String name : constants) {
      graph.newValue(name).setInitializer(Elements.tensor(DataType.FLOAT, Shape.of(2, 3), i -> i));
    }
    Model model = new Model(10, Map.of("", 21L), graph, List.of());
    model.metadata().put("espalier.source", "Keras 3.8.0");
    return model;
  }

  private static KerasTraining layers(String json, String... constants) {
    Model model = model(constants);
    model.metadata().put("espalier.layers", json);
    return KerasTraining.of(model).orElseThrow();
  }

  private static KerasTraining.Compiled compiled(String config) {
    Model model = model();
    Json said = TrainingConfig.of(Json.parse(config, "test"));
    model.metadata().put("espalier.training", said.toString());
    return KerasTraining.of(model).orElseThrow().compiled().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Keras 1
        "{'optimizer_config': {'class_name': 'SGD', 'config': {'lr': 0.05, 'momentum': 0.9,"
            + " 'nesterov': true, 'decay': 0.0}}, 'loss': 'mse', 'metrics': ['accuracy']}",
        // Keras 2 and tf.keras, numbers in 32 bits
        "{'optimizer_config': {'class_name': 'SGD', 'config': {'name': 'SGD', 'learning_rate':"
            + " 0.05000000074505806, 'decay': 0.0, 'momentum': 0.8999999761581421, 'nesterov':"
            + " true}}, 'loss': {'class_name': 'MeanSquaredError', 'config': {'reduction': 'auto',"
            + " 'name': 'mean_squared_error'}}, 'metrics': [[{'class_name': 'MeanMetricWrapper',"
            + " 'config': {'name': 'accuracy', 'dtype': 'float32', 'fn': 'accuracy'}}]]}",
        // later tf.keras: registered names, mixed precision
        "{'optimizer_config': {'class_name': 'LossScaleOptimizer', 'config': {'inner_optimizer':"
            + " {'class_name': 'Custom>SGD', 'config': {'learning_rate': 0.05, 'momentum': 0.9,"
            + " 'nesterov': true, 'weight_decay': null, 'is_legacy_optimizer': false}}}},"
            + " 'loss': {'out': 'mean_squared_error'}, 'metrics': {'out': ['accuracy']}}",
        // Keras 3
        "{'optimizer': {'module': 'keras.optimizers', 'class_name': 'SGD', 'config': {"
            + "'learning_rate': 0.05, 'momentum': 0.9, 'nesterov': true, 'clipnorm': null},"
            + " 'registered_name': null}, 'loss': {'module': 'builtins', 'class_name': 'function',"
            + " 'config': 'mean_squared_error', 'registered_name': 'function'},"
            + " 'metrics': ['accuracy']}",
      })
  void everyVersionSaysHowItWasCompiled(String config) {
    KerasTraining.Compiled compiled = compiled(config.replace('\'', '"'));
    assertEquals("sgd", compiled.optimizer());
    assertEquals(0.05, compiled.settings().get("learning_rate"));
    assertEquals(0.9, compiled.settings().get("momentum"));
    assertEquals(1.0, compiled.settings().get("nesterov"));
    assertTrue(Set.of("mse", "mean_squared_error").contains(compiled.losses().get(0).name()));
    assertEquals(List.of("accuracy"), compiled.metrics());
  }

  @Test
  void lossesKeepTheirSettings() {
    KerasTraining.Loss loss =
        compiled(
                """
                {"optimizer": "rmsprop", "loss": {"class_name": "CategoricalCrossentropy",
                 "config": {"from_logits": true, "label_smoothing": 0.1, "reduction": "sum"}}}""")
            .losses()
            .get(0);
    assertEquals("categorical_crossentropy", loss.name());
    assertEquals(Map.of("from_logits", 1.0, "label_smoothing", 0.1), loss.settings());
    assertEquals("sum", loss.reduction().orElseThrow());
  }

  @Test
  void regularizersAreThoseOfWeights() {
    KerasTraining training =
        layers(
            """
            {"a": {"class_name": "Dense", "kernel_regularizer": {"class_name": "L2", "l2": 0.5},
                   "bias_regularizer": {"class_name": "WeightRegularizer", "l1": 0.25, "l2": 0}},
             "mha": {"class_name": "MultiHeadAttention",
                   "kernel_regularizer": {"class_name": "L1L2", "l1": 0.1, "l2": 0.2}},
             "sep": {"class_name": "SeparableConv2D",
                   "depthwise_regularizer": {"class_name": "L1", "l1": 0.3}}}""",
            "a/kernel",
            "a/bias",
            "ab/kernel",
            "mha/query/kernel",
            "mha/query/bias",
            "sep/depthwise_kernel",
            "sep/pointwise_kernel");
    assertEquals(
        Set.of("a/kernel", "a/bias", "mha/query/kernel", "sep/depthwise_kernel"),
        training.penalties().keySet());
    assertEquals(
        new KerasTraining.Penalty("kernel_regularizer l1=0.1,l2=0.2", 0.1, 0.2),
        training.penalties().get("mha/query/kernel"));
    assertEquals(0.25, training.penalties().get("a/bias").l1());
    assertEquals(List.of(), training.refusals());
  }

  @Test
  void whatIsNotDoneIsSaid() {
    KerasTraining training =
        layers(
            """
            {"a": {"class_name": "Dense", "activity_regularizer": {"class_name": "L2", "l2": 0.5}},
             "b": {"class_name": "Dense",
                   "kernel_regularizer": {"class_name": "OrthogonalRegularizer", "factor": 0.01}},
             "c": {"class_name": "GaussianNoise", "stddev": 0.1},
             "d": {"class_name": "LSTM", "dropout": 0.2},
             "e": {"class_name": "Dropout", "rate": 0.2}}""",
            "a/kernel",
            "b/kernel");
    assertEquals(
        List.of("layer 'a'", "layer 'b'", "layer 'c'", "layer 'd'", "layer 'e'"),
        training.refusals().stream().map(Refusal::where).toList());
    assertEquals(Map.of(), training.penalties());
  }

  @Test
  void frozenModelsFreezeWhatIsInThem() {
    KerasTraining training =
        layers(
            """
            {"base": {"class_name": "Functional", "trainable": false},
             "head": {"class_name": "Dense", "kernel_constraint": {"class_name": "NonNeg"}}}""",
            "base/conv/kernel",
            "base/norm/moving_mean",
            "basement/kernel",
            "head/kernel");
    assertEquals(Set.of("base/conv/kernel", "base/norm/moving_mean"), training.frozen());
    assertEquals("NonNeg", training.constraints().get("head/kernel").className());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "[1, 2]", "3", "null"})
  void damagedMetadataAreSaid(String text) {
    assertEquals(1, layers(text, "a/kernel").refusals().size());
    Model model = model();
    model.metadata().put("espalier.training", text);
    assertEquals(1, KerasTraining.of(model).orElseThrow().refusals().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\": 3}", "{\"a\": {\"trainable\": \"x\"}}"})
  void damagedLayersAreSaid(String text) {
    assertEquals(1, layers(text, "a/kernel").refusals().size());
  }
}

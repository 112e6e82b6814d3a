package io.espalier.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the author compiled the model, in one form for all versions of Keras: {@code optimizer} in
 * snake case, its {@code settings} by their names in Keras 3, {@code schedule} of its rate, {@code
 * losses} (a name, or an object with a name and settings; one for all outputs or one for each),
 * {@code metrics}.
 */
final class TrainingConfig {
  private static final List<String> OF_LOSS = List.of("from_logits", "label_smoothing", "delta");

  /** What says nothing of the function itself. */
  private static final List<String> USUAL_REDUCTIONS =
      List.of("auto", "sum_over_batch_size", "mean", "none");

  private TrainingConfig() {}

  /** The one form of what a file says. */
  static Json of(Json config) {
    Json optimizer = innermost(config.first("optimizer", "optimizer_config").orElse(Json.object()));
    String name = optimizer.isText() ? optimizer.text() : optimizer.text("class_name", "");
    Json said = optimizer.find("config").filter(Json::isObject).orElse(Json.object());
    Json result =
        Json.object()
            .with("optimizer", Json.of(bare(name).replace("_", "")))
            .with("settings", settings(said, List.of()));
    Json rate = said.first("learning_rate", "lr").orElse(Json.object());
    if (rate.isObject() && rate.has("class_name")) {
      Json numbers = rate.find("config").filter(Json::isObject).orElse(Json.object());
      Json schedule = Json.object().with("class_name", rate.get("class_name"));
      for (Map.Entry<String, Json> one : settings(numbers, List.of()).entries().entrySet()) {
        schedule = schedule.with(one.getKey(), one.getValue());
      }
      for (String list : List.of("boundaries", "values")) {
        if (numbers.has(list)) {
          schedule = schedule.with(list, numbers.get(list));
        }
      }
      result = result.with("schedule", schedule);
    }
    List<Json> losses = new ArrayList<>();
    config.find("loss").ifPresent(loss -> functions(loss, losses));
    List<Json> metrics = new ArrayList<>();
    config.find("metrics").ifPresent(metric -> functions(metric, metrics));
    return result
        .with("losses", Json.list(losses))
        .with("metrics", Json.of(metrics.stream().map(TrainingConfig::name).toList()));
  }

  /** The optimizer within one that scales the loss. */
  private static Json innermost(Json optimizer) {
    Json inner = optimizer;
    for (int depth = 0; depth < 4 && inner.isObject(); depth++) {
      Json config = inner.find("config").filter(Json::isObject).orElse(Json.object());
      if (!config.has("inner_optimizer") && !config.has("optimizer")) {
        break;
      }
      inner = config.first("inner_optimizer", "optimizer").orElseThrow();
    }
    return inner;
  }

  /** Numbers and flags that are set. */
  private static Json settings(Json said, List<String> only) {
    Json settings = Json.object();
    for (Map.Entry<String, Json> setting : said.entries().entrySet()) {
      String key = setting.getKey().equals("lr") ? "learning_rate" : setting.getKey();
      Json value = setting.getValue();
      boolean wanted = only.isEmpty() || only.contains(key);
      Optional<Double> number = value.asNumber();
      boolean says = number.isPresent() && !(number.get() == 0 && !only.isEmpty());
      if (wanted && says) {
        settings = settings.with(key, Json.of(shortened(number.get())));
      } else if (wanted && value.isFlag() && value.flag()) {
        settings = settings.with(key, value);
      }
    }
    return settings;
  }

  /** A number that was kept in 32 bits, in as many digits as those have. */
  static double shortened(double number) {
    return number == (float) number ? Double.parseDouble(Float.toString((float) number)) : number;
  }

  private static void functions(Json said, List<Json> functions) {
    if (said.isText()) {
      functions.add(Json.of(bare(said.text())));
    } else if (said.isList()) {
      said.items().stream()
          .filter(item -> !item.isNull())
          .forEach(item -> functions(item, functions));
    } else if (said.isObject() && said.has("class_name")) {
      functions.add(function(said));
    } else if (said.isObject()) {
      said.entries().values().stream()
          .filter(item -> !item.isNull())
          .forEach(item -> functions(item, functions));
    }
  }

  private static Json function(Json said) {
    String className = said.text("class_name");
    Json config = said.find("config").orElse(Json.object());
    if (className.equals("function") && config.isText()) {
      return Json.of(bare(config.text()));
    }
    if (className.endsWith("MeanMetricWrapper")) {
      return Json.of(bare(config.first("fn", "name").filter(Json::isText).orElseThrow().text()));
    }
    Json settings = config.isObject() ? settings(config, OF_LOSS) : Json.object();
    String reduction = config.find("reduction").filter(Json::isText).map(Json::text).orElse("auto");
    if (!USUAL_REDUCTIONS.contains(reduction)) {
      settings = settings.with("reduction", Json.of(reduction));
    }
    String name = bare(className);
    return settings.entries().isEmpty() ? Json.of(name) : settings.with("name", Json.of(name));
  }

  /** The name of a loss or metric. */
  static String name(Json function) {
    return function.isText() ? function.text() : function.text("name", "");
  }

  private static String bare(String name) {
    return SnakeCase.of(name.substring(name.lastIndexOf('>') + 1));
  }
}

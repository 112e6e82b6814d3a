package io.espalier.keras;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the author compiled the model, in one form for all versions of Keras.
 *
 * @param optimizer in snake case, as in {@code adam}; "" where the file does not say
 * @param settings of the optimizer, numbers and flags by their names in Keras 3
 * @param losses one for all outputs, or one for each
 */
record TrainingConfig(
    String optimizer, Map<String, Double> settings, List<String> losses, List<String> metrics) {

  static TrainingConfig of(Json config) {
    Json optimizer = config.first("optimizer", "optimizer_config").orElse(Json.object());
    String name = optimizer.isText() ? optimizer.text() : optimizer.text("class_name", "");
    Map<String, Double> settings = new LinkedHashMap<>();
    if (optimizer.isObject()) {
      optimizer
          .find("config")
          .filter(Json::isObject)
          .ifPresent(said -> said.entries().forEach((key, value) -> put(settings, key, value)));
    }
    List<String> losses = new ArrayList<>();
    config.find("loss").ifPresent(loss -> names(loss, losses));
    List<String> metrics = new ArrayList<>();
    config.find("metrics").ifPresent(metric -> names(metric, metrics));
    String bare = name.substring(name.lastIndexOf('>') + 1);
    return new TrainingConfig(SnakeCase.of(bare), settings, losses, metrics);
  }

  private static void put(Map<String, Double> settings, String key, Json value) {
    String known = key.equals("lr") ? "learning_rate" : key;
    if (value.isNumber()) {
      settings.put(known, value.number());
    }
  }

  private static void names(Json said, List<String> names) {
    if (said.isText()) {
      names.add(SnakeCase.of(said.text()));
    } else if (said.isList()) {
      said.items().stream().filter(item -> !item.isNull()).forEach(item -> names(item, names));
    } else if (said.isObject() && said.has("class_name")) {
      Json config = said.find("config").orElse(said);
      boolean function = said.text("class_name").equals("function") && config.isText();
      String name = function ? config.text() : said.text("class_name");
      names.add(SnakeCase.of(name.substring(name.lastIndexOf('>') + 1)));
    } else if (said.isObject()) {
      said.entries().values().stream()
          .filter(item -> !item.isNull())
          .forEach(item -> names(item, names));
    }
  }

  /** As JSON. */
  @Override
  public String toString() {
    Json settingsJson = Json.object();
    for (Map.Entry<String, Double> setting : settings.entrySet()) {
      settingsJson = settingsJson.with(setting.getKey(), Json.of((double) setting.getValue()));
    }
    return Json.object()
        .with("optimizer", Json.of(optimizer))
        .with("settings", settingsJson)
        .with("losses", Json.of(losses))
        .with("metrics", Json.of(metrics))
        .toString();
  }
}

package io.espalier.report;

import java.util.Map;
import java.util.stream.Collectors;

/** The layers of a model of Keras, as its own summary shows them. */
final class LayerText {
  private final Inspection.Source source;
  private final TextPage page;

  LayerText(Inspection.Source source, TextPage page) {
    this.source = source;
    this.page = page;
  }

  void render() {
    page.labelled("Keras", Printable.of(source.writer()));
    if (source.training() != null) {
      page.labelled("Compiled", Printable.of(source.training()));
    }
    page.line("");
    TextTable table =
        new TextTable(page.width(), "Layer", "Class", "Shape", "Parameters", "Training")
            .endingInText();
    for (Inspection.Layer layer : source.layers()) {
      table.row(
          Printable.of(layer.name()),
          Printable.of(layer.className()),
          Printable.of(layer.shape()),
          Figures.count(layer.parameters()),
          settings(layer.settings()));
    }
    page.table(table);
  }

  private static String settings(Map<String, String> settings) {
    return Printable.of(
        settings.entrySet().stream()
            .filter(setting -> !setting.getKey().endsWith("_initializer"))
            .map(setting -> setting.getKey() + "=" + setting.getValue())
            .collect(Collectors.joining(" ")));
  }
}

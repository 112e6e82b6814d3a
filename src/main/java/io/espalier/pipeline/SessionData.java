package io.espalier.pipeline;

import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.data.Preprocessing;
import io.espalier.graph.TensorType;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Port;
import io.espalier.runtime.Session;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Data as a session takes them. */
final class SessionData {
  private SessionData() {}

  /** Opens data for the inputs of a session. */
  static Dataset open(DataSource source, Recipe.Data data, Session session) throws IOException {
    Map<String, TensorType> types = new LinkedHashMap<>();
    for (Port port : session.inputs()) {
      if (port.isTensor()) {
        types.put(port.name(), port.type());
      }
    }
    return Dataset.open(source, types, preprocessing(data));
  }

  static Preprocessing preprocessing(Recipe.Data data) {
    return new Preprocessing(
        data.scale(),
        data.mean(),
        data.std(),
        data.layout().map(Preprocessing.Layout::of),
        data.bgr());
  }

  static Map<String, Datum> feeds(Dataset.Batch batch) {
    Map<String, Datum> feeds = new LinkedHashMap<>();
    batch.inputs().forEach((name, tensor) -> feeds.put(name, Datum.of(tensor)));
    return feeds;
  }
}

package io.espalier.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.TypeAdapter;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.List;

/**
 * The form for programs: the records as they are, in their order and under their names. What was
 * not measured, and numbers that JSON has no word for (NaN, infinities), are left out. That of a
 * {@link Report} is described by {@code docs/report.schema.json}.
 */
public final class Json {
  private Json() {}

  /** The record as a JSON object over several lines. */
  public static String of(Record result) {
    TypeAdapter<Double> finite = new FiniteNumbers();
    Gson gson =
        new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .registerTypeAdapter(double.class, finite)
            .registerTypeAdapter(Double.class, finite)
            .registerTypeAdapter(new TypeToken<List<Long>>() {}.getType(), new OnOneLine())
            .create();
    return gson.toJson(result) + "\n";
  }

  private abstract static class WriteOnly<T> extends TypeAdapter<T> {
    @Override
    public final T read(JsonReader in) {
      throw new UnsupportedOperationException("reports are written, not read");
    }
  }

  private static final class FiniteNumbers extends WriteOnly<Double> {
    @Override
    public void write(JsonWriter out, Double value) throws IOException {
      if (value == null || !Double.isFinite(value)) {
        out.nullValue();
      } else {
        out.value(value);
      }
    }
  }

  private static final class OnOneLine extends WriteOnly<List<Long>> {
    @Override
    public void write(JsonWriter out, List<Long> value) throws IOException {
      out.jsonValue(value.toString());
    }
  }
}

package io.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.espalier.Golden;
import io.espalier.report.Report.Fidelity;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReportFormTest {
  private static final Path SCHEMA = Path.of("docs/report.schema.json");

  static Stream<Report> reports() {
    return Stream.of(
        SampleReports.full(),
        SampleReports.empty(),
        SampleReports.large(3),
        SampleReports.full().untimed());
  }

  @Test
  void fileNameIsTheForm() {
    assertEquals(Optional.of(ReportForm.JSON), ReportForm.of(Path.of("a/b.json")));
    assertEquals(Optional.of(ReportForm.MARKDOWN), ReportForm.of(Path.of("b.md")));
    assertEquals(Optional.empty(), ReportForm.of(Path.of("b.txt")));
  }

  @Test
  void jsonIsAsItWas() throws IOException {
    Golden.check("report.json", ReportForm.JSON.render(SampleReports.full()));
  }

  @Test
  void markdownIsAsItWas() throws IOException {
    Golden.check("report.md", ReportForm.MARKDOWN.render(SampleReports.full()));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void jsonConformsToTheSchema(Report report) throws IOException {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(SCHEMA));
    String json = ReportForm.JSON.render(report);
    assertEquals(List.of(), schema.validate(json, InputFormat.JSON), json);
  }

  @Test
  void schemaDescribesEveryField() throws IOException {
    JsonObject schema = JsonParser.parseString(Files.readString(SCHEMA)).getAsJsonObject();
    assertFieldsAreDescribed(Report.class, schema);
  }

  private static void assertFieldsAreDescribed(Class<?> type, JsonObject schema) {
    JsonObject properties = schema.getAsJsonObject("properties");
    List<String> names =
        Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
    assertEquals(names, List.copyOf(properties.keySet()), type.getSimpleName());
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getType().isRecord()) {
        assertFieldsAreDescribed(
            component.getType(), properties.getAsJsonObject(component.getName()));
      }
    }
  }

  @Test
  void jsonHasNoNumbersThatJsonCannotHold() {
    Report full = SampleReports.full();
    Report report =
        new Report(
            1,
            "1",
            full.input(),
            full.output(),
            full.parameters(),
            full.sparsity(),
            full.compression(),
            full.tensors(),
            new Fidelity("random", 1, Double.POSITIVE_INFINITY, Double.NaN, null),
            full.accuracy(),
            full.errors(),
            full.latency(),
            null,
            null,
            null,
            List.of(),
            List.of(),
            List.of(),
            1.0);
    String json = ReportForm.JSON.render(report);
    JsonObject fidelity =
        JsonParser.parseString(json).getAsJsonObject().getAsJsonObject("fidelity");
    assertEquals(List.of("inputs", "samples"), List.copyOf(fidelity.keySet()));
    assertFalse(json.contains("NaN") || json.contains("Infinity"), json);
  }

  @Test
  void markdownEscapesNames() {
    Report full = SampleReports.full();
    Report report =
        new Report(
            1,
            "1",
            full.input(),
            null,
            full.parameters(),
            full.sparsity(),
            null,
            List.of(SampleReports.tensor("a|b`c", 1, 2)),
            null,
            List.of(),
            List.of(),
            null,
            null,
            null,
            null,
            List.of(),
            List.of(new Report.RefusalRow("x", "see <a> and *b*")),
            List.of(),
            1.0);
    String markdown = ReportForm.MARKDOWN.render(report);
    assertTrue(markdown.contains("| `a\\|b'c` |"), markdown);
    assertTrue(markdown.contains("see \\<a\\> and \\*b\\*"), markdown);
  }
}

package io.espalier.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlReaderTest {
  @TempDir Path folder;

  @Test
  void scalarsAreAsTheyAreWritten() {
    YamlNode.Entries map =
        assertInstanceOf(
            YamlNode.Entries.class,
            YamlReader.parse("# first\na: 0.10\n\"b\": 'no'\nc:\n  - 010\n  - 1e3\nd: ~\n", "f"));
    assertEquals(new YamlNode.Text("0.10", false, 2), map.entries().get("a"));
    assertEquals(new YamlNode.Text("no", false, 3), map.entries().get("b"));
    assertEquals(
        new YamlNode.Items(
            List.of(new YamlNode.Text("010", false, 5), new YamlNode.Text("1e3", false, 6)), 5),
        map.entries().get("c"));
    assertEquals(new YamlNode.Text("~", true, 7), map.entries().get("d"));
    assertEquals(4, map.keyLines().get("c"));
    assertEquals(new YamlNode.Text("", true, 1), YamlReader.parse("# nothing\n", "f"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: 1;b: 2;a: 3|f, line 3: 'a' stands in line 1 already",
        "a: &x [1];b: *x|f, line 1: anchors (&name) are not read; leave them out",
        "b: *x|f, line 1: aliases (*name) are not read; write out what they stand for",
        "a: !!java.net.URL x|f, line 1: tags (tag:yaml.org,2002:java.net.URL) are not read; leave"
            + " them out",
        "a: !x {b: 1}|f, line 1: tags (!x) are not read; leave them out",
        "a: 1;---;b: 2|f, line 2: expected one document, got another",
        "? [a];: 1|f, line 1: expected a name as key",
      })
  void whatHasNoPlaceInSettingsIsRefused(String lines, String message) {
    assertEquals(
        message,
        assertThrows(YamlException.class, () -> YamlReader.parse(lines.replace(";", "\n"), "f"))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"a: [1, 2|2", "a: 1;  b: 2|2", "a: 'x|2", "a: \t- b|1", "a: @x|1"})
  void brokenFilesAreToldWithTheirLine(String lines, int line) {
    String message =
        assertThrows(
                YamlException.class, () -> YamlReader.parse(lines.replace(";", "\n") + "\n", "f"))
            .getMessage();
    assertTrue(message.startsWith("f, line " + line + ": expected YAML"), message);
  }

  @Test
  void depthAndSizeHaveLimits() throws IOException {
    String deep = "[".repeat(100_000);
    assertEquals(
        "f, line 1: expected at most 40 levels",
        assertThrows(YamlException.class, () -> YamlReader.parse(deep, "f")).getMessage());
    Path large = Files.writeString(folder.resolve("l.yaml"), "# " + " ".repeat(YamlReader.LARGEST));
    assertEquals(
        large + ", line 1: expected at most 1048576 bytes, got 1048578",
        assertThrows(YamlException.class, () -> YamlReader.read(large)).getMessage());
    Path latin =
        Files.write(folder.resolve("b.yaml"), "a: ä".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(
        latin + ", line 1: expected text in UTF-8, got other bytes",
        assertThrows(YamlException.class, () -> YamlReader.read(latin)).getMessage());
  }
}

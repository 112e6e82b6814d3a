package io.espalier.keras;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ModelException;
import io.espalier.graph.UnsupportedModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and malicious files end in a message, never in a crash or a hang. */
class HostileFilesTest {
  private static final int DAMAGES = 3;

  @TempDir Path folder;

  @Test
  void damagedFilesAreRefusedOrRead() {
    Random random = new Random(5);
    for (Map.Entry<String, Map<String, byte[]>> fixture : Fixtures.all().entrySet()) {
      String name = Fixtures.model(fixture.getValue());
      byte[] bytes = fixture.getValue().get(name);
      for (int i = 0; i < DAMAGES; i++) {
        byte[] damaged = damaged(bytes, random);
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> openOrRefuse(name, damaged),
            () -> fixture.getKey() + " hangs");
      }
    }
  }

  private void openOrRefuse(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, bytes);
    try {
      if (KerasFile.isKeras(file)) {
        KerasFile.open(file, Optional.empty());
      }
    } catch (ModelException e) {
      assertTrue(e.getMessage().length() > 10, e.getMessage());
    }
  }

  /** A copy that is cut off, or has some bytes changed. */
  private static byte[] damaged(byte[] bytes, Random random) {
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    byte[] copy = bytes.clone();
    int flips = 1 + random.nextInt(20);
    int from = random.nextBoolean() ? 0 : random.nextInt(bytes.length);
    for (int i = 0; i < flips; i++) {
      int at = Math.min(bytes.length - 1, from + random.nextInt(Math.min(4096, bytes.length)));
      copy[at] = (byte) random.nextInt(256);
    }
    return copy;
  }

  private static String refusal(Map<String, String> entries, Path file) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    return assertThrows(ModelException.class, () -> KerasFile.open(file, Optional.empty()))
        .getMessage();
  }

  private String refused(String config) throws IOException {
    Map<String, String> entries =
        Map.of("config.json", config, "metadata.json", "{\"keras_version\": \"3.1.0\"}");
    return refusal(entries, folder.resolve("model.keras"));
  }

  @Test
  void archivesWithoutAModelAreRefused() throws IOException {
    Path file = folder.resolve("x.keras");
    assertTrue(
        refusal(Map.of("../../evil", "x"), file).contains("expected the entry 'config.json'"));
  }

  @Test
  void configurationsThatAreNoneAreRefused() throws IOException {
    for (String config :
        List.of("", "[", "{}", "[]", "1", "null", "{\"class_name\": 1}", "[".repeat(100_000))) {
      refused(config);
    }
  }

  @Test
  void modelsNestedWithoutEndAreRefused() throws IOException {
    String layer = "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [";
    refused(layer.repeat(60) + "]}}".repeat(60));
  }

  @Test
  void aZipBombIsRefused() throws IOException {
    Path file = folder.resolve("bomb.keras");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("config.json"));
      byte[] piece = new byte[1 << 20];
      for (int i = 0; i < 80; i++) {
        zip.write(piece);
      }
    }
    String message =
        assertThrows(ModelException.class, () -> KerasFile.open(file, Optional.empty()))
            .getMessage();
    assertTrue(message.contains("expected at most"), message);
  }

  @Test
  void lambdasAreRefusedByName() {
    String config =
        "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [{\"class_name\": \"Lambda\","
            + " \"config\": {\"name\": \"twice\", \"batch_input_shape\": [null, 3]}}]}}";
    NetworkSpec network =
        new ArchitectureReader(Dialect.of("2.4.0", "")).read(Json.parse(config, "test"));
    String message =
        assertThrows(
                UnsupportedModelException.class,
                () ->
                    new Importer(
                            Dialect.of("2.4.0", ""),
                            network,
                            layer -> ListedWeights.none(),
                            Optional.empty(),
                            Optional.empty())
                        .read())
            .getMessage();
    assertTrue(message.contains("layer 'twice' (Lambda)"), message);
    assertTrue(message.contains("rebuild"), message);
  }

  @Test
  void hdf5ThatIsNotKerasIsRefused() {
    ByteBuffer none = ByteBuffer.wrap(new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 26, 10});
    assertThrows(
        ModelException.class, () -> KerasFile.open(none, Path.of("x.h5"), Optional.empty()));
  }
}

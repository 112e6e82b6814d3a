package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.graph.UnsupportedModelException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleTest {
  private static final byte[] MODEL = "not read here".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"m.tar", "m.tar.gz", "m.tar.bz2", "m.tar.zst", "m.tar.xz", "m.zip", "M.ONNX.ZIP"})
  void readsWhatItWrote(String name) throws IOException {
    Path model = Files.write(folder.resolve("in.onnx"), MODEL);
    Path data = Files.write(folder.resolve("data"), new byte[3000]);
    Map<String, Path> contents = new LinkedHashMap<>();
    contents.put("m.onnx", model);
    contents.put("weights/" + "long".repeat(40) + ".bin", data);
    Path bundle = folder.resolve(name);
    BundleWriter.write(bundle, contents);

    Optional<BundleForm> form = Bundle.ofContents(bundle);
    assertEquals(BundleForm.ofName(bundle), form);
    Path place = Files.createDirectory(folder.resolve("place"));
    assertEquals(place.resolve("m.onnx"), Bundle.expand(form.orElseThrow(), bundle, place));
    assertArrayEquals(MODEL, Files.readAllBytes(place.resolve("m.onnx")));
    try (Stream<Path> all = Files.list(place.resolve("weights"))) {
      assertEquals(3000, Files.size(all.findFirst().orElseThrow()));
    }
    assertEquals("m.onnx", BundleForm.modelName(bundle).toLowerCase());
    assertRefused(bundle, UnsupportedModelException.class, "expands to more", 3000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"m.tar", "m.tar.xz", "m.zip"})
  void writesTheSameBytesAnywhereAtAnyTime(String name) throws IOException {
    Path model = Files.write(folder.resolve("in.onnx"), MODEL);
    Path bundle = folder.resolve(name);
    BundleWriter.write(bundle, Map.of("m.onnx", model));
    byte[] first = Files.readAllBytes(bundle);
    Files.setLastModifiedTime(model, FileTime.fromMillis(1_000_000_000_000L));
    TimeZone zone = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
      BundleWriter.write(bundle, Map.of("m.onnx", model));
    } finally {
      TimeZone.setDefault(zone);
    }
    assertArrayEquals(first, Files.readAllBytes(bundle));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../m.onnx",
        "/m.onnx",
        "a/../../m.onnx",
        "a/../m.onnx",
        "C:m.onnx",
        "\u0007.onnx"
      })
  void refusesNamesThatLeadElsewhere(String name) throws IOException {
    assertRefused(zip(name), MalformedModelException.class, "below the bundle's own folder");
    TarArchiveEntry entry = new TarArchiveEntry("x", true);
    entry.setName(name);
    entry.setSize(MODEL.length);
    if (!name.startsWith("C:")) {
      assertRefused(tar(entry), MalformedModelException.class, "below the bundle's own folder");
    }
    try (Stream<Path> outside = Files.list(folder)) {
      assertTrue(outside.noneMatch(file -> file.toString().endsWith(".onnx")));
    }
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    for (byte type :
        List.of(
            TarConstants.LF_SYMLINK,
            TarConstants.LF_LINK,
            TarConstants.LF_CHR,
            TarConstants.LF_FIFO)) {
      TarArchiveEntry entry = new TarArchiveEntry("m.onnx", type);
      entry.setLinkName("/etc/passwd");
      assertRefused(tar(entry), MalformedModelException.class, "a link or a device");
    }
    ZipArchiveEntry link = new ZipArchiveEntry("m.onnx");
    link.setUnixMode(0120777);
    assertRefused(zip(link), MalformedModelException.class, "a link or a device");
  }

  @Test
  void wantsOneModel() throws IOException {
    assertRefused(
        zip("a.onnx", "b/B.ONNX"), MalformedModelException.class, "'a.onnx' and 'b/B.ONNX'");
    assertRefused(zip("a.onnx", "A.onnx"), MalformedModelException.class, "twice");
    assertRefused(zip("a", "a/m.onnx"), MalformedModelException.class, "a damaged archive");
    assertRefused(tar(new TarArchiveEntry("readme")), MalformedModelException.class, "it has none");
    Path mac = zip("__MACOSX/m.onnx", "m.onnx", "._m.onnx");
    Path place = Files.createDirectory(folder.resolve("mac"));
    assertEquals(place.resolve("m.onnx"), Bundle.expand(BundleForm.ZIP, mac, place));
    assertTrue(Bundle.ofContents(zip("config.json")).isEmpty());
  }

  @Test
  void refusesBombs() throws IOException {
    Path zeros = Files.write(folder.resolve("zeros"), new byte[4 << 20]);
    for (String name : List.of("bomb.tar.zst", "bomb.tar.bz2", "bomb.zip")) {
      Path bomb = folder.resolve(name);
      BundleWriter.write(bomb, Map.of("m.onnx", zeros));
      assertTrue(Files.size(bomb) < 10_000);
      assertRefused(bomb, UnsupportedModelException.class, "more than 1 MiB", 1 << 20);
    }
    TarArchiveEntry huge = new TarArchiveEntry("m.onnx");
    huge.setSize(1L << 50);
    Path lying = folder.resolve("lying.tar");
    try (OutputStream out = Files.newOutputStream(lying)) {
      byte[] header = new byte[512];
      huge.writeEntryHeader(
          header,
          org.apache.commons.compress.archivers.zip.ZipEncodingHelper.getZipEncoding("UTF-8"),
          true);
      out.write(header);
      out.write(new byte[2048]);
    }
    assertRefused(lying, MalformedModelException.class, "a damaged archive");
    String[] many = new String[10_001];
    Arrays.setAll(many, i -> "folder" + i + "/");
    assertRefused(zip(many), UnsupportedModelException.class, "at most 10000 entries");
  }

  @Test
  void refusesDamagedBundles() throws IOException {
    Path model = Files.write(folder.resolve("in.onnx"), "model".repeat(3000).getBytes());
    for (String name : List.of("m.tar", "m.tar.gz", "m.tar.zst", "m.zip")) {
      Path bundle = folder.resolve(name);
      BundleWriter.write(bundle, Map.of("m.onnx", model));
      byte[] bytes = Files.readAllBytes(bundle);
      BundleForm form = BundleForm.ofName(bundle).orElseThrow();
      for (int length = 16; length < bytes.length - 1024; length += 1 + bytes.length / 20) {
        Files.write(bundle, Arrays.copyOf(bytes, length));
        assertThrows(ModelException.class, () -> expand(form, bundle, 1 << 20), name + length);
      }
      for (int at = 0; at < Math.min(bytes.length, 400); at += 11) {
        byte[] changed = bytes.clone();
        changed[at] ^= 0x41;
        Files.write(bundle, changed);
        try {
          expand(form, bundle, 1 << 20);
        } catch (ModelException e) {
          assertTrue(e.getMessage().contains(name), e.getMessage());
        }
      }
    }
  }

  private void assertRefused(
      Path bundle, Class<? extends ModelException> type, String message, long limit)
      throws IOException {
    BundleForm form = bundle.toString().contains(".tar") ? BundleForm.TAR : BundleForm.ZIP;
    ModelException e = assertThrows(type, () -> expand(form, bundle, limit));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private void assertRefused(Path bundle, Class<? extends ModelException> type, String message)
      throws IOException {
    assertRefused(bundle, type, message, 1 << 20);
  }

  private void expand(BundleForm form, Path bundle, long limit) throws IOException {
    Path place = Files.createTempDirectory(folder, "place");
    Bundle.expand(form, bundle, place, limit);
  }

  @Test
  void zipWithAnotherChecksum() throws IOException {
    Path bundle = zip("m.onnx");
    byte[] bytes = Files.readAllBytes(bundle);
    int directory = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
    bytes[directory + 16] ^= 1;
    Files.write(bundle, bytes);
    assertRefused(bundle, MalformedModelException.class, "its checksum");
  }

  private Path zip(String... names) throws IOException {
    return zip(Arrays.stream(names).map(ZipArchiveEntry::new).toArray(ZipArchiveEntry[]::new));
  }

  private Path zip(ZipArchiveEntry... entries) throws IOException {
    Path file = Files.createTempFile(folder, "made", ".zip");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(file)) {
      for (ZipArchiveEntry entry : entries) {
        zip.putArchiveEntry(entry);
        if (!entry.isDirectory()) {
          zip.write(MODEL);
        }
        zip.closeArchiveEntry();
      }
    }
    return file;
  }

  private Path tar(TarArchiveEntry entry) throws IOException {
    Path file = Files.createTempFile(folder, "made", ".tar");
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(file))) {
      if (entry.isFile() && !entry.isSymbolicLink() && !entry.isLink()) {
        entry.setSize(MODEL.length);
        tar.putArchiveEntry(entry);
        tar.write(MODEL);
      } else {
        tar.putArchiveEntry(entry);
      }
      tar.closeArchiveEntry();
    }
    return file;
  }
}

package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.storage.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SizeMemoTest {
  @TempDir Path cache;

  @AfterEach
  void forgetTheFolder() {
    System.clearProperty(SizeMemo.PROPERTY);
  }

  @Test
  void remembersNothingWithoutAFolder() {
    SizeMemo memo = SizeMemo.ofProcess();
    memo.remember("abc", Compression.XZ, 5);
    assertTrue(memo.find("abc", Compression.XZ).isEmpty());
  }

  @Test
  void remembersByContentsAndCompression() throws IOException {
    System.setProperty(SizeMemo.PROPERTY, cache.toString());
    SizeMemo.ofProcess().remember("abc", Compression.XZ, 5);
    SizeMemo memo = SizeMemo.ofProcess();
    assertEquals(OptionalLong.of(5), memo.find("abc", Compression.XZ));
    assertTrue(memo.find("abc", Compression.GZIP).isEmpty());
    assertTrue(memo.find("abd", Compression.XZ).isEmpty());
    Files.writeString(cache.resolve("sizes/abc." + Compression.XZ.measure()), "five");
    assertTrue(memo.find("abc", Compression.XZ).isEmpty());
  }
}

package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    memo.remember("abc", "xz1", 5);
    assertTrue(memo.find("abc", "xz1").isEmpty());
  }

  @Test
  void remembersByContentsAndCompression() throws IOException {
    System.setProperty(SizeMemo.PROPERTY, cache.toString());
    SizeMemo.ofProcess().remember("abc", "xz1", 5);
    SizeMemo memo = SizeMemo.ofProcess();
    assertEquals(OptionalLong.of(5), memo.find("abc", "xz1"));
    assertTrue(memo.find("abc", "gz9").isEmpty());
    assertTrue(memo.find("abd", "xz1").isEmpty());
    Files.writeString(cache.resolve("sizes/abc.xz1"), "five");
    assertTrue(memo.find("abc", "xz1").isEmpty());
  }
}

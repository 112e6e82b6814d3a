package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StorageTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Compression.class)
  void expandsWhatItCompressed(Compression compression) throws IOException {
    byte[] contents = new byte[100_000];
    new Random(1).nextBytes(contents);
    Arrays.fill(contents, 20_000, 80_000, (byte) 0);
    Path plain = Files.write(folder.resolve("plain"), contents);
    Path packed = folder.resolve("packed" + compression.ending());

    compression.compress(plain, packed);

    assertEquals(compression, Compression.ofContents(packed));
    assertEquals(compression, Compression.ofName(packed));
    assertEquals(Files.size(packed), compression.sizeOf(plain), 0.03 * Files.size(packed));
    assertArrayEquals(contents, compression.expand(packed, 100_000));
    assertThrows(UnsupportedModelException.class, () -> compression.expand(packed, 99_999));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void refusesDamagedFiles(Compression compression) throws IOException {
    Path plain = Files.write(folder.resolve("plain"), new byte[100_000]);
    Path packed = folder.resolve("packed");
    compression.compress(plain, packed);
    byte[] bytes = Files.readAllBytes(packed);
    for (int length = 6; length < bytes.length; length += 3) {
      Files.write(packed, Arrays.copyOf(bytes, length));
      assertThrows(MalformedModelException.class, () -> compression.expand(packed, 1 << 20));
    }
  }

  @Test
  void publishesAllFilesOrNone() throws IOException {
    Files.writeString(folder.resolve("b"), "old");
    try (StagedFiles files = StagedFiles.in(folder)) {
      Files.writeString(files.stage("a"), "new a");
      Files.writeString(files.stage("b"), "new b");
    }
    assertEquals("old", Files.readString(folder.resolve("b")));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(1, left.count());
    }

    try (StagedFiles files = StagedFiles.in(folder)) {
      Files.writeString(files.stage("a"), "new a");
      Files.writeString(files.stage("b"), "new b");
      files.publish();
    }
    assertEquals("new a", Files.readString(folder.resolve("a")));
    assertEquals("new b", Files.readString(folder.resolve("b")));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(2, left.count());
    }
  }

  @Test
  void refusesFoldersThatAreNotThere() {
    IOException e =
        assertThrows(NoSuchFileException.class, () -> StagedFiles.in(folder.resolve("no")));
    assertTrue(e.getMessage().contains("does not exist"), e.getMessage());
  }
}

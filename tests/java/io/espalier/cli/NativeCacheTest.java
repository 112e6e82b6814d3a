package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
  @TempDir private Path folder;
  private Path root;

  @BeforeEach
  void nameTheRoot() {
    root = folder.resolve("cache/espalier");
  }

  private Path jar(String content) throws IOException {
    Path jar = Files.createDirectories(folder.resolve("lib")).resolve("onnxruntime-9.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (String name : List.of("linux-x64/lib.so", "linux-x64/sub/x", "win-x64/lib.dll")) {
        zip.putNextEntry(new ZipEntry("ai/onnxruntime/native/" + name));
        zip.write(content.getBytes());
        zip.closeEntry();
      }
    }
    return jar;
  }

  private List<Path> entries(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.toList();
    }
  }

  @Test
  void unpacksThePlatformsLibrariesOnce() throws IOException {
    Path jar = jar("one");
    Path unpacked = NativeCache.folder(root, jar, "linux-x64");
    assertEquals(root, unpacked.getParent());
    assertEquals(List.of(unpacked.resolve("lib.so")), entries(unpacked));
    assertArrayEquals("one".getBytes(), Files.readAllBytes(unpacked.resolve("lib.so")));
    assertEquals(unpacked, NativeCache.folder(root, jar, "linux-x64"));
    assertEquals(List.of(unpacked), entries(root));
  }

  @Test
  void otherLibrariesOfTheSameNameGetAFolderOfTheirOwn() throws IOException {
    Path first = NativeCache.folder(root, jar("one"), "linux-x64");
    Path second = NativeCache.folder(root, jar("two"), "linux-x64");
    assertEquals(2, List.of(first, second).stream().distinct().count());
  }

  @Test
  void manyAtOnceAgree() throws Exception {
    Path jar = jar("one");
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Path>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> NativeCache.folder(root, jar, "linux-x64"));
      }
      for (Future<Path> result : threads.invokeAll(calls)) {
        assertEquals(List.of(result.get()), entries(root));
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void refusesWhatItDidNotUnpack() throws IOException {
    Path jar = jar("one");
    Files.writeString(NativeCache.folder(root, jar, "linux-x64").resolve("lib.so"), "longer");
    assertThrows(IOException.class, () -> NativeCache.folder(root, jar, "linux-x64"));
    assertThrows(IOException.class, () -> NativeCache.folder(root, jar, "vax"));
  }

  @Test
  void refusesAFolderThatOthersCanWriteTo() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path jar = jar("one");
    NativeCache.folder(root, jar, "linux-x64");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root)));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThrows(IOException.class, () -> NativeCache.folder(root, jar, "linux-x64"));
  }

  @Test
  void goesWhereTheSystemKeepsCaches() {
    assertEquals(Path.of("/h/.cache/espalier"), NativeCache.root(Map.of(), "/h"));
    assertEquals(Path.of("/x/espalier"), NativeCache.root(Map.of("XDG_CACHE_HOME", "/x"), "/h"));
    assertEquals(
        Path.of("/h/.cache/espalier"), NativeCache.root(Map.of("XDG_CACHE_HOME", "x"), "/h"));
    assertNull(NativeCache.root(Map.of(), "?"));
  }
}

package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is taken from DL4J must work with nothing but its five jars, and quietly. */
class NoNativeLibraryTest {
  @TempDir Path folder;

  @Test
  void schedulesLoadNoLibraryAndPrintNothing() throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("slf4j-nop") && !entry.contains("jackson"))
            .collect(Collectors.joining(File.pathSeparator));
    Path libraries = folder.resolve("libraries.txt");
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:library=info:file=" + libraries,
                "-cp",
                classPath,
                "io.espalier.train.ScheduleProbe"));
    command.addAll(
        List.of(
            "fixed",
            "step:every=1",
            "exponential:gamma=0.9",
            "inverse:gamma=1",
            "map:2=1",
            "cosine:warmup=2"));
    Process child =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals("", Files.readString(err, StandardCharsets.UTF_8));
    assertEquals(0, child.exitValue());
    assertEquals(6, Files.readAllLines(out).size());
    List<String> loaded =
        Files.readAllLines(libraries).stream().filter(l -> l.contains("Loaded library")).toList();
    assertTrue(loaded.size() >= 2, "the log names the JDK's own libraries");
    for (String line : loaded) {
      String library = line.substring(line.indexOf("Loaded library ") + 15);
      assertTrue(
          !library.startsWith("/") || library.startsWith(System.getProperty("java.home")), line);
    }
  }
}

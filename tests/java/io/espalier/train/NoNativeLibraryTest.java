package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
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

/** Training loads nothing but onnxruntime, and what is taken from DL4J works quietly. */
class NoNativeLibraryTest {
  @TempDir Path folder;

  @Test
  void schedulesLoadNoLibraryAndPrintNothing() throws Exception {
    List<String> out =
        run(
            "io.espalier.train.ScheduleProbe",
            "fixed",
            "step:every=1",
            "exponential:gamma=0.9",
            "inverse:gamma=1",
            "map:2=1",
            "cosine:warmup=2");
    assertEquals(6, out.size());
    assertEquals(List.of(), foreign());
  }

  @Test
  void wholeRunLoadsOnnxruntimeAlone() throws Exception {
    List<String> out = run("io.espalier.pipeline.TrainingProbe", folder.toString());
    assertEquals(1, out.size());
    List<String> loaded = foreign();
    assertTrue(loaded.size() >= 2, "onnxruntime and its Java interface: " + loaded);
    for (String library : loaded) {
      assertTrue(Path.of(library).getFileName().toString().contains("onnxruntime"), library);
    }
  }

  /** Runs a class in a process of its own, which may print to its standard output only. */
  private List<String> run(String type, String... arguments) throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("slf4j-nop") && !entry.contains("jackson"))
            .collect(Collectors.joining(File.pathSeparator));
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:library=info:file=" + folder.resolve("libraries.txt"),
                "-cp",
                classPath,
                type));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    Process child = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals("", Files.readString(err, StandardCharsets.UTF_8));
    assertEquals(0, child.exitValue());
    return Files.readAllLines(out);
  }

  /** The libraries that were loaded besides the JDK's own. */
  private List<String> foreign() throws IOException {
    List<String> loaded =
        Files.readAllLines(folder.resolve("libraries.txt")).stream()
            .filter(line -> line.contains("Loaded library "))
            .map(line -> line.substring(line.indexOf("Loaded library ") + 15))
            .map(line -> line.replaceFirst(",.*", ""))
            .toList();
    assertTrue(loaded.size() >= 2, "the log names the JDK's own libraries");
    String home = System.getProperty("java.home");
    return loaded.stream()
        .filter(library -> library.startsWith("/") && !library.startsWith(home))
        .toList();
  }
}

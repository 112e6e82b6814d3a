package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code tools/prune} in a checkout whose Java and Maven only say how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final String JAVA =
      """
      #!/bin/sh
      for argument in "$@"; do
        case $argument in
          -XX:DumpLoadedClassList=*) exit 0 ;;
          -XX:SharedArchiveFile=*) archive=${argument#*=} ;;
          -Xshare:dump) dump=yes ;;
        esac
      done
      if [ -n "${dump:-}" ]; then echo classes >"$archive"; exit 0; fi
      printf '<%s>' "$@"
      exit 7
      """;
  private static final String MAVEN =
      """
      #!/bin/sh
      echo built >>builds
      sleep 0.2
      mkdir -p target/lib
      touch target/lib/a.jar target/lib/b.jar target/espalier-1.jar
      """;

  @TempDir private Path folder;
  private Path root;
  private Path home;
  private String output;

  @BeforeEach
  void makeCheckout() throws IOException {
    root = Files.createDirectories(folder.resolve("check out"));
    home = folder.resolve("java home");
    for (String name : List.of("src/main", "proto", "tools")) {
      Files.createDirectories(root.resolve(name));
    }
    Files.writeString(root.resolve("pom.xml"), "");
    executable(root.resolve("tools/prune"), Files.readString(Path.of("tools/prune")));
    executable(home.resolve("bin/java"), JAVA);
    executable(folder.resolve("bin/mvn"), MAVEN);
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
  }

  private static void executable(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Process start(Path launcher, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(folder.toFile());
    builder.environment().put("JAVA_HOME", home.toString());
    builder.environment().merge("PATH", folder.resolve("bin") + ":", (old, own) -> own + old);
    builder.environment().remove("JAVA_OPTS");
    return builder.start();
  }

  private int run(Path launcher, String... arguments) throws Exception {
    Process process = start(launcher, arguments);
    output = new String(process.getInputStream().readAllBytes());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    return process.exitValue();
  }

  private int run(String... arguments) throws Exception {
    return run(root.resolve("tools/prune"), arguments);
  }

  private long builds() throws IOException {
    return Files.readAllLines(root.resolve("builds")).size();
  }

  @Test
  void buildsOnceThenBecomesJava() throws Exception {
    assertEquals(7, run("a model.onnx", "--include", "*", ""));
    assertTrue(output.contains("prune: building " + root), output);
    assertTrue(output.endsWith("<io.espalier.cli.Main><a model.onnx><--include><*><>"), output);
    assertTrue(output.contains("<-cp><" + root + "/target/espalier-1.jar:"), output);
    assertEquals(7, run("b"));
    assertTrue(output.startsWith("<"), output);
    assertTrue(output.contains("<-XX:SharedArchiveFile=" + root + "/target/launch/"), output);
    assertEquals(1, builds());
  }

  @Test
  void buildsAgainWhenASourceIsNewer() throws Exception {
    run("a");
    Path source = Files.writeString(root.resolve("src/main/New.java"), "");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
    run("a");
    assertEquals(2, builds());
  }

  @Test
  void worksThroughLinks() throws Exception {
    Path first = Files.createSymbolicLink(folder.resolve("first"), root.resolve("tools/prune"));
    Path second = Files.createSymbolicLink(folder.resolve("prune"), Path.of("first"));
    assertEquals(7, run(second, "x"));
    assertTrue(output.contains(root + "/target/espalier-1.jar"), output);
    assertTrue(Files.exists(first));
  }

  @Test
  void firstRunsAtTheSameTimeBuildOnce() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(start(root.resolve("tools/prune"), "x"));
    }
    for (Process process : processes) {
      process.getInputStream().readAllBytes();
      assertEquals(7, process.waitFor());
    }
    assertEquals(1, builds());
    assertFalse(Files.exists(root.resolve("target/launch.lock")));
  }

  @Test
  void buildsAnewAfterOneThatWasCutShort() throws Exception {
    run("x");
    Path lock = Files.createDirectory(root.resolve("target/launch.lock"));
    Files.writeString(lock.resolve("owner"), "99999999\n");
    assertEquals(7, run("x"));
    assertEquals(2, builds());
    assertFalse(Files.exists(lock));
  }

  @Test
  void oldJavaIsNamed() throws Exception {
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"1.8.0_402\"\n");
    assertEquals(1, run("x"));
    assertEquals(
        "prune: " + home + "/bin/java is Java 1.8.0_402; 17 or newer is needed (set JAVA_HOME)\n",
        output);
  }

  @Test
  void failedBuildIsAFailure() throws Exception {
    executable(folder.resolve("bin/mvn"), "#!/bin/sh\nexit 1\n");
    assertEquals(1, run("x"));
    assertTrue(output.contains("prune: the build failed (mvn package in " + root + ")"), output);
    assertFalse(Files.exists(root.resolve("target/launch.lock")));
  }
}

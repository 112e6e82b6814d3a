package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.espalier.Espalier;
import io.espalier.graph.ModelException;
import io.espalier.onnx.Models;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.report.Inspection;
import io.espalier.report.Report;
import io.espalier.storage.Bundle;
import io.espalier.storage.BundleForm;
import io.espalier.storage.BundleWriter;
import io.espalier.storage.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = Files.write(folder.resolve("net.onnx"), Models.perceptron().build().toByteArray());
  }

  @Test
  void prunesVerifiesAndReports() throws IOException {
    byte[] input = Files.readAllBytes(model);
    Report report = run(options -> options.set("sparsity", "0.75"));

    Path output = folder.resolve("net.pruned.onnx");
    assertEquals(output.toString(), report.output().path());
    assertEquals(Files.size(output), report.output().bytes());
    assertArrayEquals(input, Files.readAllBytes(model));
    assertEquals(new Report.Parameters(212, 192, 68), report.parameters());
    assertEquals(new Report.Sparsity(0.75, 0.75), report.sparsity());
    assertEquals(4, report.fidelity().samples());
    assertTrue(report.fidelity().maxAbsDiff() > 0);
    assertTrue(report.latency().before().p50Ms() > 0);
    assertNotNull(report.output().xzBytes());
    ModelProto written = ModelProto.parseFrom(Files.readAllBytes(output));
    assertEquals(
        List.of("espalier.version", "espalier.input.sha256", "espalier.recipe"),
        written.getMetadataPropsList().stream().map(StringStringEntryProto::getKey).toList());
    assertEquals(report.input().sha256(), written.getMetadataProps(1).getValue());
    assertNothingElse("net.onnx", "net.pruned.onnx");
  }

  @Test
  void copiesTheBytesWhenNothingChanges() throws IOException {
    Report report = run(options -> options.set("sparsity", "0"));
    assertEquals(-1, Files.mismatch(model, folder.resolve("net.pruned.onnx")));
    assertEquals(0, report.fidelity().maxAbsDiff());
    run(options -> options.set("sparsity", "0")); // a copy of the input may be replaced
  }

  @Test
  void givesTheSameBytesAgain() throws IOException {
    run(options -> options.set("criterion", "random").set("seed", "3").set("threads", "1"));
    byte[] first = Files.readAllBytes(folder.resolve("net.pruned.onnx"));
    run(options -> options.set("criterion", "random").set("seed", "3").set("threads", "2"));
    assertArrayEquals(first, Files.readAllBytes(folder.resolve("net.pruned.onnx")));
    run(options -> options.set("criterion", "random").set("seed", "4"));
    assertFalse(Arrays.equals(first, Files.readAllBytes(folder.resolve("net.pruned.onnx"))));
  }

  @Test
  void replacesOnlyItsOwnFiles() throws IOException {
    Path other = folder.resolve("other.onnx");
    Files.copy(model, other);
    Files.write(other, new byte[] {0x72, 0}, StandardOpenOption.APPEND);
    byte[] before = Files.readAllBytes(other);
    refusesUsage("--force", options -> options.set("output", other.toString()));
    refusesUsage("would replace the input", options -> options.set("output", model.toString()));
    refusesUsage("got a directory", options -> options.set("output", folder.toString()));
    refusesUsage(
        "that is the model's place",
        options ->
            options
                .set("output", folder.resolve("r.json").toString())
                .set("report", folder.resolve("r.json").toString()));
    assertArrayEquals(before, Files.readAllBytes(other));

    run(options -> options.set("output", other.toString()).flag("force", true));
    run(options -> options.set("output", other.toString()));
    run(options -> options.set("output", model.toString()).flag("force", true));
    assertNothingElse("net.onnx", "other.onnx");
  }

  @Test
  void readsAndWritesArchives() throws IOException {
    for (Compression compression : EnumSet.complementOf(EnumSet.of(Compression.NONE))) {
      Path packed = folder.resolve("packed.onnx" + compression.ending());
      run(options -> options.set("output", packed.toString()));
      Path again = folder.resolve("again.onnx" + compression.ending());
      Report report =
          Espalier.run(
              options().set("output", again.toString()).set("sparsity", "0.9").recipe(packed),
              Listener.NONE);
      assertEquals(0.9, report.sparsity().achieved(), 0.01);
      assertEquals(compression, Compression.ofContents(again));
      assertEquals(Files.size(again), report.output().bytes());
      assertEquals(Files.size(packed), report.input().bytes());
      Files.delete(packed);
      Files.delete(again);
    }
  }

  @Test
  void keepsExternalDataExternal() throws IOException {
    writeModelWithExternalData();
    Path target = Files.createDirectory(folder.resolve("target"));
    Path output = target.resolve("small.onnx");
    Report report = run(options -> options.set("output", output.toString()));

    assertEquals(0.5, report.sparsity().achieved());
    assertTrue(report.fidelity().maxAbsDiff() > 0);
    assertEquals(512, Files.size(target.resolve("small.onnx.data")));
    assertEquals(Files.size(output) + 512, report.output().bytes());
    assertEquals(Files.size(model) + 612, report.input().bytes());

    Path copy = target.resolve("copy.onnx");
    run(options -> options.set("output", copy.toString()).set("sparsity", "0"));
    assertEquals(-1, Files.mismatch(model, copy));
    assertEquals(-1, Files.mismatch(folder.resolve("weights.bin"), target.resolve("weights.bin")));
  }

  @Test
  void aCopyBesideItsExternalDataIsVerified() throws IOException {
    writeModelWithExternalData();
    Path copy = folder.resolve("copy.onnx");
    Report report = run(options -> options.set("output", copy.toString()).set("sparsity", "0"));
    assertEquals(0, report.fidelity().maxAbsDiff());
    assertEquals(-1, Files.mismatch(model, copy));
  }

  private void writeModelWithExternalData() throws IOException {
    ModelProto.Builder external = Models.perceptron();
    TensorProto.Builder w1 = external.getGraphBuilder().getInitializerBuilder(0);
    byte[] data = new byte[100 + 512];
    w1.getRawData().copyTo(data, 100);
    Files.write(folder.resolve("weights.bin"), data);
    w1.clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", "weights.bin"))
        .addExternalData(entry("offset", "100"));
    Files.write(model, external.build().toByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"small.tar.gz", "small.zip"})
  void keepsAllThatBelongsToAModelInABundle(String name) throws IOException {
    writeModelWithExternalData();
    Path bundle = folder.resolve(name);
    Report report = run(options -> options.set("output", bundle.toString()));
    assertEquals(Files.size(bundle), report.output().bytes());
    assertNothingElse("net.onnx", "weights.bin", name);
    byte[] first = Files.readAllBytes(bundle);
    run(options -> options.set("output", bundle.toString()));
    assertArrayEquals(first, Files.readAllBytes(bundle));

    Path apart = Files.createDirectory(folder.resolve("apart")).resolve("plain.onnx");
    Report again =
        Espalier.run(
            options().set("output", apart.toString()).set("sparsity", "0.9").recipe(bundle),
            Listener.NONE);
    assertEquals(Files.size(bundle), again.input().bytes());
    assertEquals(0.9, again.sparsity().achieved(), 0.01);
    assertEquals(512, Files.size(apart.resolveSibling("plain.onnx.data")));

    Path copy = folder.resolve("copy.tar.xz");
    Espalier.run(
        options().set("output", copy.toString()).set("sparsity", "0.5").recipe(bundle),
        Listener.NONE);
    Inspection.File file = Inspector.inspect(copy, Listener.NONE).file();
    assertEquals("tar in xz", file.compression());
    assertEquals("small.onnx.data", file.external().get(0).path());
    Path expanded = Files.createDirectory(folder.resolve("expanded"));
    Bundle.expand(BundleForm.TAR, copy, expanded);
    Path inside = expanded.resolve("copy.report.json");
    assertFalse(Files.readString(inside).contains("econds"), Files.readString(inside));
    assertTrue(Files.readString(inside).contains("\"maxAbsDiff\""));
    assertEquals(512, Files.size(expanded.resolve("small.onnx.data")));
  }

  @Test
  void namesTheBundleWhereItsModelIsDamaged() throws IOException {
    Files.write(model, new byte[] {1, 2, 3});
    Path bundle = folder.resolve("bad.zip");
    BundleWriter.write(bundle, Map.of("net.onnx", model));
    ModelException e =
        assertThrows(
            ModelException.class, () -> Espalier.run(options().recipe(bundle), Listener.NONE));
    assertTrue(e.getMessage().startsWith(bundle + ": net.onnx: "), e.getMessage());
  }

  @Test
  void measuresAgainstTheGates() throws IOException {
    Report report =
        run(
            options ->
                options
                    .set("min-sparsity", "50%")
                    .set("min-compression", "3")
                    .set("max-bytes", "1MiB")
                    .set("max-output-diff", "1e-9"));
    assertEquals(
        List.of(true, false, true, false),
        report.gates().stream().map(Report.GateResult::met).toList());
    assertTrue(Files.exists(folder.resolve("net.pruned.onnx")));
    refusesUsage(
        "held-out",
        options -> options.set("max-accuracy-drop", "0.5pp").set("data", "digits.npz#train"));
    refusesUsage(
        "trained on",
        options -> options.set("max-accuracy-drop", "0.5pp").set("test", "digits.npz#train"));
  }

  @Test
  void saysWhatWasNotVerified() throws IOException {
    ModelProto.Builder custom = Models.perceptron();
    custom.getGraphBuilder().getNodeBuilder(2).setDomain("my.own").setOpType("Softer");
    Files.write(model, custom.build().toByteArray());
    Report report = run(options -> options.set("max-output-diff", "100"));
    assertNull(report.fidelity());
    assertTrue(report.refusals().get(0).reason().startsWith("not verified"));
    assertFalse(report.gatesMet());
  }

  @Test
  void takesMistakesInWhatItIsToldOfInputsAsErrors() throws IOException {
    ModelException e =
        assertThrows(ModelException.class, () -> run(options -> options.set("dim", "height=3")));
    assertTrue(e.getMessage().contains("'height'"), e.getMessage());
    assertThrows(
        ModelException.class, () -> run(options -> options.set("custom-ops", "absent.so")));
    assertNothingElse("net.onnx");
  }

  @Test
  void leavesNothingBehindWhenItFails() throws IOException {
    refusesUsage("names no weight", options -> options.set("include", "nothing*"));
    assertNothingElse("net.onnx");
    ModelProto.Builder broken = Models.perceptron();
    TensorProto.Builder w1 = broken.getGraphBuilder().getInitializerBuilder(0);
    byte[] raw = w1.getRawData().toByteArray();
    Arrays.fill(raw, 8, 12, (byte) 0xff);
    w1.setRawData(ByteString.copyFrom(raw));
    Files.write(model, broken.build().toByteArray());
    ModelException e = assertThrows(ModelException.class, () -> run(UnaryOperator.identity()));
    assertTrue(e.getMessage().contains("w1"), e.getMessage());
    assertNothingElse("net.onnx");
  }

  @Test
  void stopsWhenCancelled() throws IOException {
    Listener impatient =
        new Listener() {
          private boolean writing;

          @Override
          public void stage(String stage) {
            writing |= stage.equals("writing");
          }

          @Override
          public boolean cancelled() {
            return writing;
          }
        };
    assertThrows(
        InterruptedRunException.class, () -> Espalier.run(options().recipe(model), impatient));
    assertNothingElse("net.onnx");
  }

  @Test
  void prunesOrRefusesDamagedModels() throws IOException {
    byte[] whole = Files.readAllBytes(model);
    Random random = new Random(7);
    int pruned = 0;
    for (int round = 0; round < 300; round++) {
      byte[] damaged =
          round % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      if (round % 3 > 0) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(model, damaged);
      try {
        run(options -> options.flag("force", true));
        pruned++;
        Files.delete(folder.resolve("net.pruned.onnx"));
      } catch (ModelException | IOException e) {
        assertNotNull(e.getMessage());
      }
      assertNothingElse("net.onnx");
    }
    assertTrue(pruned > 50 && pruned < 250, pruned + " of 300 were pruned");
  }

  private RecipeOptions options() {
    return new RecipeOptions();
  }

  private Report run(UnaryOperator<RecipeOptions> set) throws IOException {
    return Espalier.run(set.apply(options()).recipe(model), Listener.NONE);
  }

  private void refusesUsage(String message, UnaryOperator<RecipeOptions> set) {
    UsageException e = assertThrows(UsageException.class, () -> run(set));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private void assertNothingElse(String... names) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          Stream.of(names).sorted().toList(),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}

package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.keras.KerasSummary;
import io.espalier.onnx.ModelHeader;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.PruningOptions;
import io.espalier.report.Inspection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Looks into a model file. The model is not run, so it may use operators that nobody knows. */
public final class Inspector {
  private final InputModel input;
  private final Model model;

  private Inspector(InputModel input) {
    this.input = input;
    this.model = input.model();
  }

  /**
   * Reads the model and counts what is in it.
   *
   * @throws io.espalier.graph.ModelException if it is no model that can be read
   * @throws InterruptedRunException if the listener cancelled
   * @throws IOException if a file cannot be read
   */
  public static Inspection inspect(Path model, Listener listener) throws IOException {
    Stages.begin(listener, "reading");
    try (InputModel input = InputModel.open(model)) {
      Stages.begin(listener, "counting");
      return new Inspector(input).inspect(listener);
    }
  }

  private Inspection inspect(Listener listener) throws IOException {
    ModelHeader header = ModelHeader.of(model);
    PrunableWeights weights = PrunableWeights.find(model, PruningOptions.of(0));
    ConstantCensus census = ConstantCensus.take(model, listener);
    return new Inspection(
        Inspection.SCHEMA_VERSION,
        Version.current(),
        file(),
        model.irVersion(),
        opsets(),
        header.producerName().isEmpty()
            ? null
            : new Inspection.Producer(header.producerName(), said(header.producerVersion())),
        said(header.domain()),
        header.modelVersion() == 0 ? null : header.modelVersion(),
        said(header.docString()),
        said(model.graph().name()),
        said(header.graphDocString()),
        inputs(header),
        header.outputs().stream()
            .map(output -> new Inspection.Port(output.name(), output.type(), null))
            .toList(),
        nodes(),
        model.functions().stream()
            .map(
                function ->
                    new Inspection.Function(
                        function.id().toString(), function.body().nodes().size()))
            .toList(),
        census.parameters(weights.weights()),
        census.byType(),
        weights.findings().stream().map(census::weight).toList(),
        Provenance.of(model),
        others(),
        KerasSummary.of(model).map(Inspector::source).orElse(null));
  }

  /** The metadata that nothing else shows. */
  private Map<String, String> others() {
    Map<String, String> others = Provenance.others(model);
    if (KerasSummary.of(model).isPresent()) {
      others.keySet().removeAll(KerasSummary.keys());
    }
    return others;
  }

  private static Inspection.Source source(KerasSummary keras) {
    return new Inspection.Source(
        keras.writer(),
        keras.layers().stream()
            .map(
                layer ->
                    new Inspection.Layer(
                        layer.name(),
                        layer.className(),
                        layer.shape(),
                        layer.parameters(),
                        layer.inputs(),
                        layer.notes()))
            .toList(),
        said(keras.training()));
  }

  private static String said(String text) {
    return text.isEmpty() ? null : text;
  }

  private Inspection.File file() throws IOException {
    List<Inspection.External> external = new ArrayList<>();
    for (Path data : input.externalFiles()) {
      external.add(new Inspection.External(input.shown(data), Files.size(data)));
    }
    String packing = input.packing();
    return new Inspection.File(
        input.path().toString(),
        input.bytes(),
        packing.isEmpty() ? null : packing,
        packing.isEmpty() ? null : input.expandedBytes(),
        external);
  }

  private List<Inspection.Opset> opsets() {
    return model.opsets().entrySet().stream()
        .map(
            opset ->
                new Inspection.Opset(
                    opset.getKey().isEmpty() ? "ai.onnx" : opset.getKey(), opset.getValue()))
        .toList();
  }

  private List<Inspection.Port> inputs(ModelHeader header) {
    Set<String> fed = new HashSet<>();
    model.graph().requiredInputs().forEach(value -> fed.add(value.name()));
    return header.inputs().stream()
        .map(input -> new Inspection.Port(input.name(), input.type(), !fed.contains(input.name())))
        .toList();
  }

  private Inspection.Nodes nodes() {
    Map<String, Integer> operators = new TreeMap<>();
    int[] total = new int[1];
    model.forEachGraph(
        graph -> {
          for (Node node : graph.nodes()) {
            operators.merge(node.operator().toString(), 1, Integer::sum);
            total[0]++;
          }
        });
    int functions = model.functions().stream().mapToInt(f -> f.body().nodes().size()).sum();
    return new Inspection.Nodes(
        total[0],
        total[0] - functions - model.graph().nodes().size(),
        functions,
        operators.entrySet().stream()
            .map(entry -> new Inspection.Operator(entry.getKey(), entry.getValue()))
            .sorted(Comparator.comparingInt(operator -> -operator.nodes()))
            .toList());
  }
}

package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.onnx.ModelHeader;
import io.espalier.report.ModelDifference.Declaration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What models say of themselves, as pairs of words. */
final class Declarations {
  private Declarations() {}

  /** What the models say differently. */
  static List<Declaration> differences(Model a, Model b) {
    Map<String, String> inA = of(a);
    Map<String, String> inB = of(b);
    Set<String> all = new LinkedHashSet<>(inA.keySet());
    all.addAll(inB.keySet());
    List<Declaration> differences = new ArrayList<>();
    for (String what : all) {
      String one = inA.get(what);
      String other = inB.get(what);
      if (one == null || !one.equals(other)) {
        differences.add(new Declaration(what, one, other));
      }
    }
    return differences;
  }

  private static Map<String, String> of(Model model) {
    ModelHeader header = ModelHeader.of(model);
    Map<String, String> said = new LinkedHashMap<>();
    said.put("IR version", Long.toString(model.irVersion()));
    model.opsets().forEach((domain, version) -> said.put(opset(domain), Long.toString(version)));
    putText(said, "producer", (header.producerName() + " " + header.producerVersion()).strip());
    putText(said, "domain", header.domain());
    putText(said, "version", header.modelVersion() == 0 ? "" : "" + header.modelVersion());
    putText(said, "doc", header.docString());
    putText(said, "graph", model.graph().name());
    putText(said, "graph doc", header.graphDocString());
    header.inputs().forEach(input -> said.put("input " + input.name(), input.type()));
    header.outputs().forEach(output -> said.put("output " + output.name(), output.type()));
    model.metadata().forEach((key, value) -> said.put("metadata " + key, value));
    model
        .functions()
        .forEach(
            function ->
                said.put("function " + function.id(), function.body().nodes().size() + " nodes"));
    return said;
  }

  private static String opset(String domain) {
    return domain.isEmpty() ? "opset" : "opset of " + domain;
  }

  private static void putText(Map<String, String> said, String what, String text) {
    if (!text.isEmpty()) {
      said.put(what, text);
    }
  }
}

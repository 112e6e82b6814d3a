package io.espalier.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a model file holds, as text. */
public final class InspectionText {
  private static final String DASH = "-";
  private static final int LONGEST_VALUE = 200;

  private final Inspection model;
  private final TextPage page;

  private InspectionText(Inspection model, int width, Paint paint) {
    this.model = model;
    this.page = new TextPage(width, paint, "--json has all");
  }

  /** Lines that fit {@code width} columns, each ended by a newline. */
  public static String render(Inspection model, int width, Paint paint) {
    return new InspectionText(model, width, paint).render();
  }

  private String render() {
    page.heading(Printable.of(model.file().path()));
    file();
    header();
    if (model.source() != null) {
      new LayerText(model.source(), page).render();
    }
    page.line("");
    ports("Inputs", model.inputs());
    ports("Outputs", model.outputs());
    nodes();
    constants();
    weights();
    metadata();
    return page.text().stripTrailing() + "\n";
  }

  private void file() {
    Inspection.File file = model.file();
    StringBuilder text = new StringBuilder(Figures.bytes(file.bytes()));
    if (file.compression() != null) {
      text.append(", ").append(file.compression()).append(" of ");
      text.append(Figures.bytes(file.expandedBytes()));
    }
    if (!file.external().isEmpty()) {
      text.append(", external data included:");
      List<String> names = new ArrayList<>();
      for (Inspection.External data : file.external()) {
        String name = data.path().replaceFirst(".*[/\\\\]", "");
        names.add(name + " " + Figures.bytes(data.bytes()));
      }
      text.append(' ').append(page.folded(names));
    }
    page.labelled("File", text.toString());
  }

  private void header() {
    StringBuilder versions = new StringBuilder("IR version ").append(model.irVersion());
    for (Inspection.Opset opset : model.opsets()) {
      boolean standard = opset.domain().equals("ai.onnx");
      versions.append(", opset ").append(opset.version());
      versions.append(standard ? "" : " of " + Printable.of(opset.domain()));
    }
    page.labelled("ONNX", versions.toString());
    if (model.producer() != null) {
      String version = model.producer().version();
      said("Producer", model.producer().name() + (version == null ? "" : " " + version));
    }
    String number = model.modelVersion() == null ? "" : "version " + model.modelVersion();
    String domain = model.domain() == null ? "" : model.domain();
    said("Model", (domain + " " + number).strip());
    said("Graph", model.graph());
    said("About", model.doc());
    said("", model.graphDoc());
    Inspection.Making made = model.made();
    if (made != null) {
      said(
          "Made by",
          "Espalier " + made.version() + (made.recipe() == null ? "" : ": " + made.recipe()));
    }
  }

  private void said(String label, String text) {
    if (text != null && !text.isBlank()) {
      String flat = Printable.of(text.strip().replaceAll("\\s+", " "));
      page.labelled(label, Printable.within(LONGEST_VALUE, flat));
    }
  }

  private void ports(String heading, List<Inspection.Port> ports) {
    if (ports.isEmpty()) {
      return;
    }
    List<Inspection.Port> shown = ports.subList(0, Math.min(ports.size(), TextPage.MOST_ROWS));
    TextTable table = new TextTable(page.width(), heading, "").endingInText();
    for (Inspection.Port port : shown) {
      table.row(
          TextPage.INDENT + port.name(),
          port.type() + (Boolean.TRUE.equals(port.hasInitializer()) ? ", has an initializer" : ""));
    }
    page.table(table);
    if (shown.size() < ports.size()) {
      page.line("and " + Figures.count(ports.size() - shown.size()) + " more; --json has all");
    }
    page.line("");
  }

  private void nodes() {
    Inspection.Nodes nodes = model.nodes();
    StringBuilder text = new StringBuilder(Figures.count(nodes.total()));
    List<String> parts = new ArrayList<>();
    if (nodes.subgraphs() > 0) {
      parts.add(Figures.count(nodes.subgraphs()) + " in subgraphs");
    }
    if (nodes.functions() > 0) {
      parts.add(Figures.count(nodes.functions()) + " in functions");
    }
    text.append(parts.isEmpty() ? "" : ", of these " + String.join(" and ", parts));
    page.labelled("Nodes", text.toString());
    List<String> operators = new ArrayList<>();
    for (Inspection.Operator operator : nodes.operators()) {
      operators.add(
          Printable.of(operator.operator()) + TextPage.NO_BREAK + Figures.count(operator.nodes()));
    }
    page.labelled("Operators", String.join(", ", operators));
    if (!model.functions().isEmpty()) {
      page.labelled(
          "Functions",
          page.folded(model.functions().stream().map(Inspection.Function::name).toList()));
    }
    Report.Parameters parameters = model.parameters();
    page.labelled(
        "Parameters",
        Figures.count(parameters.total())
            + " in all, "
            + Figures.count(parameters.prunable())
            + " prunable, "
            + Figures.count(parameters.nonzero())
            + " not zero");
    page.line("");
  }

  private void constants() {
    if (model.constants().isEmpty()) {
      return;
    }
    TextTable table =
        new TextTable(page.width(), "Constants", "Tensors", "Elements", "Bytes", "Zeros");
    for (Inspection.Constants row : model.constants()) {
      table.row(
          TextPage.INDENT + row.type(),
          Figures.count(row.tensors()),
          Figures.count(row.elements()),
          row.bytes() == null ? DASH : Figures.bytes(row.bytes()),
          row.zeros() == null ? DASH : share(row.zeros(), row.elements()));
    }
    page.table(table);
    page.line("");
  }

  private static String share(long part, long whole) {
    return whole == 0 ? DASH : Figures.percent((double) part / whole);
  }

  private void weights() {
    if (model.weights().isEmpty()) {
      return;
    }
    TextTable detailed = weightTable(true);
    page.table(detailed.fits() ? detailed : weightTable(false));
    page.foldedRows(model.weights());
    page.line("");
    Map<String, List<String>> reasons = new LinkedHashMap<>();
    for (Inspection.Weight weight : model.weights()) {
      if (!weight.prunable()) {
        reasons.computeIfAbsent(weight.reason(), r -> new ArrayList<>()).add(weight.name());
      }
    }
    if (!reasons.isEmpty()) {
      page.heading("Not pruned by default");
      page.grouped(reasons);
      page.line("");
    }
  }

  private TextTable weightTable(boolean withNodes) {
    TextTable table =
        new TextTable(page.width(), "Weight", "Shape", "Type", "Elements", "Zeros", "Used by")
            .endingInText();
    for (Inspection.Weight weight :
        TextPage.largest(model.weights(), Inspection.Weight::elements)) {
      table.row(
          weight.name(),
          Figures.shape(weight.shape()),
          weight.type(),
          Figures.count(weight.elements()),
          weight.sparsity() == null ? DASH : Figures.percent(weight.sparsity()),
          users(weight.usedBy(), withNodes));
    }
    return table;
  }

  /** {@code Conv conv1}, {@code Conv} or {@code 3 x MatMul, Gemm}. */
  private static String users(List<Inspection.User> users, boolean withNodes) {
    Set<String> operators = new LinkedHashSet<>();
    users.forEach(user -> operators.add(user.operator()));
    String count = users.size() > 1 ? users.size() + " x " : "";
    String node = users.size() == 1 && withNodes ? " " + users.get(0).node() : "";
    return count + String.join(", ", operators) + node;
  }

  private void metadata() {
    if (model.metadata().isEmpty()) {
      return;
    }
    page.heading("Metadata");
    model
        .metadata()
        .forEach(
            (key, value) ->
                page.wrapped(
                    TextPage.INDENT,
                    Printable.within(page.width() / 2, key)
                        + ": "
                        + Printable.within(LONGEST_VALUE, value.replaceAll("\\s+", " "))));
  }
}

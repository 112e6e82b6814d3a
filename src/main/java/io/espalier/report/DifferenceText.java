package io.espalier.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** In what two models differ, as text. */
public final class DifferenceText {
  private static final String DASH = "-";
  private static final int LONGEST_VALUE = 160;

  private final ModelDifference models;
  private final TextPage page;

  private DifferenceText(ModelDifference models, int width, Paint paint) {
    this.models = models;
    this.page = new TextPage(width, paint, "--json has all");
  }

  /** Lines that fit {@code width} columns, each ended by a newline. */
  public static String render(ModelDifference models, int width, Paint paint) {
    return new DifferenceText(models, width, paint).render();
  }

  private String render() {
    page.heading("A  " + Printable.of(models.a().path()));
    page.heading("B  " + Printable.of(models.b().path()));
    if (models.identical()) {
      page.line("The models are the same, byte for byte.");
    }
    page.line("");
    sides();
    declarations();
    nodes();
    constants();
    outputs();
    gates();
    models.notes().forEach(note -> page.wrapped("", "Note: " + Printable.of(note)));
    return page.text().stripTrailing() + "\n";
  }

  private void sides() {
    ModelDifference.Side a = models.a();
    ModelDifference.Side b = models.b();
    TextTable table = new TextTable(page.width(), "", "A", "B", "Change");
    table.row(
        "File",
        Figures.bytes(a.bytes()),
        Figures.bytes(b.bytes()),
        Figures.ratio(models.compression()));
    table.row("Nodes", Figures.count(a.nodes()), Figures.count(b.nodes()), "");
    table.row("Parameters", Figures.count(a.parameters()), Figures.count(b.parameters()), "");
    double zerosA = zeros(a);
    double zerosB = zeros(b);
    table.row(
        "Zeros", Figures.percent(zerosA), Figures.percent(zerosB), Figures.points(zerosA, zerosB));
    Report.Accuracy accuracy = models.accuracy();
    if (accuracy != null) {
      table.row(
          "Accuracy",
          Figures.percent(accuracy.before()),
          Figures.percent(accuracy.after()),
          Figures.points(accuracy.before(), accuracy.after()));
    }
    page.table(table);
    page.line("");
  }

  private static double zeros(ModelDifference.Side side) {
    long zeros = side.parameters() - side.nonzero();
    return side.parameters() == 0 ? 0 : (double) zeros / side.parameters();
  }

  private void declarations() {
    if (models.declarations().isEmpty()) {
      return;
    }
    page.heading("Declarations");
    for (ModelDifference.Declaration one : models.declarations()) {
      String change =
          one.a() == null
              ? "only in B: " + value(one.b())
              : one.b() == null
                  ? "only in A: " + value(one.a())
                  : value(one.a()) + " -> " + value(one.b());
      page.wrapped(TextPage.INDENT, Printable.within(page.width() / 2, one.what()) + ": " + change);
    }
    page.line("");
  }

  private static String value(String text) {
    return Printable.within(LONGEST_VALUE, text.strip().replaceAll("\\s+", " "));
  }

  private void nodes() {
    ModelDifference.Nodes nodes = models.nodes();
    page.labelled(
        "Nodes",
        summary(
            nodes.same(), nodes.changed().size(), nodes.onlyInA().size(), nodes.onlyInB().size()));
    Map<String, List<String>> groups = new LinkedHashMap<>();
    nodes.onlyInA().forEach(node -> add(groups, "only in A: " + node.operator(), node.name()));
    nodes.onlyInB().forEach(node -> add(groups, "only in B: " + node.operator(), node.name()));
    for (ModelDifference.ChangedNode node : nodes.changed()) {
      add(groups, node.operator() + ", changed: " + String.join(", ", node.what()), node.name());
    }
    page.grouped(groups);
  }

  private void constants() {
    ModelDifference.Constants constants = models.constants();
    page.labelled(
        "Constants",
        summary(
            constants.same(),
            constants.changed().size(),
            constants.onlyInA().size(),
            constants.onlyInB().size()));
    Map<String, List<String>> groups = new LinkedHashMap<>();
    constants.onlyInA().forEach(one -> add(groups, "only in A", constant(one)));
    constants.onlyInB().forEach(one -> add(groups, "only in B", constant(one)));
    page.grouped(groups);
    page.line("");
    List<ModelDifference.ChangedConstant> changed = constants.changed();
    if (changed.isEmpty()) {
      return;
    }
    TextTable table =
        new TextTable(page.width(), "Constant", "Shape", "Zeros in A", "in B", "Largest change");
    for (ModelDifference.ChangedConstant one :
        TextPage.largest(changed, row -> row.a().elements())) {
      table.row(
          one.name(),
          shapes(one.a(), one.b()),
          share(one.a().sparsity()),
          share(one.b().sparsity()),
          one.maxAbsDiff() == null ? DASH : Figures.any(one.maxAbsDiff()));
    }
    page.table(table);
    page.foldedRows(changed);
    page.line("");
  }

  private static String constant(ModelDifference.Constant one) {
    return one.name() + " " + one.contents().type() + " " + Figures.shape(one.contents().shape());
  }

  /** The shape, both where they differ, and the types where these do. */
  private static String shapes(ModelDifference.Contents a, ModelDifference.Contents b) {
    boolean types = !a.type().equals(b.type());
    String before = (types ? a.type() + " " : "") + Figures.shape(a.shape());
    String after = (types ? b.type() + " " : "") + Figures.shape(b.shape());
    return before.equals(after) ? before : before + " -> " + after;
  }

  private static String share(Double sparsity) {
    return sparsity == null ? DASH : Figures.percent(sparsity);
  }

  private static String summary(int same, int changed, int onlyInA, int onlyInB) {
    List<String> parts = new ArrayList<>();
    parts.add(Figures.count(same) + " the same");
    if (changed > 0) {
      parts.add(Figures.count(changed) + " changed");
    }
    if (onlyInA > 0) {
      parts.add(Figures.count(onlyInA) + " only in A");
    }
    if (onlyInB > 0) {
      parts.add(Figures.count(onlyInB) + " only in B");
    }
    return String.join(", ", parts);
  }

  private static void add(Map<String, List<String>> groups, String group, String name) {
    groups.computeIfAbsent(group, key -> new ArrayList<>()).add(name);
  }

  private void outputs() {
    if (models.outputs() != null) {
      page.wrapped("", Comparison.outputs(models.outputs()));
    }
    if (models.accuracy() != null) {
      page.wrapped("", Comparison.judged(models.accuracy()));
    }
    if (models.outputs() != null || models.accuracy() != null) {
      page.line("");
    }
    if (!models.refusals().isEmpty()) {
      page.heading("Not compared");
      page.grouped(Reasons.group(models.refusals()));
      page.line("");
    }
  }

  private void gates() {
    if (!models.gates().isEmpty()) {
      page.gates(models.gates());
      page.line("");
    }
  }
}

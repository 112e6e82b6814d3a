package io.espalier.report;

/** What a conversion did, as text. */
public final class ConversionText {
  private ConversionText() {}

  /** Lines that fit {@code width} columns, each ended by a newline. */
  public static String render(Conversion done, int width, Paint paint) {
    TextPage page = new TextPage(width, paint, "--json has all");
    page.heading(Printable.of(done.output()));
    String from = done.writer() == null ? "ONNX" : Printable.of(done.writer());
    String layers = done.layers() == null ? "" : ", " + Figures.count(done.layers()) + " layers";
    page.labelled(
        "From",
        Printable.of(done.input()) + " (" + from + layers + ", " + bytes(done.inputBytes()) + ")");
    page.labelled(
        "ONNX",
        "opset %d%s, %s nodes (%d Transpose), %s parameters, %s"
            .formatted(
                done.opset(),
                done.raisedFrom() == null ? "" : " (raised from %d)".formatted(done.raisedFrom()),
                Figures.count(done.nodes()),
                done.transposes(),
                Figures.count(done.parameters()),
                bytes(done.outputBytes())));
    page.labelled("Checked", done.verified() ? "onnxruntime opens it" : "no");
    if (done.storage() != null) {
      page.line("");
      StorageFigures.show(done.storage(), page);
      page.line("");
      compare(done, page);
    }
    for (Report.RefusalRow refusal : done.refusals()) {
      page.wrapped("", "Note: " + Printable.of(refusal.where() + ": " + refusal.reason()));
    }
    return page.text().stripTrailing() + "\n";
  }

  private static void compare(Conversion done, TextPage page) {
    Measures measures = new Measures();
    measures.size("File", done.inputBytes(), done.outputBytes());
    measures.latency(done.latency());
    measures.opening(done.storage());
    page.table(measures.table(page.width()));
    if (done.latency() != null) {
      page.wrapped("", Comparison.conditions(done.latency()));
    }
    if (done.outputs() != null) {
      page.wrapped("", Comparison.outputs(done.outputs()));
    }
    page.line("");
  }

  private static String bytes(long bytes) {
    return Figures.bytes(bytes);
  }
}

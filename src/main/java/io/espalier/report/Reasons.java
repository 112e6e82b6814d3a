package io.espalier.report;

import io.espalier.report.Report.RefusalRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Refusals, those of equal reason together, in the order in which the reasons first appear. */
final class Reasons {
  private Reasons() {}

  /** From reason to where. */
  static Map<String, List<String>> group(List<RefusalRow> refusals) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (RefusalRow refusal : refusals) {
      groups.computeIfAbsent(refusal.reason(), reason -> new ArrayList<>()).add(refusal.where());
    }
    return groups;
  }
}

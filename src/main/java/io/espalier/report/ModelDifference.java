package io.espalier.report;

import java.util.List;

/**
 * In what two models differ. A component that is null was not measured, and a refusal says why.
 *
 * @param schemaVersion of the JSON form; raised when a field changes its meaning or goes away
 * @param espalier the version that compared
 * @param identical whether both hold the same bytes, once they are expanded
 * @param compression bytes of a / bytes of b
 * @param declarations what the files say of themselves, of their inputs and outputs
 * @param outputs what both give on the same inputs
 * @param accuracy that of a is before, that of b is after
 */
public record ModelDifference(
    int schemaVersion,
    String espalier,
    Side a,
    Side b,
    boolean identical,
    double compression,
    List<Declaration> declarations,
    Nodes nodes,
    Constants constants,
    Report.Fidelity outputs,
    Report.Accuracy accuracy,
    List<Report.GateResult> gates,
    List<Report.RefusalRow> refusals,
    List<String> notes) {

  public static final int SCHEMA_VERSION = 1;

  public ModelDifference {
    declarations = List.copyOf(declarations);
    gates = List.copyOf(gates);
    refusals = List.copyOf(refusals);
    notes = List.copyOf(notes);
  }

  /**
   * One of the two.
   *
   * @param bytes of the file and of its external data
   * @param nodes in all graphs, {@code Constant} nodes not counted
   * @param parameters elements of float constants
   * @param nonzero those that are not zero
   */
  public record Side(String path, long bytes, int nodes, long parameters, long nonzero) {}

  /** Something that the files say differently; null where one says nothing of it. */
  public record Declaration(String what, String a, String b) {}

  /**
   * The nodes by name; those without one go by their first output.
   *
   * @param same nodes that both have
   */
  public record Nodes(int same, List<Node> onlyInA, List<Node> onlyInB, List<ChangedNode> changed) {
    public Nodes {
      onlyInA = List.copyOf(onlyInA);
      onlyInB = List.copyOf(onlyInB);
      changed = List.copyOf(changed);
    }
  }

  /** A node that one of the models has. */
  public record Node(String name, String operator) {}

  /** A node that both have, but not alike: {@code inputs}, {@code attribute group}. */
  public record ChangedNode(String name, String operator, List<String> what) {
    public ChangedNode {
      what = List.copyOf(what);
    }
  }

  /**
   * Initializers and {@code Constant} nodes by name.
   *
   * @param same those that both have with the same bytes
   */
  public record Constants(
      int same, List<Constant> onlyInA, List<Constant> onlyInB, List<ChangedConstant> changed) {
    public Constants {
      onlyInA = List.copyOf(onlyInA);
      onlyInB = List.copyOf(onlyInB);
      changed = List.copyOf(changed);
    }
  }

  /** A constant that one of the models has. */
  public record Constant(String name, Contents contents) {}

  /**
   * A constant that both have, but not alike.
   *
   * @param maxAbsDiff of two elements; null unless type and shape are the same and elements are
   *     numbers
   */
  public record ChangedConstant(String name, Contents a, Contents b, Double maxAbsDiff) {}

  /**
   * What a constant holds.
   *
   * @param sparsity the share of zeros; null unless the type is a float
   */
  public record Contents(String type, List<Long> shape, long elements, Double sparsity) {
    public Contents {
      shape = List.copyOf(shape);
    }
  }

  /** Whether every gate is met. */
  public boolean gatesMet() {
    return gates.stream().allMatch(Report.GateResult::met);
  }
}

package io.espalier.pass;

/**
 * An operator whose form changed.
 *
 * @param since the opset of the new form
 * @param rule gives a node of the form before that opset the new form, with the same result
 */
record OperatorChange(String operator, long since, Rule rule) {
  /** Rewrites one node. */
  @FunctionalInterface
  interface Rule {
    /**
     * Rewrites the node.
     *
     * @throws RefusedException if that cannot be done
     */
    void apply(Upgrade u);
  }

  static OperatorChange since(long opset, String operator, Rule rule) {
    return new OperatorChange(operator, opset, rule);
  }
}

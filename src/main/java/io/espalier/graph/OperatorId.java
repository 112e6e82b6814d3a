package io.espalier.graph;

/**
 * Which operator, or model function, a node calls.
 *
 * @param domain "" for the default ONNX domain, which files also spell {@code ai.onnx}
 * @param overload tells functions of one name apart; usually ""
 */
public record OperatorId(String domain, String opType, String overload) {
  public OperatorId {
    domain = defaultDomain(domain);
  }

  /** The domain itself, or "" for {@code ai.onnx}: both name the default ONNX domain. */
  public static String defaultDomain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  /** An operator of the default ONNX domain. */
  public static OperatorId of(String opType) {
    return new OperatorId("", opType, "");
  }

  /** As in {@code com.microsoft.Gelu}; the default domain is left out. */
  @Override
  public String toString() {
    return domain.isEmpty() ? opType : domain + "." + opType;
  }
}

package io.espalier.cli;

/** Placeholder. */
final class NativeCache {
  private NativeCache() {}

  static void use() {}
}

package io.espalier.prune;

/** Every element of a weight is a unit. */
record ElementScores(Weight weight, Criterion criterion, long seed) implements Scores {
  @Override
  public long count() {
    return weight.elements();
  }

  @Override
  public boolean wide() {
    return criterion != Criterion.RANDOM && Magnitudes.isWide(weight.tensor().dataType());
  }

  /** A reader for one thread; squares have the order of magnitudes, which are exact. */
  ElementKeys reader(int capacity) {
    return switch (criterion) {
      case L1, L2 -> new Magnitudes(weight, capacity);
      case RANDOM -> RandomKeys.of(seed, weight.name());
    };
  }

  @Override
  public Keys keys(boolean wide, int capacity) {
    ElementKeys reader = reader(capacity);
    return wide
        ? new LongKeys((from, count, into) -> reader.longs(from, count, into, 0), capacity)
        : new IntKeys(reader, capacity);
  }

  @Override
  public boolean magnitudes() {
    return criterion != Criterion.RANDOM;
  }

  @Override
  public Mask mask(long[] units) {
    return new Mask(count(), units);
  }
}

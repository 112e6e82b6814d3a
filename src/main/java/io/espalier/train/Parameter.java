package io.espalier.train;

import io.espalier.graph.ModelException;
import io.espalier.prune.Mask;
import java.util.Arrays;

/**
 * A weight that is trained: its values in float32 whatever the model stores, what the optimizer
 * remembers of it, and which elements are kept at zero.
 */
public final class Parameter {
  private final String name;
  private final float[] weights;
  private final float[][] moments;
  private final FloatSource source;
  private final float[] gradient;
  private final FloatSink published;
  private final Treatment treatment;
  private float[] mask;

  /**
   * A parameter over {@code weights}, which updates change in place.
   *
   * @param moments number of arrays the optimizer needs, {@link Optimizer#moments}
   * @param gradient read once in every update
   * @param published receives the weights after every update
   */
  public Parameter(
      String name,
      float[] weights,
      int moments,
      FloatSource gradient,
      FloatSink published,
      Treatment treatment) {
    this.name = name;
    this.weights = weights;
    this.moments = new float[moments][weights.length];
    this.source = gradient;
    this.gradient = new float[weights.length];
    this.published = published;
    this.treatment = treatment;
  }

  public String name() {
    return name;
  }

  public int size() {
    return weights.length;
  }

  /** The weights themselves. After changing them call {@link #publish}. */
  public float[] weights() {
    return weights;
  }

  /** The moments themselves, in the order that the optimizer documents. */
  public float[][] moments() {
    return moments;
  }

  /** 1 where an element is free and 0 where it is held at zero; null while none is. */
  public float[] mask() {
    return mask;
  }

  FloatSource source() {
    return source;
  }

  /** Where an update works on the gradient. */
  float[] gradient() {
    return gradient;
  }

  FloatSink published() {
    return published;
  }

  Treatment treatment() {
    return treatment;
  }

  /**
   * Holds elements at zero from now on: their weights and moments become +0 at once and stay so
   * until another mask frees them. Publishes.
   *
   * @param kept 1 where an element is free, 0 elsewhere; not copied; null frees all
   */
  public void prune(float[] kept) {
    if (kept != null && kept.length != weights.length) {
      throw new IllegalArgumentException(
          "mask of %s: expected %d elements, got %d".formatted(name, weights.length, kept.length));
    }
    mask = kept;
    if (kept != null) {
      clear(weights, kept);
      for (float[] moment : moments) {
        clear(moment, kept);
      }
    }
    publish();
  }

  /** As {@link #prune(float[])}, by the bits of a mask. */
  public void prune(Mask kept) {
    if (kept.size() != weights.length) {
      throw new IllegalArgumentException(
          "mask of %s: expected %d elements, got %d".formatted(name, weights.length, kept.size()));
    }
    float[] elements = new float[weights.length];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = kept.word(i >>> 6) >>> i & 1;
    }
    prune(elements);
  }

  private static void clear(float[] x, float[] kept) {
    for (int i = 0; i < x.length; i++) {
      if (kept[i] == 0) {
        x[i] = 0;
      }
    }
  }

  /** Sets weights and forgets what the optimizer remembers. Publishes. */
  public void restart(float[] values) {
    System.arraycopy(values, 0, weights, 0, weights.length);
    for (float[] moment : moments) {
      Arrays.fill(moment, 0);
    }
    prune(mask);
  }

  /** What a checkpoint keeps besides the mask; the arrays themselves. */
  public Checkpoint.Saved saved() {
    return new Checkpoint.Saved(weights, moments);
  }

  /**
   * Takes over what a checkpoint kept, and frees all elements. Publishes.
   *
   * @throws ModelException if it is of a parameter of another size or optimizer
   */
  public void restore(Checkpoint.Saved saved) {
    if (saved == null
        || saved.weights().length != weights.length
        || saved.moments().length != moments.length) {
      throw new ModelException(
          "%s: expected %d elements with %d moments in the checkpoint, got %s"
              .formatted(
                  name,
                  weights.length,
                  moments.length,
                  saved == null
                      ? "none"
                      : saved.weights().length + " with " + saved.moments().length));
    }
    System.arraycopy(saved.weights(), 0, weights, 0, weights.length);
    for (int i = 0; i < moments.length; i++) {
      System.arraycopy(saved.moments()[i], 0, moments[i], 0, weights.length);
    }
    mask = null;
    publish();
  }

  /** Hands all weights to whoever reads them. */
  public void publish() {
    published.write(weights, 0, weights.length);
  }
}

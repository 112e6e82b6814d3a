package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.storage.StorageOptions.Form;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How one weight can be written, and how it will be. */
final class StoragePlan {
  /** Bytes that the frame of a node, and of an initializer, takes in a file besides its names. */
  private static final int NODE_FRAME = 40;

  private static final int PART_FRAME = 25;

  /** Channels of a block, at most. */
  private static final int BLOCK = 16;

  /** Zeros of a type and a shape, which are made once. */
  record Zeros(DataType dataType, Shape shape) {
    long byteSize() {
      return dataType.byteSize(shape.elements());
    }
  }

  private Value weight;
  private final Tensor tensor;
  private final long nonzero;
  private final double entropyBytes;
  private final List<Encoding> candidates;
  private int chosen;
  private int sharers = 1;

  private StoragePlan(Value weight, Survey survey, List<Encoding> candidates) {
    this.weight = weight;
    this.tensor = survey.tensor();
    this.nonzero = survey.nonzero();
    this.entropyBytes = survey.entropyBytes();
    this.candidates = candidates;
  }

  /** Surveys a weight and chooses the encoding that takes the fewest bytes. */
  static StoragePlan of(
      Value weight, StorageOptions options, boolean packed, long opset, long irVersion) {
    Form form = options.form();
    Tensor exact = weight.constant().orElseThrow();
    Survey survey = Survey.of(Rounding.of(exact, options.maxWeightError()).orElse(exact));
    StoragePlan plan = new StoragePlan(weight, survey, new ArrayList<>());
    for (Encoding encoding : Encodings.of(survey, form, packed, opset)) {
      boolean sparse = encoding instanceof SparseEncoding;
      boolean known = !sparse || irVersion >= SparseEncoding.IR_VERSION;
      boolean wanted = (form == Form.SPARSE) == sparse;
      if (known && wanted && plan.fileBytes(encoding) < plan.tensor.byteSize()) {
        plan.candidates.add(encoding);
      }
    }
    plan.keepTheBest();
    return plan;
  }

  /** Orders by size, and drops what is both larger and no lighter to decode than another. */
  private void keepTheBest() {
    candidates.sort(Comparator.comparingLong(this::fileBytes).thenComparingDouble(this::heldBytes));
    List<Encoding> best = new ArrayList<>();
    double lightest = Double.MAX_VALUE;
    for (Encoding candidate : candidates) {
      if (heldBytes(candidate) < lightest) {
        best.add(candidate);
        lightest = heldBytes(candidate);
      }
    }
    candidates.clear();
    candidates.addAll(best);
  }

  private long fileBytes(Encoding encoding) {
    int name = weight.name().length() + 2;
    return encoding.byteSize()
        + (long) encoding.nodes() * (2L * name + NODE_FRAME)
        + (long) encoding.parts() * (name + PART_FRAME);
  }

  Tensor tensor() {
    return tensor;
  }

  Value weight() {
    return weight;
  }

  /** Lets another value stand for the weight, with the same tensor. */
  void moveTo(Value other) {
    weight = other;
  }

  /** Whether it is a kernel that onnxruntime lays out in blocks of 8 or 16 channels. */
  boolean isKernel() {
    return tensor.dataType() == DataType.FLOAT
        && tensor.shape().rank() == 4
        && tensor.shape().dim(0) >= BLOCK
        && tensor.shape().dim(1) >= BLOCK
        && weight.uses().stream().allMatch(use -> use.node().is("Conv") && use.index() == 1);
  }

  long denseBytes() {
    return tensor.byteSize();
  }

  boolean isEncoded() {
    return chosen < candidates.size();
  }

  /** Bytes that opening the model holds for this weight alone, besides it. */
  long scratchBytes() {
    return isEncoded() ? candidates.get(chosen).scratchBytes() : 0;
  }

  /** The zeros that decoding begins with, which opening the model holds for all weights at once. */
  Optional<Zeros> zeros() {
    return isEncoded()
        ? candidates.get(chosen).zeros().map(shape -> new Zeros(tensor.dataType(), shape))
        : Optional.empty();
  }

  /** Says how many weights share zeros with this one, which counts for the price. */
  void shareZeros(int weights) {
    sharers = weights;
  }

  /** Bytes that the file gains by {@link #lighten}, for each byte that opening then spares. */
  double priceOfLightening() {
    return price(next());
  }

  /** Goes over to another encoding, larger and easier to decode; the last is none. */
  void lighten() {
    chosen = next();
  }

  /** The number of the encoding, the smallest is 0. */
  int chosen() {
    return chosen;
  }

  /** Takes the encoding of that number. */
  void choose(int number) {
    chosen = number;
  }

  /** Bytes that the smallest encoding spares the file. */
  long gain() {
    return candidates.isEmpty() ? 0 : denseBytes() - fileBytes(candidates.get(0));
  }

  /** The encoding after this one that costs least for what it spares. */
  private int next() {
    int cheapest = candidates.size();
    for (int i = candidates.size() - 1; i > chosen; i--) {
      cheapest = price(i) < price(cheapest) ? i : cheapest;
    }
    return cheapest;
  }

  private double price(int other) {
    boolean dense = other == candidates.size();
    long now = fileBytes(candidates.get(chosen));
    long then = dense ? denseBytes() : fileBytes(candidates.get(other));
    double spared =
        heldBytes(candidates.get(chosen)) - (dense ? 0 : heldBytes(candidates.get(other)));
    return (then - now) / spared;
  }

  /** What decoding holds, with a share of the zeros. */
  private double heldBytes(Encoding encoding) {
    long zeros = encoding.zeros().map(shape -> denseBytes()).orElse(0L);
    return encoding.scratchBytes() + (double) zeros / sharers;
  }

  Encoding.Decoding encode() {
    return candidates.get(chosen).encode(tensor);
  }

  StoredWeight result() {
    String name = isEncoded() ? candidates.get(chosen).name() : WeightStorage.DENSE;
    long bytes = isEncoded() ? candidates.get(chosen).byteSize() : denseBytes();
    return new StoredWeight(
        weight.name(), tensor.dataType(), tensor.shape(), nonzero, name, bytes, entropyBytes);
  }
}

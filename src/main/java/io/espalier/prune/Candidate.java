package io.espalier.prune;

import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.prune.ConstantFlow.Arrival;
import io.espalier.prune.ConstantFlow.Flow;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** A constant that may be a weight, with all places where it is used. */
final class Candidate {
  /** More would not fit the words of a mask. */
  private static final long MAX_ELEMENTS = 1L << 36;

  private final Value value;
  private final Tensor tensor;
  private final Flow flow;
  private final PruningOptions options;
  private final List<Use> weightUses = new ArrayList<>();
  private final List<Arrival> otherUses = new ArrayList<>();

  private record Use(Arrival arrival, WeightRole role) {}

  private Candidate(Value value, Flow flow, PruningOptions options) {
    this.value = value;
    this.tensor = value.constant().orElseThrow();
    this.flow = flow;
    this.options = options;
    for (Arrival arrival : flow.arrivals()) {
      WeightRoles.find(arrival.node().operator(), arrival.slot())
          .ifPresentOrElse(
              role -> weightUses.add(new Use(arrival, role)), () -> otherUses.add(arrival));
    }
  }

  static Candidate of(Value value, ConstantFlow flow, PruningOptions options) {
    return new Candidate(value, flow.follow(value), options);
  }

  Value value() {
    return value;
  }

  String name() {
    return value.name();
  }

  /** The nodes that compute with the constant, each once. */
  List<Node> users() {
    return flow.arrivals().stream().map(Arrival::node).distinct().toList();
  }

  /** The value's name, then those of the nodes that use it, calls of functions included. */
  List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    names.add(value.name());
    for (Arrival arrival : flow.arrivals()) {
      names.add(arrival.node().name());
      arrival.calls().forEach(call -> names.add(call.name()));
    }
    return List.copyOf(names);
  }

  /** Whether somebody could expect that this is pruned. */
  boolean looksLikeWeight() {
    Shape shape = tensor.shape();
    if (weightUses.stream().anyMatch(use -> !use.role().table())) {
      return shape.rank() > 0;
    }
    boolean bias =
        !otherUses.isEmpty()
            && otherUses.stream().allMatch(use -> WeightRoles.knows(use.node().operator()));
    if (weightUses.isEmpty() && bias) {
      return false;
    }
    int extents = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      extents += shape.dim(axis) > 1 ? 1 : 0;
    }
    return tensor.dataType().isFloat() && extents >= 2 && shape.elements() >= options.minSize();
  }

  /** Why this is left alone; empty if it is to be pruned. */
  Optional<String> reasonAgainst() {
    Shape shape = tensor.shape();
    if (!tensor.dataType().isFloat()) {
      return Optional.of(
          "its elements are %s; only float weights are pruned".formatted(tensor.dataType()));
    }
    if (!tensor.isReadable()) {
      return Optional.of("it is stored as a sparse initializer, which is passed through");
    }
    if (shape.rank() < 2 && weightUses.stream().allMatch(use -> use.arrival().layout().known())) {
      return Optional.of("it is no matrix: its shape is " + shape);
    }
    if (shape.elements() < Math.max(1, options.minSize())) {
      return Optional.of(
          "it has %d elements, fewer than the minimum size %d"
              .formatted(shape.elements(), Math.max(1, options.minSize())));
    }
    if (shape.elements() > MAX_ELEMENTS || shape.rank() > Layout.MAX_RANK) {
      return Optional.of("its shape is out of the ordinary: rank " + shape.rank());
    }
    return reasonInUses().or(this::reasonInGranularity);
  }

  private Optional<String> reasonInUses() {
    if (weightUses.isEmpty() && otherUses.isEmpty() && flow.escapes().isEmpty()) {
      return Optional.of("no node uses it");
    }
    if (!otherUses.isEmpty()) {
      Node node = otherUses.get(0).node();
      return Optional.of(
          weightUses.isEmpty()
              ? node.label() + " does not use it as a weight"
              : node.label() + " uses it too, and not as a weight");
    }
    if (!flow.escapes().isEmpty()) {
      return Optional.of(flow.escapes().get(0));
    }
    for (Use use : weightUses) {
      Node node = use.arrival().node();
      if (use.role().table() && !options.embeddings()) {
        return Optional.of(
            node.label() + " looks rows up in it; such tables are pruned with 'embeddings' only");
      }
      if (!options.depthwise() && WeightRoles.isDepthwise(node, use.arrival().layout())) {
        return Optional.of(
            "it is the kernel of a depthwise convolution, %s; such are pruned with 'depthwise' only"
                .formatted(node.label()));
      }
    }
    return Optional.empty();
  }

  private Optional<String> reasonInGranularity() {
    if (options.granularity() instanceof Granularity.NofM groups) {
      OptionalInt axis = inputAxis();
      if (axis.isEmpty()) {
        return Optional.of(
            "N:M groups lie along the input axis, and %s leaves that unclear"
                .formatted(firstUser().label()));
      }
      long length = tensor.shape().dim(axis.getAsInt());
      if (length <= groups.n()) {
        return Optional.of(
            "its input axis has length %d, of which %s keeps all".formatted(length, groups));
      }
    }
    if (options.granularity() instanceof Granularity.Block && columnsFrom().isEmpty()) {
      return Optional.of(
          "blocks lie on the matrix that is stored, and %s uses it in another order"
              .formatted(firstUser().label()));
    }
    return Optional.empty();
  }

  Weight weight() {
    return new Weight(value, inputAxis(), columnsFrom());
  }

  private Node firstUser() {
    return weightUses.get(0).arrival().node();
  }

  private OptionalInt inputAxis() {
    return agreed(
        use -> {
          Layout layout = use.arrival().layout();
          return layout.storedAxis(axis(use.role().inputAxis(), use));
        },
        use -> use.role().table());
  }

  private OptionalInt columnsFrom() {
    if (tensor.shape().rank() == 2) {
      boolean known = weightUses.stream().allMatch(use -> use.arrival().layout().known());
      return known ? OptionalInt.of(1) : OptionalInt.empty();
    }
    return agreed(
        use -> use.arrival().layout().storedSplit(axis(use.role().columnsFrom(), use)),
        use -> false);
  }

  private static int axis(WeightRole.AxisRule rule, Use use) {
    OptionalInt rank = use.arrival().layout().rank();
    return rank.isEmpty() ? Layout.NEW : rule.axis(use.arrival().node(), rank.getAsInt());
  }

  /** What all uses say that are not {@code indifferent}; empty if they disagree or one is mute. */
  private OptionalInt agreed(Function<Use, OptionalInt> opinion, Predicate<Use> indifferent) {
    List<OptionalInt> opinions =
        weightUses.stream().filter(indifferent.negate()).map(opinion).distinct().toList();
    return opinions.size() == 1 ? opinions.get(0) : OptionalInt.empty();
  }
}

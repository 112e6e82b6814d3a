package io.espalier.prune;

import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Refusal;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The weights of a model that options select, in the order of the model: of each graph the
 * initializers, then the {@code Constant} nodes; the main graph first, then functions, then
 * subgraphs. Everything else that looks like a weight (a float constant with two dimensions above 1
 * and enough elements, or anything in a weight's place) was either not asked for or has a refusal.
 */
public final class PrunableWeights {
  private final List<Weight> weights = new ArrayList<>();
  private final Map<Weight, Double> ownSparsity = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<UnmatchedGlob> unmatched = new ArrayList<>();

  private final PruningOptions options;
  private final Set<String> usedGlobs = new HashSet<>();

  /**
   * A glob that names nothing that looks like a weight.
   *
   * @param option the component of {@link PruningOptions}: include, exclude or layer
   */
  public record UnmatchedGlob(String option, String glob) {}

  /**
   * A constant that looks like a weight and was asked for.
   *
   * @param users the nodes that compute with it, however it gets to them
   * @param refusal why it is left alone; empty for a weight
   */
  public record Finding(Value value, List<Node> users, Optional<String> refusal) {
    public Finding {
      users = List.copyOf(users);
    }
  }

  private PrunableWeights(PruningOptions options) {
    this.options = options;
  }

  /** Finds the weights; the model is not changed and no element is read. */
  public static PrunableWeights find(Model model, PruningOptions options) {
    PrunableWeights found = new PrunableWeights(options);
    ConstantFlow flow = new ConstantFlow(model);
    model.forEachGraph(
        graph -> {
          for (Value value : graph.constants()) {
            found.consider(Candidate.of(value, flow, options));
          }
        });
    found.listUnmatched("include", options.include());
    found.listUnmatched("exclude", options.exclude());
    found.listUnmatched("layer", options.layers().keySet());
    return found;
  }

  public List<Weight> weights() {
    return Collections.unmodifiableList(weights);
  }

  /** The sparsity that {@code layers} gives this weight, if it does. */
  public OptionalDouble ownSparsity(Weight weight) {
    Double own = ownSparsity.get(weight);
    return own == null ? OptionalDouble.empty() : OptionalDouble.of(own);
  }

  /** What was left alone although it was asked for, and why. */
  public List<Refusal> refusals() {
    return Collections.unmodifiableList(refusals);
  }

  /** The weights and what was left alone, in the order of the model. */
  public List<Finding> findings() {
    return Collections.unmodifiableList(findings);
  }

  public List<UnmatchedGlob> unmatchedGlobs() {
    return Collections.unmodifiableList(unmatched);
  }

  private void consider(Candidate candidate) {
    if (!candidate.looksLikeWeight()) {
      return;
    }
    List<String> names = candidate.names();
    boolean included = matchesAny("include", options.include(), names);
    boolean excluded = matchesAny("exclude", options.exclude(), names);
    Optional<Double> own = Optional.empty();
    for (Map.Entry<String, Double> layer : options.layers().entrySet()) {
      if (matches("layer", layer.getKey(), names) && own.isEmpty()) {
        own = Optional.of(layer.getValue());
      }
    }
    if (excluded || !included && !options.include().isEmpty()) {
      return;
    }
    Optional<String> reason = candidate.reasonAgainst();
    findings.add(new Finding(candidate.value(), candidate.users(), reason));
    if (reason.isPresent()) {
      refusals.add(new Refusal(candidate.name(), reason.get()));
      return;
    }
    Weight weight = candidate.weight();
    weights.add(weight);
    own.ifPresent(sparsity -> ownSparsity.put(weight, sparsity));
  }

  private boolean matchesAny(String option, List<String> globs, List<String> names) {
    boolean any = false;
    for (String glob : globs) {
      any |= matches(option, glob, names);
    }
    return any;
  }

  private boolean matches(String option, String glob, List<String> names) {
    boolean matches = new Glob(glob).matchesAny(names);
    if (matches) {
      usedGlobs.add(option + ' ' + glob);
    }
    return matches;
  }

  private void listUnmatched(String option, Iterable<String> globs) {
    for (String glob : globs) {
      if (!usedGlobs.contains(option + ' ' + glob)) {
        unmatched.add(new UnmatchedGlob(option, glob));
      }
    }
  }
}

package io.espalier.pipeline;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A text for every option that makes a difference to the recipe, and what a recipe consists of. */
public final class OptionExamples {
  /** An option, the texts given for it, and others that it cannot go without. */
  public record Example(String option, List<String> texts, List<String> needs) {
    /** Whether the option takes no text. */
    public boolean isFlag() {
      return texts.isEmpty();
    }
  }

  private OptionExamples() {}

  /** One for each option of a recipe. */
  public static List<Example> all() {
    List<Example> examples = new ArrayList<>();
    List.of(
            "force",
            "no-verify",
            "sizes",
            "prune-depthwise",
            "prune-embeddings",
            "dry-run",
            "drop-weight-inputs",
            "fold-batch-normalization")
        .forEach(flag -> examples.add(new Example(flag, List.of(), List.of())));
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("output", "out.onnx");
    texts.put("sparsity", "80%");
    texts.put("architecture", "model.json");
    texts.put("input-layout", "nchw");
    texts.put("scope", "global");
    texts.put("granularity", "4x1");
    texts.put("criterion", "random");
    texts.put("min-size", "7");
    texts.put("codebook", "16");
    texts.put("storage", "auto");
    texts.put("opset", "13");
    texts.put("external-data", "always");
    texts.put("max-open-ratio", "3x");
    texts.put("data", "npz:a.npz");
    texts.put("test", "idx:folder#t10k");
    texts.put("min-sparsity", "70%");
    texts.put("min-compression", "3x");
    texts.put("max-bytes", "500KiB");
    texts.put("max-output-diff", "1e-3");
    texts.put("device", "cuda");
    texts.put("seed", "42");
    texts.put("threads", "2");
    texts.forEach((option, text) -> examples.add(new Example(option, List.of(text), List.of())));
    List<String> samples = List.of("data", "a.npz");
    examples.add(new Example("scale", List.of("0.25"), samples));
    examples.add(new Example("mean", List.of("-0.5,1e-3,2"), samples));
    examples.add(new Example("std", List.of("0.5"), samples));
    examples.add(new Example("layout", List.of("nhwc"), samples));
    examples.add(new Example("preprocessing", List.of("caffe"), samples));
    examples.add(new Example("max-weight-error", List.of("0.5%"), List.of("storage", "auto")));
    examples.add(new Example("codebook-per", List.of("channel"), List.of("codebook", "8")));
    examples.add(new Example("codebook-init", List.of("density"), List.of("codebook", "8")));
    examples.add(new Example("block-pooling", List.of("max"), List.of("granularity", "2x2")));
    examples.add(new Example("max-accuracy-drop", List.of("0.5pp"), List.of("test", "t.npz")));
    examples.add(new Example("include", List.of("conv*", "fc?"), List.of()));
    examples.add(new Example("exclude", List.of("head"), List.of()));
    examples.add(new Example("layer", List.of("a=b=0.3", "c=40%"), List.of()));
    examples.add(new Example("quantize", List.of("size:bits=4"), List.of()));
    examples.add(
        new Example("quantize-exclude", List.of("head*", "fc?"), List.of("quantize", "speed")));
    examples.add(new Example("input", List.of("x=a.npy", "y=b=c.npy"), List.of()));
    examples.add(new Example("dim", List.of("batch=4"), List.of()));
    examples.add(new Example("custom-ops", List.of("lib/a.so"), List.of()));
    examples.add(new Example("report", List.of("r.json", "r.md"), List.of()));
    addTraining(examples);
    return examples;
  }

  private static void addTraining(List<Example> examples) {
    List<String> data = List.of("data", "a.npz");
    List<String> training = List.of("data", "a.npz", "epochs", "3");
    examples.add(new Example("epochs", List.of("3"), data));
    examples.add(new Example("fit-schedule", List.of(), training));
    examples.add(new Example("distill", List.of(), training));
    examples.add(new Example("no-strip", List.of(), training));
    examples.add(new Example("no-compiled", List.of(), training));
    List<String> distilling = List.of("data", "a.npz", "epochs", "3", "distill", "");
    examples.add(new Example("distill-temperature", List.of("4"), distilling));
    examples.add(new Example("distill-mix", List.of("90%"), distilling));
    examples.add(new Example("freeze", List.of("conv*", "fc1"), training));
    examples.add(
        new Example(
            "codebook-epochs",
            List.of("2"),
            List.of("data", "a.npz", "epochs", "3", "codebook", "8")));
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("batch", "16");
    texts.put("optimizer", "sgd:momentum=0.5");
    texts.put("weight-decay", "0.01");
    texts.put("clip-norm", "1");
    texts.put("clip-value", "0.5");
    texts.put("lr", "0.1");
    texts.put("lr-schedule", "cosine");
    texts.put("loss", "mse");
    texts.put("label-smoothing", "0.1");
    texts.put("schedule", "constant");
    texts.put("initial-sparsity", "0.3");
    texts.put("begin-step", "5");
    texts.put("end-step", "50");
    texts.put("frequency", "7");
    texts.put("l1", "1e-4");
    texts.put("l2", "1e-3");
    texts.put("validation", "v.npz");
    texts.put("validation-split", "0.2");
    texts.put("early-stopping", "accuracy:5");
    texts.put("checkpoint", "kept");
    texts.put("resume", "kept");
    texts.forEach((option, text) -> examples.add(new Example(option, List.of(text), training)));
  }

  /** The components of a recipe, those of its sections by themselves, from name to value. */
  public static Map<String, Object> leaves(Recipe recipe) {
    Map<String, Object> leaves = new TreeMap<>();
    addLeaves("", recipe, leaves);
    return leaves;
  }

  private static void addLeaves(String prefix, Object section, Map<String, Object> leaves) {
    for (RecordComponent component : section.getClass().getRecordComponents()) {
      try {
        Object value = component.getAccessor().invoke(section);
        boolean isSection =
            component.getType().getEnclosingClass() == Recipe.class
                || component.getType() == Rewriting.class;
        if (isSection) {
          addLeaves(component.getName() + ".", value, leaves);
        } else {
          leaves.put(prefix + component.getName(), value);
        }
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }
  }
}

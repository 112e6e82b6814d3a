package io.espalier.mojo;

import io.espalier.Espalier;
import io.espalier.graph.ModelException;
import io.espalier.pipeline.Failures;
import io.espalier.pipeline.InterruptedRunException;
import io.espalier.pipeline.Recipe;
import io.espalier.pipeline.RecipeOptions;
import io.espalier.pipeline.RelativePaths;
import io.espalier.pipeline.UsageException;
import io.espalier.report.Paint;
import io.espalier.report.Report;
import io.espalier.report.TextReport;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.model.Resource;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Prunes an ONNX model, checks the result on onnxruntime, logs what that did, and fails the build
 * if a demand on the result is not met. It runs in every build, so that a demand that is not met
 * fails every build.
 */
@Mojo(
    name = "prune",
    defaultPhase = LifecyclePhase.PROCESS_RESOURCES,
    requiresProject = false,
    threadSafe = true)
public final class PruneMojo extends TrainingMojo {
  private static final int COLUMNS = 100;

  /**
   * The model to prune: {@code .onnx}, compressed or not, or a bundle. Left out where the recipe
   * has one, or a network.
   */
  @Parameter(property = "espalier.model")
  private File model;

  /**
   * A YAML file with any of these options under the command's names, and a model or a network; what
   * the POM says comes first.
   */
  @Parameter(property = "espalier.recipe")
  private String recipe;

  /**
   * Where the pruned model goes; a name in {@code .gz}, {@code .xz}, {@code .zst} or {@code .bz2}
   * compresses it, one in {@code .tar.xz} or {@code .zip} bundles it with all that belongs to it.
   * By default the folder of classes, so that the jar carries it: under the path that a model among
   * the project's resources has in the jar, else under the model's name.
   */
  @Parameter(property = "espalier.output")
  private String output;

  /** Whether an existing file that is not of Espalier's making may be replaced. */
  @Parameter(property = "espalier.force")
  private boolean force;

  /**
   * {@code nchw} or {@code nhwc}: where the inputs of a model of Keras have the channels of images;
   * where the model has them unless given.
   */
  @Parameter(property = "espalier.inputLayout")
  private String inputLayout;

  /**
   * What {@code model.to_json()} says of the model of Keras that the file holds the weights of, or
   * the name of an application of Keras, such as {@code vgg16}.
   */
  @Parameter(property = "espalier.architecture")
  private String architecture;

  /** Files for the report; each name's ending, {@code .json} or {@code .md}, is the form. */
  @Parameter(property = "espalier.report")
  private List<String> report;

  /** The share of zeros to reach, such as {@code 0.8} or {@code 80%}; 0.5 unless given. */
  @Parameter(property = "espalier.sparsity")
  private String sparsity;

  /**
   * {@code layer} if each layer reaches the sparsity by itself (the default), {@code global} if all
   * weights do together.
   */
  @Parameter(property = "espalier.scope")
  private String scope;

  /**
   * What is kept or zeroed as one: {@code element} (the default), blocks such as {@code 4x1}, or
   * N:M such as {@code 2:4}, which keeps N of every M.
   */
  @Parameter(property = "espalier.granularity")
  private String granularity;

  /** What an element is worth: {@code l1} (the default), {@code l2} or {@code random}. */
  @Parameter(property = "espalier.criterion")
  private String criterion;

  /**
   * How the worths of a block's elements become the block's: {@code average} (the default) or
   * {@code max}.
   */
  @Parameter(property = "espalier.blockPooling")
  private String blockPooling;

  /** Globs: prune only weights whose name, or whose node's name, matches one. */
  @Parameter(property = "espalier.include")
  private List<String> include;

  /** Globs of what is left alone, stronger than {@code include}. */
  @Parameter(property = "espalier.exclude")
  private List<String> exclude;

  /** {@code GLOB=S}: sparsities of their own for what the globs match; the first match counts. */
  @Parameter(property = "espalier.layer")
  private List<String> layer;

  /** Weights of fewer elements are left alone; 64 unless given. */
  @Parameter(property = "espalier.minSize")
  private String minSize;

  /** Whether the kernels of depthwise convolutions are pruned too. */
  @Parameter(property = "espalier.pruneDepthwise")
  private boolean pruneDepthwise;

  /** Whether the tables that {@code Gather} reads are pruned too. */
  @Parameter(property = "espalier.pruneEmbeddings")
  private boolean pruneEmbeddings;

  /**
   * Samples to compare both models on: {@code [npz:|idx:]PATH[#part]}; random inputs unless given.
   */
  @Parameter(property = "espalier.data")
  private String data;

  /** Held-out labelled samples on which the accuracy is judged, in the same form. */
  @Parameter(property = "espalier.test")
  private String test;

  /** Factor on the samples. */
  @Parameter(property = "espalier.scale")
  private String scale;

  /** Subtracted after that: numbers with commas between, one for each channel or one for all. */
  @Parameter(property = "espalier.mean")
  private String mean;

  /** Divided by after that, in the same form. */
  @Parameter(property = "espalier.std")
  private String std;

  /** What keras.applications do to images: {@code caffe}, {@code tf} or {@code torch}. */
  @Parameter(property = "espalier.preprocessing")
  private String preprocessing;

  /** How the samples' images lie in memory: {@code nchw} or {@code nhwc}. */
  @Parameter(property = "espalier.layout")
  private String layout;

  /** {@code NAME=FILE}: the values of single inputs of the model. */
  @Parameter(property = "espalier.input")
  private List<String> input;

  /** {@code NAME=N}: the sizes of symbolic dimensions. */
  @Parameter(property = "espalier.dim")
  private List<String> dim;

  /** Libraries of custom operators for onnxruntime. */
  @Parameter(property = "espalier.customOps")
  private List<String> customOps;

  /**
   * What weights are made integers for: {@code size} or {@code speed}, with settings as in {@code
   * size:bits=4} or {@code speed:activations=dynamic}. By default they stay floats.
   */
  @Parameter(property = "espalier.quantize")
  private String quantize;

  /** Weights that stay floats, named as in {@code include}. */
  @Parameter(property = "espalier.quantizeExclude")
  private List<String> quantizeExclude;

  /**
   * How the weights are written: {@code auto}, {@code dense}, {@code sparse}, {@code packed} or
   * {@code keep}, the default: as the model has them.
   */
  @Parameter(property = "espalier.storage")
  private String storage;

  /** How many times as long opening the file may take as with dense weights. Default: 2. */
  @Parameter(property = "espalier.maxOpenRatio")
  private String maxOpenRatio;

  /** How far an element may be rounded, as a share of the largest of its tensor. Default: 0. */
  @Parameter(property = "espalier.maxWeightError")
  private String maxWeightError;

  /** Tensors that go to a file of their own: {@code always}, {@code never} or {@code 1MiB}. */
  @Parameter(property = "espalier.externalData")
  private String externalData;

  /** Whether weights that are listed as inputs are encoded; they can no longer be fed. */
  @Parameter(property = "espalier.dropWeightInputs")
  private boolean dropWeightInputs;

  /** The opset that the model is brought to, 7 to 21; it keeps its own unless given. */
  @Parameter(property = "espalier.opset")
  private String opset;

  /** Whether BatchNormalization is folded into the weights before it, in the end. */
  @Parameter(property = "espalier.foldBatchNormalization")
  private boolean foldBatchNormalization;

  /** Whether not to run the models: no comparison, no latency. */
  @Parameter(property = "espalier.noVerify")
  private boolean noVerify;

  /** Whether the compressed sizes are computed for files over 64 MiB too. */
  @Parameter(property = "espalier.sizes")
  private boolean sizes;

  /**
   * Fails the build unless at least this share of the pruned weights is zero, such as {@code 70%}.
   */
  @Parameter(property = "espalier.minSparsity")
  private String minSparsity;

  /** Fails the build unless the file is this many times smaller. */
  @Parameter(property = "espalier.minCompression")
  private String minCompression;

  /** Fails the build if the file is larger, such as {@code 500KiB}. */
  @Parameter(property = "espalier.maxBytes")
  private String maxBytes;

  /** Fails the build if an output element is further from the input model's. */
  @Parameter(property = "espalier.maxOutputDiff")
  private String maxOutputDiff;

  /** Fails the build if the accuracy on {@code test} is lower by more, such as {@code 0.5pp}. */
  @Parameter(property = "espalier.maxAccuracyDrop")
  private String maxAccuracyDrop;

  /** Where onnxruntime runs the models: {@code cpu} (the default) or {@code cuda}. */
  @Parameter(property = "espalier.device")
  private String device;

  /** Threads for pruning and for onnxruntime; all unless given. */
  @Parameter(property = "espalier.threads")
  private String threads;

  /** Seed of all that is random; 0 unless given. */
  @Parameter(property = "espalier.seed")
  private String seed;

  /** Whether to stop after saying what would be pruned. */
  @Parameter(property = "espalier.dryRun")
  private boolean dryRun;

  /** Whether to do nothing. */
  @Parameter(property = "espalier.skip")
  private boolean skip;

  @Parameter(defaultValue = "${basedir}", readonly = true)
  private File baseDirectory;

  /** Null where there is no project, but only a goal on the command line. */
  @Parameter(defaultValue = "${project.file}", readonly = true)
  private File projectFile;

  @Parameter(defaultValue = "${project.build.outputDirectory}", readonly = true)
  private File classesDirectory;

  @Parameter(defaultValue = "${project.resources}", readonly = true)
  private List<Resource> resources;

  @Override
  public void execute() throws MojoExecutionException, MojoFailureException {
    if (skip) {
      getLog().info("pruning is skipped");
      return;
    }
    Report report;
    LogListener listener = new LogListener(getLog());
    try {
      Recipe recipe = recipe();
      createFolders(recipe);
      report = Espalier.run(recipe, listener);
    } catch (ModelException | UsageException | InterruptedRunException | IOException e) {
      listener.failed();
      throw new MojoExecutionException(Failures.describe(e), e);
    }
    TextReport.render(report, COLUMNS, Paint.NONE).lines().forEach(getLog()::info);
    if (!report.gatesMet()) {
      throw new MojoFailureException(
          report.gates().stream()
              .filter(gate -> !gate.met())
              .map(gate -> "gate missed: " + TextReport.demand(gate))
              .collect(Collectors.joining("; ")));
    }
  }

  /** As other goals do: in a clean project there is no folder of classes yet. */
  private static void createFolders(Recipe recipe) throws IOException {
    for (Path file : Stream.concat(recipe.output().stream(), recipe.reports().stream()).toList()) {
      Files.createDirectories(file.toAbsolutePath().getParent());
    }
  }

  /** What the parameters ask for. */
  Recipe recipe() {
    RelativePaths paths = ProjectPaths.in(baseDirectory);
    RecipeOptions options = new RecipeOptions();
    addPruning(options);
    addTraining(options, paths);
    addRuns(options, paths);
    addGates(options);
    options.set("recipe", paths.file(recipe));
    Path given = model == null ? null : model.toPath();
    Recipe asked = options.recipe(given);
    return asked.output().isPresent() || projectFile == null
        ? asked
        : options.set("output", defaultOutput(asked)).recipe(given);
  }

  private void addPruning(RecipeOptions options) {
    options.flag("force", force);
    options.set("input-layout", inputLayout);
    options.set("sparsity", sparsity);
    options.set("scope", scope);
    options.set("granularity", granularity);
    options.set("criterion", criterion);
    options.set("block-pooling", blockPooling);
    options.set("include", include);
    options.set("exclude", exclude);
    options.set("layer", layer);
    options.set("min-size", minSize);
    options.flag("prune-depthwise", pruneDepthwise);
    options.flag("prune-embeddings", pruneEmbeddings);
    options.set("seed", seed);
    options.flag("dry-run", dryRun);
    options.set("opset", opset);
    options.flag("fold-batch-normalization", foldBatchNormalization);
    options.set("quantize", quantize);
    options.set("quantize-exclude", quantizeExclude);
    options.set("storage", storage);
    options.set("max-open-ratio", maxOpenRatio);
    options.set("max-weight-error", maxWeightError);
    options.set("external-data", externalData);
    options.flag("drop-weight-inputs", dropWeightInputs);
  }

  private void addRuns(RecipeOptions options, RelativePaths paths) {
    options.set("output", paths.file(output));
    options.set("architecture", paths.file(architecture));
    options.set("report", ProjectPaths.each(report, paths::file));
    options.set("data", paths.data(data));
    options.set("test", paths.data(test));
    options.set("scale", scale);
    options.set("mean", mean);
    options.set("std", std);
    options.set("layout", layout);
    options.set("preprocessing", preprocessing);
    options.set("input", ProjectPaths.each(input, paths::named));
    options.set("dim", dim);
    options.set("custom-ops", ProjectPaths.each(customOps, paths::file));
    options.flag("no-verify", noVerify);
    options.flag("sizes", sizes);
    options.set("device", device);
    options.set("threads", threads);
  }

  private void addGates(RecipeOptions options) {
    options.set("min-sparsity", minSparsity);
    options.set("min-compression", minCompression);
    options.set("max-bytes", maxBytes);
    options.set("max-output-diff", maxOutputDiff);
    options.set("max-accuracy-drop", maxAccuracyDrop);
  }

  private String defaultOutput(Recipe asked) {
    return ProjectPaths.defaultOutput(asked.model(), resources, classesDirectory.toPath())
        .toString();
  }
}

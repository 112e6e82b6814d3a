package io.espalier.mojo;

import io.espalier.pipeline.RecipeOptions;
import io.espalier.pipeline.RelativePaths;
import java.util.List;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugins.annotations.Parameter;

/** The parameters of goals that train while they prune. */
abstract class TrainingMojo extends AbstractMojo {
  /** Passes over {@code data} that train the model; it is only pruned unless given. */
  @Parameter(property = "espalier.epochs")
  private String epochs;

  /** Samples in an update; 128 unless given. */
  @Parameter(property = "espalier.batch")
  private String batch;

  /**
   * {@code sgd}, {@code momentum}, {@code nesterov}, {@code rmsprop}, {@code adam} (the default) or
   * {@code adamw}, with settings as in {@code adam:beta1=0.8,epsilon=1e-7}.
   */
  @Parameter(property = "espalier.optimizer")
  private String optimizer;

  /** The learning rate; the optimizer's own unless given. */
  @Parameter(property = "espalier.lr")
  private String lr;

  /** How the learning rate moves, such as {@code cosine} or {@code step:every=10}. */
  @Parameter(property = "espalier.lrSchedule")
  private String lrSchedule;

  /**
   * {@code auto} (by the last layer; the default), {@code cross-entropy}, {@code binary}, {@code
   * mse} or {@code mae}.
   */
  @Parameter(property = "espalier.loss")
  private String loss;

  /**
   * The way to the sparsity: {@code polynomial} (the default), {@code constant} or {@code one-
   * shot}.
   */
  @Parameter(property = "espalier.schedule")
  private String schedule;

  /** Where {@code polynomial} starts; 0 unless given. */
  @Parameter(property = "espalier.initialSparsity")
  private String initialSparsity;

  /** The first step that may prune; 0 unless given. */
  @Parameter(property = "espalier.beginStep")
  private String beginStep;

  /** The step that reaches the sparsity; after 60% of the run unless given. */
  @Parameter(property = "espalier.endStep")
  private String endStep;

  /** Steps between prunings; 100, or fewer for 10 prunings, unless given. */
  @Parameter(property = "espalier.frequency")
  private String frequency;

  /** Whether a schedule that ends beyond the run is shrunk. */
  @Parameter(property = "espalier.fitSchedule")
  private boolean fitSchedule;

  /** Weight of the sum of the prunable weights' magnitudes in the loss. */
  @Parameter(property = "espalier.l1")
  private String l1;

  /** Weight of the sum of their squares in the loss. */
  @Parameter(property = "espalier.l2")
  private String l2;

  /** Globs of what neither trains nor is pruned. */
  @Parameter(property = "espalier.freeze")
  private List<String> freeze;

  /** Labelled samples that judge each epoch; the best one is kept. */
  @Parameter(property = "espalier.validation")
  private String validation;

  /**
   * The part of {@code data} that validates: {@code 0.2} or {@code 0.2:last}, {@code random} or
   * {@code stratified}.
   */
  @Parameter(property = "espalier.validationSplit")
  private String validationSplit;

  /** {@code FIGURE[:PATIENCE[:DELTA]]}, such as {@code val_accuracy:5}. */
  @Parameter(property = "espalier.earlyStopping")
  private String earlyStopping;

  /** Whether to learn from the outputs of the unpruned model too, which needs no labels. */
  @Parameter(property = "espalier.distill")
  private boolean distill;

  /** The folder that keeps what the run needs to go on after an interruption. */
  @Parameter(property = "espalier.checkpoint")
  private String checkpoint;

  /** The folder of an interrupted run that is to go on. */
  @Parameter(property = "espalier.resume")
  private String resume;

  /** What softens both models' outputs then; 2 unless given. */
  @Parameter(property = "espalier.distillTemperature")
  private String distillTemperature;

  /** The unpruned model's share in the loss then; 0.5 unless given. */
  @Parameter(property = "espalier.distillMix")
  private String distillMix;

  /** Weight decay as PyTorch's optimizer of that name has it; 0.01 for adamw, else 0. */
  @Parameter(property = "espalier.weightDecay")
  private String weightDecay;

  /** The norm over all weights that gradients are scaled down to. */
  @Parameter(property = "espalier.clipNorm")
  private String clipNorm;

  /** The limit on each element of the gradients. */
  @Parameter(property = "espalier.clipValue")
  private String clipValue;

  /** The share of each target that is spread over all classes. */
  @Parameter(property = "espalier.labelSmoothing")
  private String labelSmoothing;

  /** Whether nothing is taken from how a Keras model was compiled. */
  @Parameter(property = "espalier.noCompiled")
  private boolean noCompiled;

  /** How many values the weights of a tensor share, zero among them. */
  @Parameter(property = "espalier.codebook")
  private String codebook;

  /** What shares them: {@code tensor} or {@code channel}. */
  @Parameter(property = "espalier.codebookPer")
  private String codebookPer;

  /** Where k-means starts from: {@code linear}, {@code density} or {@code kmeans}. */
  @Parameter(property = "espalier.codebookInit")
  private String codebookInit;

  /** The last epochs, in which shared values train. Default: a fifth of them. */
  @Parameter(property = "espalier.codebookEpochs")
  private String codebookEpochs;

  /** Whether what only training needs, such as Dropout, stays in the result. */
  @Parameter(property = "espalier.noStrip")
  private boolean noStrip;

  /** Passes on the parameters that the POM gives. */
  final void addTraining(RecipeOptions options, RelativePaths paths) {
    options.set("epochs", epochs);
    options.set("batch", batch);
    options.set("optimizer", optimizer);
    options.set("lr", lr);
    options.set("lr-schedule", lrSchedule);
    options.set("loss", loss);
    options.set("schedule", schedule);
    options.set("initial-sparsity", initialSparsity);
    options.set("begin-step", beginStep);
    options.set("end-step", endStep);
    options.set("frequency", frequency);
    options.flag("fit-schedule", fitSchedule);
    options.set("l1", l1);
    options.set("l2", l2);
    options.set("freeze", freeze);
    options.set("validation", paths.data(validation));
    options.set("validation-split", validationSplit);
    options.set("early-stopping", earlyStopping);
    options.flag("distill", distill);
    options.set("checkpoint", paths.file(checkpoint));
    options.set("resume", paths.file(resume));
    options.set("distill-temperature", distillTemperature);
    options.set("distill-mix", distillMix);
    options.set("weight-decay", weightDecay);
    options.set("clip-norm", clipNorm);
    options.set("clip-value", clipValue);
    options.set("label-smoothing", labelSmoothing);
    options.flag("no-compiled", noCompiled);
    options.flag("no-strip", noStrip);
    options.set("codebook", codebook);
    options.set("codebook-per", codebookPer);
    options.set("codebook-init", codebookInit);
    options.set("codebook-epochs", codebookEpochs);
  }
}

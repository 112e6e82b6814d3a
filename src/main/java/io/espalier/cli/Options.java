package io.espalier.cli;

import io.espalier.cli.CommandForm.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** How options are made, and those that several commands have. */
final class Options {
  static final String JSON = "--json";

  private Options() {}

  /** The model or models at these places among the arguments: {@code 0}, {@code 0..*}. */
  static PositionalParamSpec models(String label, String places, Class<?> type) {
    return PositionalParamSpec.builder()
        .index(places)
        .required(true)
        .paramLabel(label)
        .type(type)
        .auxiliaryTypes(Path.class)
        .description(
            "The model: .onnx, .h5, .hdf5 or .keras; .onnx also compressed or in a bundle.")
        .build();
  }

  static OptionSpec json() {
    return flag("Print JSON, with all that the text folds away.", JSON);
  }

  /** What commands that print a result have beside their own options. */
  static Section ofResults() {
    return new Section("Other", List.of(json(), stacktrace(), help()));
  }

  static OptionSpec force() {
    return flag("Replace OUT even if it is not of prune's making.", "--force");
  }

  static OptionSpec architecture() {
    return path(
        "JSON",
        "What model.to_json() says of the Keras model that MODEL holds the weights of, or the name"
            + " of an application: vgg16.",
        "--architecture");
  }

  static OptionSpec inputLayout() {
    return choice(
        List.of("nchw", "nhwc"),
        "Where the inputs of a Keras model have the channels of images. Default: where the model"
            + " has them.",
        "--input-layout");
  }

  static OptionSpec stacktrace() {
    return flag("Show where in the program a failure arose.", "--stacktrace");
  }

  static OptionSpec help() {
    return flag("Show this help.", "-h", "--help").toBuilder().usageHelp(true).build();
  }

  static List<OptionSpec> together(List<OptionSpec> some, List<OptionSpec> others) {
    List<OptionSpec> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }

  /** What samples are made of; {@code data} says what they are for. */
  static List<OptionSpec> samples(String data) {
    return List.of(
        one("DATA", data, "--data"),
        one("DATA", "Held-out labelled samples on which the accuracy is judged.", "--test"),
        one("X", "Multiply samples by X.", "--scale"),
        one("M,...", "Subtract M after that, one for each channel or one for all.", "--mean"),
        one("D,...", "Divide by D after that, one for each channel or one for all.", "--std"),
        choice(List.of("nchw", "nhwc"), "How the samples' images lie in memory.", "--layout"),
        choice(
            List.of("caffe", "tf", "torch"),
            "What networks of keras.applications do to images, in place of the three before.",
            "--preprocessing"));
  }

  /** What inputs are made of where there are no samples. */
  static List<OptionSpec> inputs() {
    return List.of(
        paths("NAME=FILE", "The values of one input of the model.", "--input"),
        many("NAME=N", "The size of a symbolic dimension.", "--dim"),
        paths("LIB", "A library of custom operators for onnxruntime.", "--custom-ops"));
  }

  /** Demands on what a model gives, against another one's outputs and accuracy. */
  static List<OptionSpec> gatesOnRuns(String reference) {
    return List.of(
        one("X", "No output element further than X from " + reference + ".", "--max-output-diff"),
        one(
            "D",
            "Accuracy on --test at most this much lower, such as 0.5pp.",
            "--max-accuracy-drop"));
  }

  static OptionSpec device() {
    return choice(
        List.of("cpu", "cuda"), "Where onnxruntime runs the models. Default: cpu.", "--device");
  }

  static OptionSpec threads(String users) {
    return one("N", "Threads for " + users + ". Default: all.", "--threads");
  }

  static OptionSpec seed() {
    return one("N", "Seed of all that is random. Default: 0.", "--seed");
  }

  static OptionSpec flag(String description, String... names) {
    return OptionSpec.builder(names).description(description).build();
  }

  static OptionSpec one(String label, String description, String... names) {
    return option(String.class, label, description, names).build();
  }

  static OptionSpec many(String label, String description, String... names) {
    return several(String.class, label, description, names);
  }

  static OptionSpec path(String label, String description, String... names) {
    return option(Path.class, label, description, names).build();
  }

  static OptionSpec paths(String label, String description, String... names) {
    return several(Path.class, label, description, names);
  }

  static OptionSpec choice(List<String> choices, String description, String... names) {
    return option(String.class, String.join("|", choices), description, names)
        .completionCandidates(choices)
        .build();
  }

  static OptionSpec several(Class<?> type, String label, String description, String... names) {
    return option(List.class, label, description, names).auxiliaryTypes(type).arity("1").build();
  }

  static OptionSpec.Builder option(
      Class<?> type, String label, String description, String... names) {
    return OptionSpec.builder(names).type(type).paramLabel(label).description(description);
  }
}

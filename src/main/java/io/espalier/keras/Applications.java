package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The networks of {@code keras.applications} whose weights are published without their layers,
 * written down as the configurations that Keras would have saved. Which of the layers at the end
 * there are, the weights tell.
 */
final class Applications {
  private static final Map<String, int[]> BLOCKS =
      new TreeMap<>(
          Map.of(
              "vgg16", new int[] {2, 2, 3, 3, 3},
              "vgg19", new int[] {2, 2, 4, 4, 4},
              "resnet50", new int[] {3, 4, 6, 3},
              "resnet101", new int[] {3, 4, 23, 3},
              "resnet152", new int[] {3, 8, 36, 3}));

  private static final long SIDE = 224;

  private final List<String> layers = new ArrayList<>();
  private final boolean top;
  private final long classes;
  private String last = "input_1";

  private Applications(boolean top, long classes) {
    this.top = top;
    this.classes = classes;
    String side = top ? "%d, %d".formatted(SIDE, SIDE) : "null, null";
    layers.add(
        "{\"class_name\": \"InputLayer\", \"name\": \"%s\", \"inbound_nodes\": [], \"config\":"
                .formatted(last)
            + " {\"name\": \"%s\", \"batch_input_shape\": [null, %s, 3]}}".formatted(last, side));
  }

  static Set<String> names() {
    return BLOCKS.keySet();
  }

  /**
   * The configuration of an application.
   *
   * @param name as Keras' module is called: {@code vgg16}
   * @param weights its weights, a group for each layer
   */
  static String configuration(String name, Hdf5 weights) {
    String known = name.toLowerCase(Locale.ROOT);
    int[] blocks = BLOCKS.get(known);
    if (!RowWeights.isRoot(weights)) {
      throw new MalformedModelException(
          "application " + name + ": expected weights with the attribute 'layer_names'");
    }
    Optional<Long> classes = classes(weights);
    Applications made = new Applications(classes.isPresent(), classes.orElse(0L));
    if (known.startsWith("vgg")) {
      made.vgg(blocks);
    } else {
      made.resnet(blocks);
    }
    return "{\"class_name\": \"Functional\", \"keras_version\": \"2.4.0\", \"backend\":"
        + " \"tensorflow\", \"config\": {\"name\": \"%s\", \"layers\": [%s], \"input_layers\":"
            .formatted(known, String.join(", ", made.layers))
        + " [[\"input_1\", 0, 0]], \"output_layers\": [[\"%s\", 0, 0]]}}".formatted(made.last);
  }

  /** How many classes the last layer tells apart; absent where the file has none. */
  private static Optional<Long> classes(Hdf5 weights) {
    for (String layer : List.of("predictions", "probs", "fc1000")) {
      Optional<Hdf5> group = weights.group(layer);
      if (group.isPresent() && !group.get().texts("weight_names").isEmpty()) {
        String kernel = group.get().texts("weight_names").get(0);
        return group.get().tensor(kernel).map(one -> one.shape().dim(one.shape().rank() - 1));
      }
    }
    return Optional.empty();
  }

  /** Adds a layer behind others; {@code settings} is JSON without its name and braces. */
  private String add(String className, String name, String settings, String... inputs) {
    StringBuilder inbound = new StringBuilder();
    for (String input : inputs.length == 0 ? new String[] {last} : inputs) {
      inbound.append(inbound.isEmpty() ? "" : ", ").append("[\"%s\", 0, 0, {}]".formatted(input));
    }
    layers.add(
        "{\"class_name\": \"%s\", \"name\": \"%s\", \"inbound_nodes\": [[%s]], \"config\": {\"name\":"
                .formatted(className, name, inbound)
            + " \"%s\"%s}}".formatted(name, settings.isEmpty() ? "" : ", " + settings));
    last = name;
    return name;
  }

  private void conv(String name, long filters, long size, long stride, String more) {
    add(
        "Conv2D",
        name,
        "\"filters\": %d, \"kernel_size\": [%d, %d], \"strides\": [%d, %d], %s"
            .formatted(filters, size, size, stride, stride, more));
  }

  private void dense(String name, long units, String activation) {
    add("Dense", name, "\"units\": %d, \"activation\": \"%s\"".formatted(units, activation));
  }

  private void vgg(int[] blocks) {
    for (int block = 0; block < blocks.length; block++) {
      long filters = Math.min(512, 64L << block);
      for (int i = 1; i <= blocks[block]; i++) {
        String name = "block%d_conv%d".formatted(block + 1, i);
        conv(name, filters, 3, 1, "\"padding\": \"same\", \"activation\": \"relu\"");
      }
      add("MaxPooling2D", "block%d_pool".formatted(block + 1), "\"pool_size\": [2, 2]");
    }
    if (top) {
      add("Flatten", "flatten", "");
      dense("fc1", 4096, "relu");
      dense("fc2", 4096, "relu");
      dense("predictions", classes, "softmax");
    }
  }

  /** Stages of blocks of three convolutions around which the input goes, or is convolved too. */
  private void resnet(int[] stages) {
    add("ZeroPadding2D", "conv1_pad", "\"padding\": [[3, 3], [3, 3]]");
    conv("conv1_conv", 64, 7, 2, "\"padding\": \"valid\"");
    normal("conv1_bn");
    relu("conv1_relu");
    add("ZeroPadding2D", "pool1_pad", "\"padding\": [[1, 1], [1, 1]]");
    add("MaxPooling2D", "pool1_pool", "\"pool_size\": [3, 3], \"strides\": [2, 2]");
    for (int stage = 0; stage < stages.length; stage++) {
      for (int block = 1; block <= stages[stage]; block++) {
        String name = "conv%d_block%d".formatted(stage + 2, block);
        block(name, 64L << stage, block == 1, block == 1 && stage > 0 ? 2 : 1);
      }
    }
    if (top) {
      add("GlobalAveragePooling2D", "avg_pool", "");
      dense("predictions", classes, "softmax");
    }
  }

  private void block(String name, long filters, boolean convolved, long stride) {
    String in = last;
    String around = in;
    if (convolved) {
      conv(name + "_0_conv", 4 * filters, 1, stride, "\"padding\": \"valid\"");
      around = normal(name + "_0_bn");
    }
    last = in;
    conv(name + "_1_conv", filters, 1, stride, "\"padding\": \"valid\"");
    normal(name + "_1_bn");
    relu(name + "_1_relu");
    conv(name + "_2_conv", filters, 3, 1, "\"padding\": \"same\"");
    normal(name + "_2_bn");
    relu(name + "_2_relu");
    conv(name + "_3_conv", 4 * filters, 1, 1, "\"padding\": \"valid\"");
    String changed = normal(name + "_3_bn");
    add("Add", name + "_add", "", around, changed);
    relu(name + "_out");
  }

  private String normal(String name) {
    return add("BatchNormalization", name, "\"axis\": [3], \"epsilon\": 1.001e-05");
  }

  private void relu(String name) {
    add("Activation", name, "\"activation\": \"relu\"");
  }
}

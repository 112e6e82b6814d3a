package io.espalier.pipeline;

import java.util.List;

/**
 * What images of bytes, red, green, blue, go through before the networks of keras.applications see
 * them: the modes of {@code keras.applications.imagenet_utils.preprocess_input}.
 */
enum ImagePreprocessing {
  /** Blue, green, red, less the means of ImageNet: VGG, ResNet. */
  CAFFE(1.0, List.of(103.939, 116.779, 123.68), List.of(), true),
  /** From -1 to 1: MobileNet, Xception, Inception, ResNetV2. */
  TF(1 / 127.5, List.of(1.0), List.of(), false),
  /** From 0 to 1, then the means and deviations of ImageNet: DenseNet, and PyTorch's networks. */
  TORCH(1 / 255.0, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225), false);

  private final double scale;
  private final List<Double> mean;
  private final List<Double> std;
  private final boolean bgr;

  ImagePreprocessing(double scale, List<Double> mean, List<Double> std, boolean bgr) {
    this.scale = scale;
    this.mean = mean;
    this.std = std;
    this.bgr = bgr;
  }

  double scale() {
    return scale;
  }

  /** One for each channel, in the order that they have then, or one for all. */
  List<Double> mean() {
    return mean;
  }

  List<Double> std() {
    return std;
  }

  boolean bgr() {
    return bgr;
  }
}

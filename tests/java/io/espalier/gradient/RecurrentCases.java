package io.espalier.gradient;

import static io.espalier.gradient.GradientCase.of;

import java.util.ArrayList;
import java.util.List;

/** Recurrent nodes: 4 steps of 2 samples of 3 numbers, 2 hidden. */
final class RecurrentCases {
  private RecurrentCases() {}

  static List<GradientCase> all() {
    List<GradientCase> all = new ArrayList<>(lstm());
    all.addAll(gru());
    all.addAll(rnn());
    all.forEach(GradientCase::floatOnly);
    return all;
  }

  private static GradientCase node(String operator, int gates, int directions) {
    return of(operator)
        .x(4, 2, 3)
        .w(directions, 2L * gates, 3)
        .w(directions, 2L * gates, 2)
        .with("hidden_size", 2)
        .with("direction", directions == 2 ? "bidirectional" : "forward");
  }

  private static List<GradientCase> lstm() {
    return List.of(
        node("LSTM", 4, 1).outputs(1, 1),
        node("LSTM", 4, 2).w(2, 16).outputs(3, 3),
        node("LSTM", 4, 1).w(1, 16).with("direction", "reverse").outputs(3, 3),
        node("LSTM", 4, 1).absent().absent().w(1, 2, 2).w(1, 2, 2).outputs(3, 3),
        node("LSTM", 4, 2).w(2, 16).ints32(4, 2).w(2, 2, 2).w(2, 2, 2).outputs(3, 3),
        node("LSTM", 4, 2).absent().absent().absent().absent().w(2, 6).outputs(3, 3),
        node("LSTM", 4, 2).w(2, 16).ints32(3, 4).w(2, 2, 2).w(2, 2, 2).w(2, 6).outputs(3, 3),
        node("LSTM", 4, 1).with("input_forget", 1).outputs(3, 3),
        node("LSTM", 4, 1)
            .w(1, 16)
            .absent()
            .absent()
            .w(1, 2, 2)
            .w(1, 6)
            .with("input_forget", 1)
            .outputs(3, 3),
        node("LSTM", 4, 1).with("clip", 1.3).outputs(3, 3),
        node("LSTM", 4, 2)
            .with(
                "activations",
                List.of("HardSigmoid", "ScaledTanh", "Softsign", "Sigmoid", "Affine", "Tanh"))
            .floats("activation_alpha", 0.1f, 0.8f, 0.4f)
            .floats("activation_beta", 0.45f, 0.7f, 0.1f)
            .outputs(3, 3));
  }

  private static List<GradientCase> gru() {
    return List.of(
        node("GRU", 3, 1).outputs(1, 1),
        node("GRU", 3, 1).with("linear_before_reset", 1).outputs(1, 1),
        node("GRU", 3, 2).w(2, 12).absent().w(2, 2, 2).outputs(2, 2),
        node("GRU", 3, 2).w(2, 12).absent().w(2, 2, 2).with("linear_before_reset", 1).outputs(2, 2),
        node("GRU", 3, 2)
            .w(2, 12)
            .ints32(2, 4)
            .w(2, 2, 2)
            .with("linear_before_reset", 1)
            .outputs(2, 2),
        node("GRU", 3, 2).w(2, 12).ints32(4, 3).w(2, 2, 2).outputs(2, 2),
        node("GRU", 3, 1)
            .w(1, 12)
            .with("activations", List.of("HardSigmoid", "Softsign"))
            .outputs(2, 2),
        node("GRU", 3, 1)
            .w(1, 12)
            .with("clip", 1.5)
            .with("direction", "reverse")
            .with("linear_before_reset", 1)
            .outputs(2, 2));
  }

  private static List<GradientCase> rnn() {
    return List.of(
        node("RNN", 1, 1).outputs(1, 1),
        node("RNN", 1, 2).w(2, 4).ints32(4, 2).w(2, 2, 2).outputs(2, 2),
        node("RNN", 1, 1).with("activations", List.of("Relu")).outputs(2, 2),
        node("RNN", 1, 1)
            .with("activations", List.of("LeakyRelu"))
            .floats("activation_alpha", 0.3f)
            .with("direction", "reverse")
            .outputs(2, 2));
  }
}

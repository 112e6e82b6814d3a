package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A recurrent layer going over its steps once.
 *
 * @param sequence the outputs of all steps [steps, batch, units], in the order of the input
 * @param states the last states [batch, units], the output first
 */
record RecurrentPass(Value sequence, List<Value> states) {

  /**
   * Emits a pass.
   *
   * @param layer has the settings and weights of an LSTM, a GRU or a SimpleRNN
   * @param x [batch, steps, features]; its mask says which steps count
   * @param initial the states to begin with; empty: zeros
   * @param zeroWhereMasked whether a masked step's output is zero; otherwise it is the last one
   */
  static RecurrentPass emit(
      LayerContext layer,
      String opType,
      KerasTensor x,
      boolean backwards,
      List<KerasTensor> initial,
      boolean zeroWhereMasked) {
    Ops ops = layer.ops();
    if (x.mask() == null) {
      Value steps = layer.arranged(x, Layout.ordered(1, 0, 2));
      return run(layer, opType, x, steps, null, backwards, initial);
    }
    StepMask mask = StepMask.of(ops, x.mask(), backwards);
    Value plain = layer.plain(x);
    Value turned = backwards ? StepMask.reversed(ops, plain, 1) : plain;
    Value steps = ops.transpose(mask.compacted(turned), 1, 0, 2);
    RecurrentPass pass = run(layer, opType, x, steps, mask.lengths(), false, initial);
    Value byBatch = ops.transpose(pass.sequence(), 1, 0, 2);
    Value spread = mask.spread(byBatch, layer.type(), zeroWhereMasked);
    Value inOrder = backwards ? StepMask.reversed(ops, spread, 1) : spread;
    return new RecurrentPass(ops.transpose(inOrder, 1, 0, 2), pass.states());
  }

  private static RecurrentPass run(
      LayerContext layer,
      String opType,
      KerasTensor x,
      Value steps,
      Value lengths,
      boolean backwards,
      List<KerasTensor> initial) {
    long units = layer.config().integer("units");
    boolean lstm = opType.equals("LSTM");
    if (!layer.instance().values().containsKey("kernel")) {
      RecurrentWeights weights = RecurrentWeights.read(layer, opType, layer.known(x, 2), units);
      layer.initializer("kernel", weights::kernel);
      layer.initializer("recurrent_kernel", weights::recurrent);
      layer.initializer("bias", weights::bias);
    }
    List<Value> inputs = new ArrayList<>();
    inputs.add(steps);
    for (String name : List.of("kernel", "recurrent_kernel", "bias")) {
      inputs.add(layer.instance().values().get(name));
    }
    inputs.add(lengths);
    for (KerasTensor state : initial) {
      inputs.add(layer.ops().unsqueeze(layer.plain(layer.floating(state)), 0));
    }
    while (inputs.get(inputs.size() - 1) == null) {
      inputs.remove(inputs.size() - 1);
    }
    Map<String, Attribute> attributes = new TreeMap<>(activations(layer, opType));
    attributes.put("hidden_size", Attribute.of(units));
    if (backwards) {
      attributes.put("direction", Attribute.of("reverse"));
    }
    if (opType.equals("GRU") && RecurrentWeights.resetsAfter(layer)) {
      attributes.put("linear_before_reset", Attribute.of(1));
    }
    List<Value> results =
        layer
            .ops()
            .call(OperatorId.of(opType), attributes, lstm ? 3 : 2, inputs.toArray(Value[]::new));
    List<Value> states = new ArrayList<>();
    for (Value state : results.subList(1, results.size())) {
      states.add(layer.ops().squeeze(state, 0));
    }
    return new RecurrentPass(layer.ops().squeeze(results.get(0), 1), states);
  }

  private static Map<String, Attribute> activations(LayerContext layer, String opType) {
    List<Optional<Json>> said = new ArrayList<>();
    if (!opType.equals("RNN")) {
      said.add(layer.config().find("recurrent_activation"));
    }
    said.add(layer.config().find("activation"));
    if (opType.equals("LSTM")) {
      said.add(layer.config().find("activation"));
    }
    boolean cuDnn = layer.spec().className().startsWith("CuDNN");
    List<String> names = new ArrayList<>();
    List<Float> alphas = new ArrayList<>();
    List<Float> betas = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      String absent = cuDnn ? i == 0 ? "sigmoid" : "tanh" : "linear";
      GateActivation activation = GateActivation.of(layer, said.get(i), absent);
      names.add(activation.name());
      activation.alpha().ifPresent(alphas::add);
      activation.beta().ifPresent(betas::add);
    }
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("activations", new Attribute.StringsAttribute(names));
    if (!alphas.isEmpty()) {
      attributes.put("activation_alpha", new Attribute.FloatsAttribute(alphas));
    }
    if (!betas.isEmpty()) {
      attributes.put("activation_beta", new Attribute.FloatsAttribute(betas));
    }
    return attributes;
  }

  /** An activation as the recurrent operators name it, with its parameters if it has any. */
  private record GateActivation(String name, Optional<Float> alpha, Optional<Float> beta) {
    static GateActivation of(LayerContext layer, Optional<Json> said, String absent) {
      String name = said.map(GateActivation::name).orElse(absent);
      return switch (name) {
        case "tanh" -> plain("Tanh");
        case "sigmoid" -> plain("Sigmoid");
        case "relu" -> plain("Relu");
        case "softsign" -> plain("Softsign");
        case "softplus" -> plain("Softplus");
        case "linear" -> new GateActivation("Affine", Optional.of(1f), Optional.of(0f));
        case "elu" -> new GateActivation("Elu", Optional.of(1f), Optional.empty());
        case "leaky_relu" -> new GateActivation("LeakyRelu", Optional.of(0.2f), Optional.empty());
        case "hard_sigmoid" ->
            new GateActivation(
                "HardSigmoid",
                Optional.of(layer.dialect().isThree() ? 1 / 6f : 0.2f),
                Optional.of(0.5f));
        default ->
            throw layer.unsupported(
                "activation '" + name + "' is none that ONNX' recurrent operators know");
      };
    }

    private static GateActivation plain(String name) {
      return new GateActivation(name, Optional.empty(), Optional.empty());
    }

    private static String name(Json said) {
      if (said.isText()) {
        return said.text();
      }
      Json config = said.find("config").orElse(said);
      return config.isText() ? config.text() : SnakeCase.of(said.text("class_name", "?"));
    }
  }
}

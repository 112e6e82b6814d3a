package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One call of a layer: what its rule sees. Values that a rule makes are named after the layer,
 * weights {@code layer/kernel}.
 */
final class LayerContext {
  private final GraphDraft draft;
  private final LayerInstance instance;
  private final Call call;
  private final Function<Argument.Ref, KerasTensor> resolver;

  LayerContext(
      GraphDraft draft,
      LayerInstance instance,
      Call call,
      Function<Argument.Ref, KerasTensor> resolver) {
    this.draft = draft;
    this.instance = instance;
    this.call = call;
    this.resolver = resolver;
  }

  LayerSpec spec() {
    return instance.spec();
  }

  Json config() {
    return instance.spec().config();
  }

  Dialect dialect() {
    return draft.dialect();
  }

  GraphDraft draft() {
    return draft;
  }

  LayerInstance instance() {
    return instance;
  }

  Ops ops() {
    return draft.ops().in(instance.scope());
  }

  /** The type in which the layer computes. */
  DataType type() {
    return DataTypes.computed(DataTypes.nameOf(config().find("dtype")));
  }

  boolean channelsFirst() {
    return config().text("data_format", "channels_last").equals("channels_first");
  }

  /**
   * The call's argument at a position, -1 for none, or of a name; absent if there is neither, or
   * null.
   */
  Optional<Argument> argument(int position, String name) {
    Argument found =
        position >= 0 && position < call.positional().size()
            ? call.positional().get(position)
            : call.named().get(name);
    return Optional.ofNullable(found)
        .filter(one -> !(one instanceof Argument.Constant constant && constant.value().isNull()));
  }

  /** A tensor that was passed at a position or under a name. */
  Optional<KerasTensor> tensor(int position, String name) {
    return argument(position, name)
        .filter(found -> !found.refs().isEmpty())
        .map(found -> resolver.apply(found.refs().get(0)));
  }

  /** The first tensor among the arguments. */
  Optional<KerasTensor> anyTensor() {
    return call.refs().stream().findFirst().map(resolver);
  }

  /** All tensors among the arguments, in order. */
  List<KerasTensor> allTensors() {
    return call.refs().stream().map(resolver).toList();
  }

  /** What the layer is called with. */
  Call call() {
    return call;
  }

  /** All tensors in an argument. */
  List<KerasTensor> tensors(Argument argument) {
    return argument.refs().stream().map(resolver).toList();
  }

  /** A setting that is passed with the call, not kept in the layer. */
  Optional<Json> constant(int position, String name) {
    return argument(position, name)
        .filter(Argument.Constant.class::isInstance)
        .map(found -> ((Argument.Constant) found).value());
  }

  Value plain(KerasTensor x) {
    return draft.plain(x, ops());
  }

  Value arranged(KerasTensor x, Layout wanted) {
    return draft.arranged(x, wanted, ops());
  }

  /** The same tensor, lying as Keras has it. */
  KerasTensor asPlain(KerasTensor x) {
    return x.layout().isPlain()
        ? x
        : KerasTensor.plain(plain(x), x.type(), x.dims()).withMask(x.mask());
  }

  /** The same tensor in the type in which the layer computes. */
  KerasTensor floating(KerasTensor x) {
    return draft.cast(x, type(), ops());
  }

  /** A result as Keras has it. */
  KerasTensor result(Value value, long... dims) {
    return KerasTensor.plain(value, type(), dims);
  }

  /** The next weight of the layer, in the type in which it computes; -1 fits any dimension. */
  Tensor tensor(String name, long... dims) {
    Tensor known = instance.tensors().get(name);
    if (known != null) {
      return known;
    }
    Tensor found =
        instance
            .weights()
            .next()
            .orElseThrow(
                () ->
                    new MalformedModelException(
                        "%s: expected the weight '%s' of shape %s, the file has none"
                            .formatted(spec().label(), name, KerasTensor.dimsText(dims))));
    requireShape(name, found.shape(), dims);
    Tensor typed = typed(found);
    instance.tensors().put(name, typed);
    return typed;
  }

  private void requireShape(String name, Shape found, long... dims) {
    boolean fits = found.rank() == dims.length;
    for (int axis = 0; fits && axis < dims.length; axis++) {
      fits = dims[axis] < 0 || dims[axis] == found.dim(axis);
    }
    if (!fits) {
      throw new MalformedModelException(
          "%s: expected the weight '%s' of shape %s, got %s"
              .formatted(spec().label(), name, KerasTensor.dimsText(dims), found));
    }
  }

  private Tensor typed(Tensor tensor) {
    if (tensor.dataType() == type()) {
      return tensor;
    }
    return Elements.tensor(type(), tensor.shape(), Elements.of(tensor).orElseThrow());
  }

  /** The next weight, as an initializer that has the layer's name and its own. */
  Value weight(String name, long... dims) {
    return weight(name, UnaryOperator.identity(), dims);
  }

  /** The next weight, in a form that suits the operator. */
  Value weight(String name, UnaryOperator<Tensor> form, long... dims) {
    return initializer(name, () -> form.apply(tensor(name, dims)));
  }

  /** An initializer that has the layer's name and {@code name}; made once for all calls. */
  Value initializer(String name, Supplier<Tensor> tensor) {
    Value known = instance.values().get(name);
    if (known == null) {
      Tensor made = tensor.get();
      known = draft.graph().newValue(instance.scope() + "/" + name);
      known.setInitializer(made);
      known.setType(TensorType.of(made));
      instance.values().put(name, known);
    }
    return known;
  }

  Value number(double number) {
    return ops().constant(Elements.tensor(type(), Shape.of(), i -> number));
  }

  /** A layer within this one; its weights are those that Keras holds in {@code attribute}. */
  LayerContext part(String attribute, LayerSpec inner) {
    return part(attribute, inner, instance.weights().part(attribute));
  }

  LayerContext part(String key, LayerSpec inner, LayerWeights weights) {
    LayerInstance part =
        instance
            .parts()
            .computeIfAbsent(
                key,
                name -> new LayerInstance(inner, weights, instance.scope() + "/" + inner.name()));
    return new LayerContext(draft, part, call, resolver);
  }

  /** The same layer with its weights from elsewhere in the file; its values are shared. */
  LayerContext withWeights(LayerWeights weights) {
    return new LayerContext(draft, instance.withWeights(weights), call, resolver);
  }

  /** The same layer, taken for one of another description. */
  LayerContext as(LayerSpec other) {
    return new LayerContext(draft, instance.as(other), call, resolver);
  }

  /** The same layer, called with something else. */
  LayerContext calledWith(Call other) {
    return new LayerContext(draft, instance, other, resolver);
  }

  /** Calls the layer itself, whatever it is. */
  List<KerasTensor> emit(List<KerasTensor> inputs) {
    return LayerRules.emit(this, inputs);
  }

  /** Something of the layer that is not done, and the model is right without. */
  void refuse(String reason) {
    draft.refuse(spec().label(), reason);
  }

  UnsupportedModelException unsupported(String what) {
    return new UnsupportedModelException(spec().label() + ": " + what);
  }

  MalformedModelException malformed(String what) {
    return new MalformedModelException(spec().label() + ": " + what);
  }

  /** The input's dimension, which has to be known. */
  long known(KerasTensor x, int axis) {
    long dim = x.dim(axis);
    if (dim < 0) {
      throw unsupported(
          "expected an input whose axis %d is known, got %s"
              .formatted(axis, Arrays.toString(x.dims())));
    }
    return dim;
  }

  KerasTensor requireRank(KerasTensor x, int rank) {
    if (x.rank() != rank) {
      throw malformed("expected an input of rank " + rank + ", got " + x.shapeText());
    }
    return x;
  }
}

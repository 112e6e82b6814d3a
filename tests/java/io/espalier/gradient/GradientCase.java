package io.espalier.gradient;

import io.espalier.graph.Attribute;
import io.espalier.graph.OperatorId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One call of an operator whose gradient is to be checked. */
final class GradientCase {
  /** How the elements of an input are drawn. */
  enum Kind {
    /** Far from 0 and from each other: no kink, no tie is near. */
    SPREAD,
    POSITIVE,
    /** Between -0.9 and 0.9. */
    UNIT,
    /** Above 1. */
    LARGE,
    /** Given numbers, not differentiated. */
    INTS,
    INTS32,
    /** Given numbers, float whatever the case's type, not differentiated. */
    FLOATS,
    BOOLS
  }

  /** An input; {@code null} in the list of inputs is an absent one. */
  record Input(Kind kind, long[] shape, Object given, boolean wanted, boolean sized) {}

  final String operator;
  final List<Input> inputs = new ArrayList<>();
  final Map<String, Attribute> attributes = new TreeMap<>();
  int outputs = 1;
  int used = 1;
  boolean unknownSizes = true;
  boolean inDouble = true;

  private GradientCase(String operator) {
    this.operator = operator;
  }

  static GradientCase of(String operator) {
    return new GradientCase(operator);
  }

  private GradientCase input(Kind kind, boolean wanted, long... shape) {
    inputs.add(new Input(kind, shape, null, wanted, false));
    return this;
  }

  GradientCase x(long... shape) {
    return input(Kind.SPREAD, true, shape);
  }

  /** As {@code x}, but of a size that is always known, as that of a weight is. */
  GradientCase w(long... shape) {
    inputs.add(new Input(Kind.SPREAD, shape, null, true, true));
    return this;
  }

  GradientCase positive(long... shape) {
    return input(Kind.POSITIVE, true, shape);
  }

  GradientCase unit(long... shape) {
    return input(Kind.UNIT, true, shape);
  }

  GradientCase large(long... shape) {
    return input(Kind.LARGE, true, shape);
  }

  /** Positive, but not differentiated. */
  GradientCase fixed(long... shape) {
    return input(Kind.POSITIVE, false, shape);
  }

  GradientCase bools(long... shape) {
    return input(Kind.BOOLS, false, shape);
  }

  GradientCase ints(long... given) {
    return ints(new long[] {given.length}, given);
  }

  GradientCase ints(long[] shape, long... given) {
    inputs.add(new Input(Kind.INTS, shape, given, false, true));
    return this;
  }

  GradientCase ints32(int... given) {
    inputs.add(new Input(Kind.INTS32, new long[] {given.length}, given, false, true));
    return this;
  }

  GradientCase floats(double... given) {
    float[] narrow = new float[given.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) given[i];
    }
    inputs.add(new Input(Kind.FLOATS, new long[] {given.length}, narrow, false, true));
    return this;
  }

  GradientCase absent() {
    inputs.add(null);
    return this;
  }

  GradientCase with(String attribute, long value) {
    attributes.put(attribute, Attribute.of(value));
    return this;
  }

  GradientCase with(String attribute, double value) {
    attributes.put(attribute, Attribute.of((float) value));
    return this;
  }

  GradientCase with(String attribute, String value) {
    attributes.put(attribute, Attribute.of(value));
    return this;
  }

  GradientCase with(String attribute, List<String> values) {
    attributes.put(attribute, new Attribute.StringsAttribute(values));
    return this;
  }

  GradientCase floats(String attribute, Float... values) {
    attributes.put(attribute, new Attribute.FloatsAttribute(List.of(values)));
    return this;
  }

  GradientCase ints(String attribute, long... values) {
    attributes.put(attribute, Attribute.of(values));
    return this;
  }

  /** The node has so many outputs, of which the loss uses the first {@code used}. */
  GradientCase outputs(int count, int usedOnes) {
    outputs = count;
    used = usedOnes;
    return this;
  }

  /** The rule needs sizes other than the batch. */
  GradientCase sized() {
    unknownSizes = false;
    return this;
  }

  /** The operator computes in float whatever the type of its input. */
  GradientCase floatOnly() {
    inDouble = false;
    return this;
  }

  OperatorId id() {
    int dot = operator.lastIndexOf('.');
    return dot < 0
        ? OperatorId.of(operator)
        : new OperatorId(operator.substring(0, dot), operator.substring(dot + 1), "");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(operator);
    for (Input input : inputs) {
      text.append(input == null ? " -" : " " + Arrays.toString(input.shape()));
    }
    attributes.forEach(
        (name, value) ->
            text.append(' ')
                .append(name)
                .append('=')
                .append(value.toString().replaceAll(".*value=|]$", "")));
    return text.toString().replace(", ", ",");
  }
}

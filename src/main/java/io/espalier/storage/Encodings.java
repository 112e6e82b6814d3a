package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.storage.StorageOptions.Form;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** The encodings that keep a weight bit for bit. */
final class Encodings {
  /** The opset that brought CumSum. */
  private static final long GAPS_SINCE = 11;

  private static final int MOST_ENTRIES = Integer.MAX_VALUE / 8 - 8;

  /** Of elements that are not zero: with more of them a mask or all values open faster. */
  private static final double LARGEST_SHARE = 0.3;

  private final Survey survey;
  private final Form form;
  private final boolean packed;
  private final long opset;
  private final List<Encoding> found = new ArrayList<>();

  private Encodings(Survey survey, Form form, boolean packed, long opset) {
    this.opset = opset;
    this.survey = survey;
    this.form = form;
    this.packed = packed && opset >= GAPS_SINCE; // unpacking needs BitShift and Mod
  }

  /**
   * All that apply to the surveyed weight in a model of {@code opset}, in no order.
   *
   * @param packed whether numbers below 8 bits are packed together, or have a byte each
   */
  static List<Encoding> of(Survey survey, Form form, boolean packed, long opset) {
    Encodings encodings = new Encodings(survey, form, packed, opset);
    if (survey.elements() <= MOST_ENTRIES) {
      encodings.findAll();
    }
    return encodings.found.stream().filter(one -> one.opset() <= opset).toList();
  }

  private void findAll() {
    int elements = (int) survey.elements();
    int nonzero = (int) survey.nonzero();
    boolean hasZeros = nonzero < elements;
    if (survey.exactInHalf()) {
      found.add(new HalfEncoding(elements));
    }
    coded(hasZeros, elements, false)
        .ifPresent(code -> found.add(new CodesEncoding(elements, code)));
    coded(hasZeros, elements, true).ifPresent(code -> found.add(new CodesEncoding(elements, code)));
    channelCoded(hasZeros, elements).forEach(code -> found.add(new CodesEncoding(elements, code)));
    if (!hasZeros) {
      return;
    }
    for (ValueCode values : allValues(true, nonzero + 1L)) {
      found.add(new BitmaskEncoding(elements, nonzero, values));
    }
    if (survey.tensor().dataType() == DataType.BFLOAT16) {
      return; // ConstantOfShape has no zeros of bfloat16 before opset 20
    }
    if (form != Form.SPARSE && opset >= GAPS_SINCE && nonzero > 0) {
      groups();
      blocks();
    }
    if (nonzero > LARGEST_SHARE * elements) {
      return;
    }
    if (form == Form.SPARSE && nonzero > 0) {
      found.add(new SparseEncoding(nonzero, survey.width()));
    }
    if (opset < GAPS_SINCE && PositionEncoding.TYPES.contains(survey.tensor().dataType())) {
      int entries = Math.max(1, nonzero);
      for (ValueCode values : values(nonzero == 0, entries)) {
        found.add(new PositionEncoding(survey.tensor().dataType(), elements, entries, values));
      }
    }
    if (survey.tensor().shape().rank() >= 2) {
      rows();
    }
    for (int radix = packed ? 4 : 256; radix <= 256; radix++) {
      gaps(radix);
    }
  }

  /** What an element that is not zero takes at the least. */
  private double valueBits() {
    double raw = survey.exactInHalf() ? 16 : 8 * survey.width();
    int most =
        Math.min(
            survey.values().map(values -> values.length).orElse(Integer.MAX_VALUE),
            survey.channels().map(ChannelValues::most).orElse(Integer.MAX_VALUE));
    double coded = packed ? Math.log(most + 1.0) / Math.log(2) : 8;
    return most > DistinctValues.MOST ? raw : Math.min(raw, coded);
  }

  private void groups() {
    Groups.find(survey, valueBits()).ifPresent(this::groups);
  }

  private void groups(Groups groups) {
    long entries = groups.count() * groups.n();
    Digits patterns = Digits.densest(groups.choices(), groups.count(), opset);
    for (ValueCode values : allValues(entries > survey.nonzero(), entries)) {
      if (isApart(values, groups.axis())) {
        found.add(new GroupEncoding(groups, values, patterns));
      }
    }
  }

  private void blocks() {
    for (Blocks blocks : Blocks.likely(survey, valueBits())) {
      Gaps gaps = new Gaps();
      BitSet occupied = blocks.occupied(survey.tensor());
      int previous = 0;
      for (int i = occupied.nextSetBit(0); i >= 0; i = occupied.nextSetBit(i + 1)) {
        gaps.add(i - previous);
        previous = i;
      }
      for (int radix = packed ? 4 : 256; radix <= 256; radix *= 2) {
        blocks(blocks, occupied.cardinality() + gaps.fillers(radix - 1), radix);
      }
    }
  }

  private void blocks(Blocks blocks, long entries, int radix) {
    long elements = entries * blocks.elements();
    if (elements > MOST_ENTRIES) {
      return;
    }
    Digits distances = packed ? Digits.densest(radix, entries, opset) : Digits.bytes(radix);
    Shape shape = survey.tensor().shape();
    for (ValueCode values : values(elements > survey.nonzero(), elements)) {
      found.add(new BlockEncoding(blocks, shape, (int) entries, distances, values));
    }
  }

  private void rows() {
    RowGapEncoding raw = RowGapEncoding.of(survey.tensor(), new ValueCode.Raw(survey.width()));
    if (raw.perRow() == 0 || raw.perRow() > raw.shape().dim(1) || raw.entries() > MOST_ENTRIES) {
      return;
    }
    for (ValueCode values : allValues(true, raw.entries())) {
      if (isApart(values, 1)) {
        found.add(new RowGapEncoding(raw.shape(), raw.perRow(), values));
      }
    }
  }

  /** Whether the axis along which entries lie is another than that of the channels. */
  private static boolean isApart(ValueCode values, int axis) {
    return !(values instanceof ChannelCode code) || code.channels().axis() != axis;
  }

  private void gaps(int radix) {
    long fillers = survey.gaps().fillers(radix - 1);
    long entries = survey.nonzero() + fillers;
    if (entries > MOST_ENTRIES) {
      return;
    }
    Digits distances = packed ? Digits.densest(radix, entries, opset) : Digits.bytes(radix);
    for (ValueCode values : allValues(fillers > 0, entries)) {
      found.add(new GapEncoding(survey.tensor().shape(), (int) entries, distances, values));
    }
  }

  private List<ValueCode> values(boolean zero, long count) {
    List<ValueCode> codes = new ArrayList<>();
    codes.add(new ValueCode.Raw(survey.width()));
    if (survey.exactInHalf()) {
      codes.add(new ValueCode.Half());
    }
    coded(zero, count, false).ifPresent(codes::add);
    coded(zero, count, true).ifPresent(codes::add);
    return codes;
  }

  /** As {@link #values}, with codes for each channel, which need to know where values lie. */
  private List<ValueCode> allValues(boolean zero, long count) {
    List<ValueCode> codes = values(zero, count);
    codes.addAll(channelCoded(zero, count));
    return codes;
  }

  private List<ChannelCode> channelCoded(boolean zero, long count) {
    if (opset < GAPS_SINCE || survey.channels().isEmpty()) {
      return List.of();
    }
    ChannelValues channels = survey.channels().get();
    int entries = Math.max(1, channels.most() + (zero ? 1 : 0));
    if (entries > DistinctValues.MOST) {
      return List.of();
    }
    int radix = Math.max(2, entries);
    Digits layout = packed ? Digits.densest(radix, count, opset) : Digits.bytes(radix);
    return List.of(new ChannelCode(channels, entries, zero, layout, survey.width()));
  }

  /** Codes for the values, and for zero if it occurs among them. */
  private Optional<ValueCode.Coded> coded(boolean zero, long count, boolean inBytes) {
    return survey
        .values()
        .map(values -> zero ? withZero(values) : values)
        .filter(codebook -> codebook.length >= 1 && codebook.length <= DistinctValues.MOST)
        .filter(codebook -> inBytes || packed)
        .map(
            codebook -> {
              int radix = Math.max(2, codebook.length);
              Digits layout = inBytes ? Digits.bytes(radix) : Digits.densest(radix, count, opset);
              return ValueCode.Coded.of(codebook, layout, survey.width());
            });
  }

  private static long[] withZero(long[] values) {
    long[] codebook = new long[values.length + 1];
    System.arraycopy(values, 0, codebook, 1, values.length);
    return codebook;
  }
}

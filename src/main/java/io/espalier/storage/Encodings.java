package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.storage.StorageOptions.Form;
import java.util.ArrayList;
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
    if (!hasZeros) {
      return;
    }
    for (ValueCode values : values(true, nonzero + 1L)) {
      found.add(new BitmaskEncoding(elements, nonzero, values));
    }
    boolean mostlyZero = nonzero <= LARGEST_SHARE * elements;
    if (!mostlyZero || survey.tensor().dataType() == DataType.BFLOAT16) {
      return; // ConstantOfShape has no zeros of bfloat16 before opset 20
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

  private void rows() {
    RowGapEncoding raw = RowGapEncoding.of(survey.tensor(), new ValueCode.Raw(survey.width()));
    if (raw.perRow() == 0 || raw.perRow() > raw.shape().dim(1) || raw.entries() > MOST_ENTRIES) {
      return;
    }
    for (ValueCode values : values(true, raw.entries())) {
      found.add(new RowGapEncoding(raw.shape(), raw.perRow(), values));
    }
  }

  private void gaps(int radix) {
    long fillers = survey.gaps().fillers(radix - 1);
    long entries = survey.nonzero() + fillers;
    if (entries > MOST_ENTRIES) {
      return;
    }
    Digits distances = packed ? Digits.densest(radix, entries) : Digits.bytes(radix);
    for (ValueCode values : values(fillers > 0, entries)) {
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
              Digits layout = inBytes ? Digits.bytes(radix) : Digits.densest(radix, count);
              return ValueCode.Coded.of(codebook, layout, survey.width());
            });
  }

  private static long[] withZero(long[] values) {
    long[] codebook = new long[values.length + 1];
    System.arraycopy(values, 0, codebook, 1, values.length);
    return codebook;
  }
}

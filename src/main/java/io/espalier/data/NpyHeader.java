package io.espalier.data;

import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.UnsupportedModelException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the header of a NumPy array says; the Python literal in it is matched, not evaluated. */
record NpyHeader(DataType type, boolean bigEndian, boolean fortranOrder, Shape shape) {
  private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([^'\"]*)");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([\\d,\\sL]*)\\)");

  static NpyHeader parse(String where, String header) {
    Matcher descr = DESCR.matcher(header);
    Matcher order = ORDER.matcher(header);
    Matcher shape = SHAPE.matcher(header);
    if (!order.find() || !shape.find()) {
      throw new MalformedModelException(
          where + ": expected 'descr', 'fortran_order' and 'shape' in the array's header");
    }
    if (!descr.find()) {
      throw new UnsupportedModelException(
          where + ": expected an array of numbers, got one of records");
    }
    String type = descr.group(1);
    return new NpyHeader(
        type(where, type),
        type.startsWith(">"),
        order.group(1).equals("True"),
        shape(where, shape.group(1)));
  }

  private static DataType type(String where, String descr) {
    String kind = descr.replaceFirst("^[<>|=]", "");
    return switch (kind) {
      case "f2" -> DataType.FLOAT16;
      case "f4" -> DataType.FLOAT;
      case "f8" -> DataType.DOUBLE;
      case "i1" -> DataType.INT8;
      case "i2" -> DataType.INT16;
      case "i4" -> DataType.INT32;
      case "i8" -> DataType.INT64;
      case "u1" -> DataType.UINT8;
      case "u2" -> DataType.UINT16;
      case "u4" -> DataType.UINT32;
      case "u8" -> DataType.UINT64;
      case "b1" -> DataType.BOOL;
      default ->
          throw new UnsupportedModelException(
              kind.startsWith("O")
                  ? where
                      + ": pickled Python objects are not read, they could run code; save the"
                      + " array with a numeric dtype"
                  : where + ": expected numbers or booleans, got elements of dtype " + descr);
    };
  }

  private static Shape shape(String where, String dims) {
    try {
      return Sizes.shape(
          where,
          Arrays.stream(dims.replace("L", "").split(","))
              .map(String::strip)
              .filter(dim -> !dim.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray());
    } catch (NumberFormatException e) {
      throw new MalformedModelException(where + ": shape (" + dims + ") of the array", e);
    }
  }
}

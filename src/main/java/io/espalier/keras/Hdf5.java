package io.espalier.keras;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A group of an HDF5 file. Whatever is wrong with the file, and however the library says so, the
 * answer is a {@link MalformedModelException}.
 */
final class Hdf5 {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

  /** Compressed data sets grow by no more than deflate can make of them. */
  private static final long MOST_EXPANSION = 1100;

  private static final long ALWAYS_ALLOWED = 1 << 20;

  private final Group group;
  private final String path;
  private final long fileBytes;

  private Hdf5(Group group, String path, long fileBytes) {
    this.group = group;
    this.path = path;
    this.fileBytes = fileBytes;
  }

  /** Whether a file that begins like this is HDF5. */
  static boolean isSignature(ByteBuffer start) {
    return start.remaining() >= SIGNATURE.length
        && start.slice(start.position(), SIGNATURE.length).equals(ByteBuffer.wrap(SIGNATURE));
  }

  /** The root group of the file in {@code bytes}, which must not change while it is in use. */
  static Hdf5 open(ByteBuffer bytes) {
    return guarded(
        "the HDF5 file",
        () -> new Hdf5(HdfFile.fromByteBuffer(bytes.slice()), "", bytes.remaining()));
  }

  /** The names of the groups on the way here, joined by slashes; "" for the root. */
  String path() {
    return path;
  }

  /** The group of that name; absent if there is none, or if it is no group of this file. */
  Optional<Hdf5> group(String name) {
    return child(name)
        .filter(Group.class::isInstance)
        .map(found -> new Hdf5((Group) found, join(name), fileBytes));
  }

  /** The group at a path of names joined by slashes. */
  Optional<Hdf5> groupAt(String names) {
    Optional<Hdf5> found = Optional.of(this);
    for (String name : names.split("/")) {
      found = name.isEmpty() ? found : found.flatMap(here -> here.group(name));
    }
    return found;
  }

  /** The names of what the group holds. */
  List<String> children() {
    return guarded(where(), () -> List.copyOf(group.getChildren().keySet()));
  }

  /** The data set of that name, or at that path. */
  Optional<Tensor> tensor(String name) {
    int slash = name.lastIndexOf('/');
    if (slash >= 0) {
      return groupAt(name.substring(0, slash))
          .flatMap(parent -> parent.tensor(name.substring(slash + 1)));
    }
    return child(name).filter(Dataset.class::isInstance).map(found -> read((Dataset) found, name));
  }

  private Optional<Node> child(String name) {
    return guarded(
        where(),
        () -> {
          Node found = group.getChildren().get(name);
          if (found != null && found.isLink()) {
            throw new UnsupportedModelException(
                "HDF5 " + join(name) + ": a link, which may lead out of the file, is not followed");
          }
          return Optional.ofNullable(found);
        });
  }

  private Tensor read(Dataset data, String name) {
    String place = "HDF5 data set " + join(name);
    return guarded(place, () -> read(data, dataType(data, place), place));
  }

  private Tensor read(Dataset data, DataType type, String place) {
    Shape shape = Shape.of(data.getDimensionsAsLong());
    long bytes = type.byteSize(shape.elements());
    boolean contiguous = data instanceof ContiguousDataset;
    long most = contiguous ? fileBytes : Math.max(fileBytes * MOST_EXPANSION, ALWAYS_ALLOWED);
    if (bytes > most || bytes > Runtime.getRuntime().maxMemory() / 2) {
      throw new MalformedModelException(
          place + ": its shape " + shape + " would take " + bytes + " bytes, more than fit");
    }
    if (data.isEmpty() || shape.elements() == 0) {
      return new ArrayTensor(type, shape, ByteBuffer.allocate((int) bytes));
    }
    if (contiguous) {
      ByteBuffer raw = ((ContiguousDataset) data).getBuffer();
      if (raw.order() == ByteOrder.LITTLE_ENDIAN) {
        return new ArrayTensor(type, shape, raw);
      }
    }
    return ArrayData.tensor(type, shape, data.isScalar() ? data.getData() : data.getDataFlat());
  }

  private static DataType dataType(Dataset data, String place) {
    io.jhdf.object.datatype.DataType type = data.getDataType();
    if (type instanceof FloatingPoint real) {
      switch (real.getSize()) {
        case 2:
          return DataType.FLOAT16;
        case 4:
          return DataType.FLOAT;
        case 8:
          return DataType.DOUBLE;
        default:
      }
    }
    if (type instanceof FixedPoint whole) {
      boolean signed = whole.isSigned();
      switch (whole.getSize()) {
        case 1:
          return signed ? DataType.INT8 : DataType.UINT8;
        case 2:
          return signed ? DataType.INT16 : DataType.UINT16;
        case 4:
          return signed ? DataType.INT32 : DataType.UINT32;
        case 8:
          return signed ? DataType.INT64 : DataType.UINT64;
        default:
      }
    }
    throw new UnsupportedModelException(
        place
            + ": expected numbers of 8 to 64 bits, got "
            + type.getClass().getSimpleName()
            + " of "
            + type.getSize()
            + " bytes");
  }

  /** The attribute of that name as one text; absent if there is none. */
  Optional<String> text(String attribute) {
    List<String> texts = texts(attribute);
    if (texts.size() > 1) {
      throw new MalformedModelException(
          where() + ", attribute '" + attribute + "': expected one text, got " + texts.size());
    }
    return texts.stream().findFirst();
  }

  /** The texts of an attribute, also of one that is split into {@code name0}, {@code name1}, …. */
  List<String> texts(String attribute) {
    return guarded(
        where() + ", attribute '" + attribute + "'",
        () -> {
          List<String> texts = new ArrayList<>();
          Attribute whole = group.getAttribute(attribute);
          if (whole != null) {
            collect(whole.isEmpty() ? null : whole.getData(), texts);
            return texts;
          }
          for (int part = 0; group.getAttribute(attribute + part) != null; part++) {
            collect(group.getAttribute(attribute + part).getData(), texts);
          }
          return texts;
        });
  }

  /** Whether there is an attribute of that name, split or not. */
  boolean hasAttribute(String attribute) {
    return guarded(
        where(),
        () -> group.getAttribute(attribute) != null || group.getAttribute(attribute + "0") != null);
  }

  private void collect(Object data, List<String> texts) {
    if (data instanceof String text) {
      texts.add(text);
    } else if (data instanceof byte[] bytes) {
      texts.add(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    } else if (data instanceof Object[] many) {
      for (Object one : many) {
        collect(one, texts);
      }
    } else if (data != null && !isEmptyArray(data)) {
      throw new MalformedModelException(
          where() + ": expected an attribute of texts, got " + data.getClass().getSimpleName());
    }
  }

  private static boolean isEmptyArray(Object data) {
    return data.getClass().isArray() && java.lang.reflect.Array.getLength(data) == 0;
  }

  private String where() {
    return path.isEmpty() ? "HDF5 root" : "HDF5 group " + path;
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  /** Runs a read; the library throws whatever a damaged file makes it stumble over. */
  private static <T> T guarded(String where, Supplier<T> read) {
    try {
      return read.get();
    } catch (ModelException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new MalformedModelException(
          where + ": expected readable HDF5; it is damaged: " + reason(e), e);
    }
  }

  private static String reason(Throwable e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return text.lines().findFirst().orElse("unreadable");
  }
}

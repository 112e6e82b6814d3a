package io.espalier.storage;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.UnsupportedModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Expands bundles, tar or zip, of one {@code .onnx} file and whatever belongs to it. Only files are
 * made, all of them below the folder that is named; anything else in a bundle is an error.
 */
public final class Bundle {
  /** A bundle may always expand to so many bytes, */
  private static final long GENEROUS = 1L << 30;

  /** and to so many times its own size: weights of zeros only come to a thousandth. */
  private static final long MOST_EXPANSION = 200;

  private static final int MOST_ENTRIES = 10_000;
  private static final int TAR_BLOCK = 512;
  private static final int UNIX_TYPE = 0170000;
  private static final int UNIX_FILE = 0100000;
  private static final int BUFFER = 1 << 16;

  private final Path bundle;
  private final Path folder;
  private final long limit;
  private final Set<String> names = new HashSet<>();
  private long left;
  private String model;

  private Bundle(Path bundle, Path folder, long limit) {
    this.bundle = bundle;
    this.folder = folder;
    this.limit = limit;
    this.left = limit;
  }

  /**
   * The form of {@code file} by its contents, compressed or not; a zip archive counts if it has a
   * file {@code .onnx}.
   *
   * @throws MalformedModelException if the file is compressed and damaged at its start
   */
  public static Optional<BundleForm> ofContents(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Compression.ofContents(file).open(file)) {
      start = in.readNBytes(TAR_BLOCK);
    }
    if (start.length == TAR_BLOCK && TarArchiveInputStream.matches(start, start.length)) {
      return Optional.of(BundleForm.TAR);
    }
    boolean zip = start.length > 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3;
    return zip && hasModel(file) ? Optional.of(BundleForm.ZIP) : Optional.empty();
  }

  private static boolean hasModel(Path file) throws IOException {
    try (ZipFile zip = ZipFile.builder().setPath(file).get()) {
      return zip.stream().anyMatch(entry -> isModel(entry.getName()));
    } catch (IOException | RuntimeException e) {
      return false; // a damaged archive: whoever reads it says so
    }
  }

  /** Whether a file of this name is the model of a bundle. */
  static boolean isModel(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".onnx") && !isLitter(name);
  }

  /** What macOS puts beside each file. */
  private static boolean isLitter(String name) {
    return name.startsWith("__MACOSX/")
        || name.substring(name.lastIndexOf('/') + 1).startsWith("._");
  }

  /**
   * Expands a bundle.
   *
   * @param folder an empty folder
   * @return the model's file in it
   * @throws MalformedModelException if the bundle is damaged, has no model or several, or entries
   *     that are no files or lead elsewhere
   * @throws UnsupportedModelException if it expands to more than 1 GiB and 200 times its size
   */
  public static Path expand(BundleForm form, Path bundle, Path folder) throws IOException {
    long limit = Math.max(GENEROUS, Math.multiplyExact(MOST_EXPANSION, Files.size(bundle)));
    return expand(form, bundle, folder, limit);
  }

  static Path expand(BundleForm form, Path bundle, Path folder, long limit) throws IOException {
    Bundle reading = new Bundle(bundle, folder, limit);
    if (form == BundleForm.TAR) {
      reading.tar();
    } else {
      reading.zip();
    }
    if (reading.model == null) {
      throw new MalformedModelException(
          bundle + ": expected a bundle with one .onnx file; it has none");
    }
    return folder.resolve(reading.model);
  }

  private void tar() throws IOException {
    try (InputStream in = Compression.ofContents(bundle).open(bundle);
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
        boolean plain = entry.isFile() && !entry.isSymbolicLink() && !entry.isLink();
        boolean other = entry.isFIFO() || entry.isBlockDevice() || entry.isCharacterDevice();
        add(entry.getName(), entry.isDirectory(), plain && !other && !entry.isSparse(), tar);
      }
    }
  }

  private TarArchiveEntry next(TarArchiveInputStream tar) {
    try {
      return tar.getNextEntry();
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private void zip() throws IOException {
    try (ZipFile zip = open()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
        int type = entry.getUnixMode() & UNIX_TYPE;
        boolean plain = !entry.isUnixSymlink() && (type == 0 || type == UNIX_FILE);
        if (!zip.canReadEntryData(entry)) {
          throw new MalformedModelException(
              "%s: entry '%s': encrypted, or packed in a way that is not read"
                  .formatted(bundle, EntryName.shown(entry.getName())));
        }
        try (CheckedInputStream in = new CheckedInputStream(contents(zip, entry), new CRC32())) {
          add(entry.getName(), entry.isDirectory(), plain, in);
          if (!entry.isDirectory() && in.getChecksum().getValue() != entry.getCrc()) {
            throw damaged(new IOException("its checksum does not fit what it holds"));
          }
        }
      }
    }
  }

  private ZipFile open() {
    try {
      return ZipFile.builder().setPath(bundle).get();
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private InputStream contents(ZipFile zip, ZipArchiveEntry entry) {
    try {
      return zip.getInputStream(entry);
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private MalformedModelException damaged(Exception e) {
    return new MalformedModelException(bundle + ": a damaged archive: " + e.getMessage(), e);
  }

  private void add(String given, boolean directory, boolean plain, InputStream contents)
      throws IOException {
    if (names.size() >= MOST_ENTRIES) {
      throw new UnsupportedModelException(
          "%s: expected at most %d entries, it has more".formatted(bundle, MOST_ENTRIES));
    }
    if (directory) {
      names.add(given);
      return;
    }
    String name = EntryName.safe(bundle, given);
    if (!plain) {
      throw new MalformedModelException(
          "%s: entry '%s': expected a file, got a link or a device"
              .formatted(bundle, EntryName.shown(name)));
    }
    if (!names.add(name.toLowerCase(Locale.ROOT))) {
      throw new MalformedModelException(
          "%s: entry '%s': there twice".formatted(bundle, EntryName.shown(name)));
    }
    if (isModel(name)) {
      if (model != null) {
        throw new MalformedModelException(
            "%s: expected a bundle with one .onnx file, got '%s' and '%s'"
                .formatted(bundle, EntryName.shown(model), EntryName.shown(name)));
      }
      model = name;
    }
    extract(name, contents);
  }

  private void extract(String name, InputStream contents) throws IOException {
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(file.getParent());
    } catch (FileAlreadyExistsException e) {
      throw damaged(e);
    }
    byte[] piece = new byte[BUFFER];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int count = read(contents, piece); count >= 0; count = read(contents, piece)) {
        left -= count;
        if (left < 0) {
          throw new UnsupportedModelException(
              "%s: expands to more than %d MiB; expand it yourself if you trust it"
                  .formatted(bundle, limit >> 20));
        }
        out.write(piece, 0, count);
      }
    }
  }

  private int read(InputStream contents, byte[] piece) {
    try {
      return contents.read(piece);
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }
}

package io.espalier.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * Writes bundles. The same files make the same bytes: entries have a fixed time, no owner and the
 * order in which they are given.
 */
public final class BundleWriter {
  private static final int BUFFER = 1 << 16;
  private static final int FILE_MODE = 0100644;
  private static final int BEST = 9;
  private static final long TAR_HEADERS = 2 * 512;
  private static final LocalDateTime FIRST_TIME_OF_ZIP = LocalDateTime.of(1980, 1, 1, 0, 0);

  private BundleWriter() {}

  /**
   * Writes the new file {@code target}, in the form and compression that its name asks for.
   *
   * @param contents files by the names they have in the bundle
   */
  public static void write(Path target, Map<String, Path> contents) throws IOException {
    BundleForm form =
        BundleForm.ofName(target)
            .orElseThrow(() -> new IllegalArgumentException(target + ": no name of a bundle"));
    long size = 0;
    for (Path file : contents.values()) {
      size = Math.addExact(size, Files.size(file) + TAR_HEADERS);
    }
    try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(target), BUFFER);
        OutputStream packed = Compression.ofName(target).writer(raw, size, XzLevel.toWrite(size))) {
      if (form == BundleForm.TAR) {
        tar(packed, contents);
      } else {
        zip(packed, contents);
      }
    }
  }

  private static void tar(OutputStream out, Map<String, Path> contents) throws IOException {
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      for (Map.Entry<String, Path> named : contents.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(named.getKey());
        entry.setSize(Files.size(named.getValue()));
        entry.setModTime(0L);
        entry.setMode(FILE_MODE);
        entry.setIds(0, 0);
        entry.setNames("", "");
        put(tar, entry, named.getValue());
      }
    }
  }

  private static void zip(OutputStream out, Map<String, Path> contents) throws IOException {
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
      zip.setLevel(BEST);
      for (Map.Entry<String, Path> named : contents.entrySet()) {
        ZipArchiveEntry entry = new ZipArchiveEntry(named.getKey());
        entry.setSize(Files.size(named.getValue()));
        entry.setTimeLocal(FIRST_TIME_OF_ZIP);
        entry.setUnixMode(FILE_MODE);
        put(zip, entry, named.getValue());
      }
    }
  }

  private static <E extends ArchiveEntry> void put(
      ArchiveOutputStream<E> archive, E entry, Path file) throws IOException {
    archive.putArchiveEntry(entry);
    Files.copy(file, archive);
    archive.closeArchiveEntry();
  }
}

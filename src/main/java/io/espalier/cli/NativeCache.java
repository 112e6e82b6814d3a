package io.espalier.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A folder of the user's with onnxruntime's native libraries, which onnxruntime would otherwise
 * unpack anew in every process. Its name holds the jar's version and a hash of the libraries, so
 * what is in it never changes. Anything that stands in the way is taken as: no cache.
 */
final class NativeCache {
  /** Where onnxruntime looks first. */
  static final String PROPERTY = "onnxruntime.native.path";

  private static final String LIBRARIES = "ai/onnxruntime/native/";

  private NativeCache() {}

  /** Makes onnxruntime use the cache, filling it first if this is the first time. */
  static void use() {
    if (System.getProperty(PROPERTY) != null) {
      return;
    }
    Path jar = onnxruntimeJar(System.getProperty("java.class.path"));
    Path root = root(System.getenv(), System.getProperty("user.home"));
    if (root != null && System.getProperty("espalier.cache") == null) {
      System.setProperty("espalier.cache", root.toString());
    }
    if (jar != null && root != null) {
      try {
        System.setProperty(PROPERTY, folder(root, jar, platform()).toString());
      } catch (IOException | UnsupportedOperationException e) {
        // onnxruntime unpacks into a folder of its own
      }
    }
  }

  /**
   * The folder with the libraries of a jar, filled.
   *
   * @throws IOException if there is none and none can be made
   */
  static Path folder(Path root, Path jar, String platform) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> libraries = libraries(zip, platform);
      Path folder = root.resolve(name(jar, platform, libraries));
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        createPrivate(root);
        unpack(zip, libraries, root, folder);
      }
      requirePrivate(root);
      for (ZipEntry library : libraries) {
        Path file = folder.resolve(fileName(library));
        if (Files.size(file) != library.getSize()) {
          throw new FileSystemException(file.toString(), null, "is not what was unpacked");
        }
      }
      return folder;
    }
  }

  private static Path onnxruntimeJar(String classPath) {
    for (String entry : classPath.split(File.pathSeparator)) {
      String name = entry.substring(entry.lastIndexOf(File.separatorChar) + 1);
      if (name.startsWith("onnxruntime") && name.endsWith(".jar")) {
        return Path.of(entry);
      }
    }
    return null;
  }

  /** The user's folder for caches, by the conventions of the system, or null. */
  static Path root(Map<String, String> environment, String home) {
    for (String variable : List.of("XDG_CACHE_HOME", "LOCALAPPDATA")) {
      String cache = environment.get(variable);
      if (cache != null && Path.of(cache).isAbsolute()) {
        return Path.of(cache, "espalier");
      }
    }
    boolean usable = home != null && Path.of(home).isAbsolute();
    return usable ? Path.of(home, ".cache", "espalier") : null;
  }

  /** As onnxruntime's jar names the folder: {@code linux-x64}. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    String system = os.contains("win") ? "win" : os.contains("mac") ? "osx" : "linux";
    boolean x64 = arch.equals("amd64") || arch.equals("x86_64");
    return system + "-" + (x64 ? "x64" : arch);
  }

  private static List<? extends ZipEntry> libraries(ZipFile zip, String platform)
      throws IOException {
    String folder = LIBRARIES + platform + "/";
    List<ZipEntry> libraries = new ArrayList<>();
    for (ZipEntry entry : Collections.list(zip.entries())) {
      boolean within = entry.getName().startsWith(folder) && !entry.isDirectory();
      if (within && entry.getName().indexOf('/', folder.length()) < 0) {
        libraries.add(entry);
      }
    }
    if (libraries.isEmpty()) {
      throw new IOException(zip.getName() + ": no libraries for " + platform);
    }
    return libraries;
  }

  private static String fileName(ZipEntry library) {
    return library.getName().substring(library.getName().lastIndexOf('/') + 1);
  }

  /** {@code onnxruntime-1.29.0-linux-x64-HASH}. */
  private static String name(Path jar, String platform, List<? extends ZipEntry> libraries) {
    CRC32 hash = new CRC32();
    for (ZipEntry library : libraries) {
      String key = library.getName() + library.getSize() + ":" + library.getCrc() + ";";
      key.chars().forEach(hash::update);
    }
    String version = jar.getFileName().toString().replaceFirst("\\.jar$", "");
    return version + "-" + platform + "-" + Long.toHexString(hash.getValue());
  }

  private static void unpack(
      ZipFile zip, List<? extends ZipEntry> libraries, Path root, Path folder) throws IOException {
    Path unpacking = Files.createTempDirectory(root, "unpacking-");
    try {
      for (ZipEntry library : libraries) {
        try (InputStream in = zip.getInputStream(library)) {
          Files.copy(in, unpacking.resolve(fileName(library)));
        }
      }
      Files.move(unpacking, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      delete(unpacking);
      if (!Files.isDirectory(folder)) {
        throw e;
      }
      // another process was faster
    }
  }

  private static void createPrivate(Path root) throws IOException {
    Files.createDirectories(root.getParent());
    if (!Files.isDirectory(root)) {
      boolean posix =
          Files.getFileAttributeView(root.getParent(), PosixFileAttributeView.class) != null;
      try {
        if (posix) {
          Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rwx------");
          Files.createDirectory(root, PosixFilePermissions.asFileAttribute(owner));
        } else {
          Files.createDirectory(root);
        }
      } catch (FileSystemException e) {
        if (!Files.isDirectory(root)) {
          throw e;
        }
      }
    }
  }

  /** Libraries out of a folder that others can write to could be anyone's. */
  private static void requirePrivate(Path root) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(root, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return;
    }
    PosixFileAttributes attributes = view.readAttributes();
    Set<PosixFilePermission> permissions = attributes.permissions();
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)
        || !attributes.owner().getName().equals(System.getProperty("user.name"))) {
      throw new FileSystemException(root.toString(), null, "others can write to it");
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}

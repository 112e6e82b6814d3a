package io.espalier.runtime;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import javax.management.JMException;
import javax.management.ObjectName;

/** The memory that the process holds at a moment, and how far it grows from there. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");
  private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";

  private final OptionalLong before;

  private ResidentMemory(OptionalLong before) {
    this.before = before;
  }

  /**
   * Begins to watch. Memory that was freed and kept goes back to the system first: what is taken
   * out of it would not be seen. Where the virtual machine or the system cannot do that, nothing is
   * measured.
   */
  static ResidentMemory now() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(new ObjectName(COMMANDS), "systemTrimNativeHeap", new Object[0], new String[0]);
      Files.writeString(RESET, "5"); // the peak is forgotten
      return new ResidentMemory(status("VmRSS:"));
    } catch (IOException | JMException | RuntimeException e) {
      return new ResidentMemory(OptionalLong.empty());
    }
  }

  /** Bytes by which the most that was held since then is above what was held then. */
  OptionalLong grown() throws IOException {
    if (before.isEmpty()) {
      return before;
    }
    OptionalLong peak = status("VmHWM:");
    return peak.isEmpty()
        ? peak
        : OptionalLong.of(Math.max(0, peak.getAsLong() - before.getAsLong()));
  }

  private static OptionalLong status(String field) throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(field)) {
        return OptionalLong.of(Long.parseLong(line.replaceAll("[^0-9]", "")) << 10);
      }
    }
    return OptionalLong.empty();
  }
}

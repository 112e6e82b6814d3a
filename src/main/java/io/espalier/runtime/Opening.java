package io.espalier.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What opening a session takes.
 *
 * @param millis of the fastest of several times
 * @param peakBytes the most memory that the process held more than before, the first time; empty
 *     where the system does not tell
 */
public record Opening(double millis, OptionalLong peakBytes) {
  private static final int TIMES = 3;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");

  /** Opens sessions. */
  public interface Opener {
    Session open() throws IOException;
  }

  /** Opens sessions, one after the other in turn, and closes them. */
  public static List<Opening> measure(List<Opener> openers) throws IOException {
    double[] fastest = new double[openers.size()];
    OptionalLong[] peaks = new OptionalLong[openers.size()];
    for (int time = 0; time < TIMES; time++) {
      for (int i = 0; i < fastest.length; i++) {
        OptionalLong before = time == 0 ? resetPeak() : OptionalLong.empty();
        long start = System.nanoTime();
        openers.get(i).open().close();
        double millis = (System.nanoTime() - start) / 1e6;
        fastest[i] = time == 0 ? millis : Math.min(fastest[i], millis);
        if (time == 0) {
          peaks[i] = grown(before);
        }
      }
    }
    List<Opening> openings = new ArrayList<>();
    for (int i = 0; i < fastest.length; i++) {
      openings.add(new Opening(fastest[i], peaks[i]));
    }
    return openings;
  }

  /** Lets Linux forget the peak; what the process holds now, if it did. */
  private static OptionalLong resetPeak() {
    try {
      Files.writeString(RESET, "5");
      return status("VmRSS:");
    } catch (IOException | UnsupportedOperationException e) {
      return OptionalLong.empty(); // not on Linux, or not allowed
    }
  }

  private static OptionalLong grown(OptionalLong before) throws IOException {
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

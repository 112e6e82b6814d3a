package io.espalier.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What opening a session takes.
 *
 * @param millis of the fastest of several times
 * @param peakBytes the most memory that the process held more than before, the second time; empty
 *     where that was not asked for, or the system does not tell
 */
public record Opening(double millis, OptionalLong peakBytes) {
  private static final int TIMES = 3;

  /** Opens sessions. */
  public interface Opener {
    Session open() throws IOException;
  }

  /**
   * Opens sessions, one after the other in turn, and closes them.
   *
   * @param memory whether to measure that, too
   */
  public static List<Opening> measure(List<Opener> openers, boolean memory) throws IOException {
    double[] fastest = new double[openers.size()];
    OptionalLong[] peaks = new OptionalLong[openers.size()];
    for (int time = 0; time < TIMES; time++) {
      for (int i = 0; i < fastest.length; i++) {
        ResidentMemory resident = memory && time == 1 ? ResidentMemory.now() : null;
        long start = System.nanoTime();
        openers.get(i).open().close();
        double millis = (System.nanoTime() - start) / 1e6;
        fastest[i] = time == 0 ? millis : Math.min(fastest[i], millis);
        if (time == 1) {
          peaks[i] = resident == null ? OptionalLong.empty() : resident.grown();
        }
      }
    }
    List<Opening> openings = new ArrayList<>();
    for (int i = 0; i < fastest.length; i++) {
      openings.add(new Opening(fastest[i], peaks[i]));
    }
    return openings;
  }
}

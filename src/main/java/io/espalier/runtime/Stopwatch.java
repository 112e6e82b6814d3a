package io.espalier.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Times sessions against each other: they run in turn, so that drift of the machine hits all. */
public final class Stopwatch {
  private static final int FEWEST = 3;
  private static final int MOST = 2000;

  private Stopwatch() {}

  /**
   * Times the sessions on the same inputs, which are converted once, before the clock starts.
   *
   * <p>An eighth of the budget warms up, with at least one run each. Then rounds of one run each
   * follow until the budget is used, but at least three, unless these take eight times the budget;
   * the order within a round alternates.
   *
   * @param budget for all sessions together
   * @return a timing for each session
   * @throws io.espalier.graph.ModelException if a run fails
   */
  public static List<Timing> time(
      List<Session> sessions, Map<String, Datum> inputs, Duration budget) {
    long start = System.nanoTime();
    long[][] nanos = new long[sessions.size()][MOST];
    int rounds = 0;
    try (Feeds feeds = Feeds.of(sessions.get(0), inputs)) {
      long warmedUp = start + budget.toNanos() / 8;
      do {
        round(sessions, feeds, new long[sessions.size()][1], 0);
      } while (System.nanoTime() < warmedUp);
      long end = start + budget.toNanos();
      long latest = start + 8 * budget.toNanos();
      long now;
      do {
        round(sessions, feeds, nanos, rounds++);
        now = System.nanoTime();
      } while (rounds < MOST && (now < end || (rounds < FEWEST && now < latest)));
    }
    List<Timing> timings = new ArrayList<>();
    for (long[] times : nanos) {
      timings.add(Timing.of(times, rounds));
    }
    return timings;
  }

  private static void round(List<Session> sessions, Feeds feeds, long[][] nanos, int round) {
    for (int i = 0; i < sessions.size(); i++) {
      int turn = round % 2 == 0 ? i : sessions.size() - 1 - i;
      long before = System.nanoTime();
      sessions.get(turn).runBlind(feeds.tensors());
      nanos[turn][round] = System.nanoTime() - before;
    }
  }
}

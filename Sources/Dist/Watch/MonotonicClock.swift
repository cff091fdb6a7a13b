import Glibc

/// Time that never runs backwards.
public enum MonotonicClock {
  /// Seconds since some fixed moment, the same for all processes of one machine. The corresponding C
  /// function is `clock_gettime` with `CLOCK_MONOTONIC`.
  public static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

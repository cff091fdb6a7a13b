import Glibc

/// How much is tried: the short tier for every change, the long one (`DTRAIN_TEST_TIER=long`) before a
/// release. Both run every case; the long one at more numbers of ranks and on more nodes.
public enum TestTier {
  /// Whether the long tier was asked for.
  public static var isLong: Bool {
    getenv("DTRAIN_TEST_TIER").map { String(cString: $0) } == "long"
  }
}

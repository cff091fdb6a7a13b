/// What this rank is doing, in words that complete "while …", for error messages.
public enum Activity {
  /// The current activity; empty when there is nothing to say. Main thread only.
  public private(set) nonisolated(unsafe) static var current = ""

  /// Runs `body` as the named activity. The name stays in place when `body` throws, so that the
  /// message of an escaping error can say what was being done.
  ///
  /// - Parameter isPaced: whether all ranks keep step in it, so that the watchdog takes silence for a
  ///   stall as early as the user said; elsewhere, where ranks may wait for one that reads or writes a
  ///   large file, it is more patient.
  public static func perform<R, E: Error>(
    _ name: @autoclosure () -> String, isPaced: Bool = false, _ body: () throws(E) -> R
  ) throws(E) -> R {
    let outer = (current, Progress.slot.isPaced)
    show(name(), isPaced)
    let result = try body()
    show(outer.0, outer.1)
    return result
  }

  private static func show(_ name: String, _ isPaced: Bool) {
    current = name
    Progress.slot.phase = name
    Progress.slot.isPaced = isPaced
    Progress.beat()
  }
}

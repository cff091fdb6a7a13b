/// What this rank is doing, in words that complete "while …", for error messages.
public enum Activity {
  /// The current activity; empty when there is nothing to say. Main thread only.
  public private(set) nonisolated(unsafe) static var current = ""

  /// The beginning of a message, `while doing this: `; empty when there is nothing to say.
  package static var context: String { current.isEmpty ? "" : "while \(current): " }

  /// Runs `body` as the named activity. The name stays in place when `body` throws, so that the
  /// message of an escaping error can say what was being done.
  public static func perform<R, E: Error>(
    _ name: @autoclosure () -> String, _ body: () throws(E) -> R
  ) throws(E) -> R {
    let outer = current
    show(name())
    let result = try body()
    show(outer)
    return result
  }

  private static func show(_ name: String) {
    current = name
    Progress.slot.phase = name
    Progress.beat()
  }
}

/// What this rank is doing, in words that complete "while …", for error messages.
public enum Activity {
  /// The current activity; empty when there is nothing to say. Main thread only.
  public private(set) nonisolated(unsafe) static var current = ""

  /// A message with what was being done before it, `while doing this: `; without, where there is nothing to say or the
  /// message begins with what the activity names (`reading x.npy`, `x.npy: row 3 …`).
  package static func message(_ words: String) -> String {
    current.isEmpty || names(whatBegins: words) ? words : "while \(current): \(words)"
  }

  /// Whether the activity ends with what a message begins with.
  private static func names(whatBegins words: String) -> Bool {
    current.indices.contains { space in
      guard current[space] == " " else { return false }
      let thing = current[current.index(after: space)...]
      guard !thing.isEmpty, words.hasPrefix(thing) else { return false }
      return words.dropFirst(thing.count).first.map { ":, ".contains($0) } ?? true
    }
  }

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

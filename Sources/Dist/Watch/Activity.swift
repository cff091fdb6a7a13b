/// What this rank is doing, in words that complete "while …", for error messages.
public enum Activity {
  /// The current activity; empty when there is nothing to say. Main thread only.
  public private(set) nonisolated(unsafe) static var current = ""

  /// How much of the current activity is done.
  public struct Headway: Equatable, Sendable {
    /// Things that are done, of how many; of 0 where nobody knows.
    public let done: Int, total: Int
    /// What one of these is called, such as `row`; empty where their number means nothing to people.
    public let noun: String
  }

  /// Who wants to see that an activity begins and gets on; nil where nobody does. Main thread only; called often, so it
  /// must be quick.
  public nonisolated(unsafe) static var watcher: ((_ headway: () -> Headway) -> Void)?

  /// Tells the watcher how much of the current activity is done, and the watchdogs that it goes on: to be called in loops
  /// that run for long, every few microseconds at most.
  @inline(__always)
  package static func advance(_ done: Int, of total: Int, _ noun: StaticString = "") {
    Progress.beat()
    if let watcher { watcher { Headway(done: done, total: total, noun: "\(noun)") } }
  }

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
    advance(0, of: 0)
  }
}

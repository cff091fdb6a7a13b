import DTrainCore

/// How far the run of a point came, by its directory.
struct PointOutcome {
  /// What the directory says; nil where there is none.
  let listed: ListedRun?
  /// A line for each epoch or iteration.
  private let metrics: [JSON]

  /// Reads the directory of a point.
  ///
  /// - Complexity: O(bytes) of its records.
  init(_ path: String, name: String) {
    listed =
      FileSystem.exists("\(path)/config.json") ? ListedRun(path, called: name) : nil
    let bytes = (try? FileContents.read("\(path)/metrics.jsonl")) ?? []
    // What follows the last line feed was not finished.
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[..<$0] } ?? []
    metrics = whole.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSON(parsing: Array($0))
    }
  }

  /// Epochs or iterations that are recorded.
  var length: Int { metrics.count }

  /// Whether nothing is left to do up to a length; nil for the end.
  func isDone(to length: Int?) -> Bool {
    switch listed?.state {
    case .finished, .diverged: true
    case .paused: length.map { self.length >= $0 } ?? false
    // What was stopped or killed at the end of a round is yet to be recorded as paused there.
    default: length.map { self.length > $0 } ?? false
    }
  }

  /// Whether nothing is left to do in a directory up to a length, as far as its files say so: without a look at the lock,
  /// which would be in the way of who takes it just then.
  static func isRecorded(_ path: String, to length: Int?) -> Bool {
    func bytes(_ name: String) -> [UInt8] { (try? FileContents.read("\(path)/\(name)")) ?? [] }
    if FileSystem.exists("\(path)/summary.json") { return true }
    switch (try? JSON(parsing: bytes("stopped.json")))?["reason"]?.text {
    case "diverged": return true
    case "paused":
      return length.map { bytes("metrics.jsonl").count { $0 == UInt8(ascii: "\n") } >= $0 } ?? false
    default: return false
    }
  }

  /// The score by which the point is compared with others at a length; nil where it did not come so far.
  func score(at length: Int?) -> ListedRun.Score? {
    let isFinished = listed?.state == .finished
    guard let length, !isFinished || self.length > length else {
      return isFinished ? listed?.choosingScore : nil
    }
    guard self.length >= length else { return nil }
    // Not every epoch is evaluated.
    return metrics[..<length].reversed().lazy.compactMap(ListedRun.Score.init(choosing:)).first
  }
}

extension PointOutcome {
  /// The places of outcomes from the best to the worst: finished ones first, then those that came further; of equals the
  /// first.
  static func ranking(_ outcomes: [PointOutcome]) -> [Int] {
    func key(_ outcome: PointOutcome) -> (group: Int, length: Int) {
      switch outcome.listed?.state {
      case .finished?: (0, 0)
      case .diverged?, .damaged?, nil: (2, 0)
      default: (1, -outcome.length)
      }
    }
    let scores = outcomes.map { $0.listed?.choosingScore }
    return outcomes.indices.sorted { a, b in
      let (x, y) = (key(outcomes[a]), key(outcomes[b]))
      guard x == y else { return x < y }
      return precedes(scores[a], scores[b]) ?? (a < b)
    }
  }

  /// The best of some points at a length, in their order; points without a score are not among them.
  static func best(_ count: Int, of scores: [(point: Int, score: ListedRun.Score?)]) -> [Int] {
    let sorted = scores.filter { $0.score != nil }.sorted { a, b in
      precedes(a.score, b.score) ?? (a.point < b.point)
    }
    return sorted.prefix(count).map(\.point).sorted()
  }

  /// Whether one score comes before another; nil where they are equal.
  private static func precedes(_ a: ListedRun.Score?, _ b: ListedRun.Score?) -> Bool? {
    guard let a, let b else { return a == nil && b == nil ? nil : b == nil }
    return a.isBetter(than: b) ? true : b.isBetter(than: a) ? false : nil
  }
}

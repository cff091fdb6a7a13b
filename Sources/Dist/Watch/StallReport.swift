import Glibc

/// Which ranks of a node wait where, and which are missing.
struct StallReport {
  /// What was seen of one rank.
  struct Entry: Equatable {
    var rank = 0
    var process: Int32 = 0
    var phase = ""
    var step = 0
    /// Calls that wait for others, and the function of the last; nil while the rank computes.
    var calls: UInt64 = 0
    var function: String?
    /// The letter of the process's state in /proc: T stopped, D waiting for a device, Z dead; nil for gone.
    var state: Character? = "R"
  }

  let host: String
  let entries: [Entry]

  /// One line for each group of ranks in the same place, those that wait last.
  var lines: [String] {
    let ordered = entries.filter { !Self.isWaiting($0) } + entries.filter(Self.isWaiting)
    return ordered.grouped(by: Self.describe).map { words, entries in
      "\(Self.name(entries.map(\.rank))) \(words)"
    }
  }

  /// What to look at next.
  func remedy(_ advice: StallAdvice) -> String {
    if entries.contains(where: { $0.state == "T" || $0.state == "t" }) {
      return "a stopped process goes on after 'kill -CONT'"
    }
    if entries.contains(where: { $0.state == "D" }) {
      return "a process waits for a device: look at its disk or file server"
    }
    if entries.allSatisfy(Self.isWaiting) {
      return "all ranks here wait: if no other node names a missing one, look at the network "
        + "between the nodes" + (advice.networkCheck.map { " ('\($0)')" } ?? "")
    }
    return "if that is work that takes so long, \(advice.longWork)"
  }

  private static func isWaiting(_ entry: Entry) -> Bool {
    entry.function != nil && entry.state.map { "RS".contains($0) } == true
  }

  private static func describe(_ entry: Entry) -> String {
    let step = entry.step > 0 ? ", step \(entry.step)" : ""
    let phase = entry.phase.isEmpty ? "" : ", while \(entry.phase)"
    let place =
      entry.function.map { "in \($0), call \(entry.calls)" } ?? "after call \(entry.calls)"
    switch entry.state {
    case nil, "Z", "X":
      return "is gone (process \(entry.process)): last seen \(place)\(step)\(phase)"
    case "T", "t": return "is stopped (process \(entry.process)) \(place)\(step)\(phase)"
    case "D": return "waits for a device (process \(entry.process)) \(place)\(step)\(phase)"
    default: break
    }
    return entry.function == nil
      ? "is missing: it works \(place)\(step)\(phase)" : "waits \(place)\(step)\(phase)"
  }

  /// `rank 3`, or `ranks 0-2,5`, with "each" so that the verb fits.
  static func name(_ ranks: [Int]) -> String {
    guard ranks.count > 1 else { return "rank \(ranks.first ?? 0)" }
    var runs: [ClosedRange<Int>] = []
    for rank in ranks {
      if let run = runs.last, run.upperBound + 1 == rank {
        runs[runs.count - 1] = run.lowerBound...rank
      } else {
        runs.append(rank...rank)
      }
    }
    let parts = runs.map { run in
      run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)"
    }
    return "each of ranks \(parts.joined(separator: ","))"
  }
}

extension StallReport {
  /// Reads the slots of a node's ranks, and how their processes are.
  init(host: String, slots: [ProgressSlot]) {
    self.init(
      host: host,
      entries: slots.map { slot in
        let process = slot.process
        return Entry(
          rank: slot.rank, process: process, phase: slot.phase, step: slot.step, calls: slot.calls,
          function: slot.isWaiting ? slot.function : nil, state: Self.state(of: process))
      })
  }

  /// The state of a process, as /proc tells it.
  private static func state(of process: Int32) -> Character? {
    let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = max(0, read(file, &bytes, bytes.count))
    // The name of the program, in parentheses, may hold anything; the state follows the last of them.
    guard let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")), end + 2 < count else {
      return nil
    }
    return Character(Unicode.Scalar(bytes[end + 2]))
  }
}

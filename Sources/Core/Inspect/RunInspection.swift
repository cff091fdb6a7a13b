import Glibc

/// Describes a run directory.
enum RunInspection {
  /// A summary or configuration larger than this is none.
  private static let limit = 64 << 20

  /// Its state, what it was asked to do, and how far it came.
  static func describe(_ path: String) throws -> JSON {
    let summary = try object("\(path)/summary.json")
    var members: [JSON.Member] = [.init("kind", "run")]
    let stop = try object("\(path)/stopped.json")
    members.append(.init("state", .string(RunState(of: path, summary: summary, stop: stop).words)))
    if let stop { members.append(.init("stop", stop)) }
    members.append(.init("model", .bool(FileSystem.exists("\(path)/model.safetensors"))))
    let checkpoints = try CheckpointInspection.list(run: path)
    if !checkpoints.isEmpty { members.append(.init("checkpoints", .array(checkpoints))) }
    if let metrics = try metrics("\(path)/metrics.jsonl") {
      members.append(.init("metrics_lines", .integer(metrics.count)))
      if let last = metrics.last { members.append(.init("last_metrics", last)) }
    }
    if let summary { members.append(.init("summary", summary)) }
    if let configuration = try object("\(path)/config.json") {
      try require(
        configuration["command"]?.text != nil, .badData,
        "\("\(path)/config.json".printable) is not the config.json of a run of dtrain (it names no command): restore it"
      )
      members.append(.init("configuration", configuration))
    }
    return .object(members)
  }

  /// What a JSON file of a run says; nil where there is none.
  static func object(_ path: String) throws -> JSON? {
    guard FileSystem.exists(path) else { return nil }
    return try parse(try FileContents.read(path, limit: limit), path)
  }

  private static func parse(_ bytes: [UInt8], _ name: String) throws -> JSON {
    do throws(JSON.ParseError) {
      return try JSON(parsing: bytes)
    } catch {
      throw TrainerError(
        .badData, "\(name.printable): \(error); the file is damaged: write the run again")
    }
  }

  /// The number of whole lines, and the last of them.
  static func metrics(_ path: String) throws -> (count: Int, last: JSON?)? {
    guard FileSystem.exists(path) else { return nil }
    let bytes = try FileContents.read(path)
    // What follows the last line feed was not finished.
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let whole = bytes.last == UInt8(ascii: "\n") ? lines[...] : lines.dropLast()
    let last = try whole.last.map { try parse(Array($0), "\(path), line \(whole.count)") }
    return (whole.count, last)
  }
}

/// How far a run is, by what its directory holds.
public enum RunState: String, Sendable, CaseIterable {
  /// It did what was asked; some process writes it; it was asked to stop; a sweep stopped it early; its loss ran away; it
  /// died or was killed; a file of it is damaged; this user may not read it.
  case finished, running, stopped, paused, diverged, unfinished, damaged, unreadable

  /// A summary comes last, and who writes holds a lock.
  init(of path: String, summary: JSON?, stop: JSON?) {
    self =
      if summary != nil {
        .finished
      } else if RunLock.isHeld(in: path) {
        .running
      } else if let stop {
        switch stop["reason"]?.text {
        case "diverged": .diverged
        case "paused": .paused
        default: .stopped
        }
      } else {
        .unfinished
      }
  }

  /// The same in words.
  var words: String {
    switch self {
    case .running: "being written"
    case .stopped: "stopped on request"
    case .paused: "stopped early by a sweep"
    default: rawValue
    }
  }
}

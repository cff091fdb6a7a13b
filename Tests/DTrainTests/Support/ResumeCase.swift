import Foundation
import Launching
import XCTest

/// A run to be interrupted and continued, and what it must come to.
struct ResumeCase {
  let name: String
  /// `mlp`, `kmeans` or `kmedians`.
  let command: String
  /// The options behind the command, but for those of the run directory.
  let arguments: [String]

  /// The names of files that every end of the run must agree on to the byte.
  var results: [String] {
    command == "mlp"
      ? ["model.safetensors", "config.json", "evaluation.json"]
      : ["centers.npy", "labels.npy", "config.json"]
  }

  /// What tells one process from another in a line of metrics: times, and distances that bounds of its own
  /// made unnecessary.
  private static let incidental: Set<String> = [
    "seconds", "seconds_total", "samples_per_second", "distances_skipped",
  ]

  /// The lines of a run's metrics, without what is incidental; each must be whole.
  static func metrics(_ folder: RunFolder, _ run: String) throws -> [String] {
    let text = String(decoding: try folder.bytes("\(run)/metrics.jsonl"), as: UTF8.self)
    XCTAssertTrue(text.hasSuffix("\n"), "\(run): the last line is torn")
    return try text.split(separator: "\n").map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let fields = try XCTUnwrap(value as? [String: Any], String(line))
      return fields.filter { !incidental.contains($0.key) }.map { "\($0.key): \($0.value)" }
        .sorted()
        .joined(separator: ", ")
    }
  }

  /// Rows for all cases: `x.npy`, `y.npy`, `wild.npy`, `target.npy`.
  static func writeRows(_ folder: RunFolder) throws {
    try RunData.writeClasses(folder, rows: 1001)
    try RunData.writeRegression(folder, rows: 1001)
  }

  /// A training run on the rows of `writeRows`, in 21 steps an epoch.
  static func mlp(_ name: String, _ folder: RunFolder, _ options: [String]) -> ResumeCase {
    ResumeCase(
      name: name, command: "mlp",
      arguments: [
        "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--batch", "50",
        "--shards", "8", "--epochs", "4", "--hidden", "16",
      ] + options)
  }

  /// A clustering run on the rows of `writeRows`.
  static func cluster(
    _ name: String, _ command: String, _ folder: RunFolder, _ options: [String]
  ) -> ResumeCase {
    ResumeCase(
      name: name, command: command,
      arguments: [
        "--data", folder.file("x.npy"), "--clusters", "12", "--tolerance", "0", "--save-labels",
      ] + options)
  }
}

extension XCTestCase {
  /// Runs a case from its beginning, expecting success.
  @discardableResult
  func begin(
    _ test: ResumeCase, ranks: Int, in folder: RunFolder, out: String,
    checkpoints: [String] = [], line: UInt = #line
  ) throws -> JobOutcome {
    let outcome = try run(
      MPIJob(
        ranks, "dtrain",
        [test.command] + test.arguments + ["--out", folder.file(out), "--overwrite", "--quiet"]
          + checkpoints), "\(test.name), from the beginning", line: line)
    XCTAssertEqual(outcome.exitCode, 0, "\(test.name): \(outcome.errors)", line: line)
    return outcome
  }

  /// A job that continues the run in `out`.
  func resumption(
    _ test: ResumeCase, ranks: Int, in folder: RunFolder, out: String, _ options: [String] = []
  ) -> MPIJob {
    MPIJob(
      ranks, "dtrain", [test.command, "--resume", folder.file(out), "--quiet"] + options)
  }

  /// Continues the run in `out`, expecting success and the bytes of the run in `reference`.
  @discardableResult
  func resume(
    _ test: ResumeCase, ranks: Int, in folder: RunFolder, out: String, like reference: String,
    environment: [String: String] = [:], _ options: [String] = [], line: UInt = #line
  ) throws -> JobOutcome {
    var job = resumption(test, ranks: ranks, in: folder, out: out, options)
    job.environment = environment
    let outcome = try run(job, "\(test.name), continued", line: line)
    XCTAssertEqual(outcome.exitCode, 0, "\(test.name): \(outcome.errors)", line: line)
    try expectSame(test, in: folder, out, reference, line: line)
    return outcome
  }

  /// Checks that two runs of a case came to the same.
  func expectSame(
    _ test: ResumeCase, in folder: RunFolder, _ out: String, _ reference: String,
    line: UInt = #line
  ) throws {
    for file in test.results {
      let isSame = try folder.bytes("\(out)/\(file)") == folder.bytes("\(reference)/\(file)")
      XCTAssertTrue(isSame, "\(test.name): \(file) differs", line: line)
    }
    XCTAssertEqual(
      try ResumeCase.metrics(folder, out), try ResumeCase.metrics(folder, reference),
      "\(test.name): metrics differ", line: line)
    XCTAssertFalse(folder.has("\(out)/stopped.json"), test.name, line: line)
  }

  /// The names of a run's checkpoints, oldest first.
  func checkpoints(_ folder: RunFolder, _ run: String) throws -> [String] {
    guard folder.has("\(run)/checkpoints") else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.file("\(run)/checkpoints"))
      .filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Makes `out` what a kill behind checkpoint `index` of the finished run `whole` would have left: the
  /// checkpoints up to it, metrics of later epochs, the last line torn.
  func cut(_ whole: String, behind index: Int, to out: String, in folder: RunFolder) throws {
    let manager = FileManager.default
    if folder.has(out) { try manager.removeItem(atPath: folder.file(out)) }
    try manager.copyItem(atPath: folder.file(whole), toPath: folder.file(out))
    for name in ["summary.json", "model.safetensors", "centers.npy", "labels.npy"]
    where folder.has("\(out)/\(name)") {
      try manager.removeItem(atPath: folder.file("\(out)/\(name)"))
    }
    for name in try checkpoints(folder, out).dropFirst(index + 1) {
      try manager.removeItem(atPath: folder.file("\(out)/checkpoints/\(name)"))
    }
    try folder.write(
      try folder.bytes("\(out)/metrics.jsonl") + Array("{\"epoch\":9".utf8), "\(out)/metrics.jsonl")
  }
}

import Launching
import XCTest

/// Rows to cluster that forgive nothing.
enum ClusterRows {
  /// Columns whose scales span 1e6, every third at 1e5, every fifth row repeated.
  static func wild(rows: Int, columns: Int) -> [UInt8] {
    var numbers = SeededNumbers(seed: 77)
    var values: [Float] = []
    for row in 0..<rows {
      for column in 0..<columns {
        var scale: Float = 1e-3
        for _ in 0..<column % 7 { scale *= 10 }
        let value = numbers.float() * scale + (column % 3 == 0 ? 1e5 : 0)
        values.append(row % 5 == 4 ? values[(row / 2) * columns + column] : value)
      }
    }
    return RunFile.floats([rows, columns], values)
  }

  /// Whole numbers from 0 to 2: exact ties, repeated rows.
  static func grid(rows: Int, columns: Int) -> [UInt8] {
    var numbers = SeededNumbers(seed: 78)
    return RunFile.floats(
      [rows, columns], (0..<rows * columns).map { _ in Float(numbers.bits() >> 40 % 3) })
  }
}

extension XCTestCase {
  /// Clusters with `dtrain COMMAND` and `--out out` in the folder, expecting success.
  @discardableResult
  func cluster(
    _ ranks: Int, _ arguments: [String], in folder: RunFolder, by command: String = "kmeans",
    out: String = "run", environment: [String: String] = [:], name: String,
    file: StaticString = #filePath,
    line: UInt = #line
  ) throws -> JobOutcome {
    var job = MPIJob(
      ranks, "dtrain",
      [command] + arguments
        + ["--out", folder.file(out), "--overwrite", "--progress", "none", "--save-labels"])
    job.environment = environment
    let outcome = try run(job, name, file: file, line: line)
    guard outcome.exitCode == 0 else {
      throw LaunchError(description: "N=\(ranks) \(name): \(outcome.output)\n\(outcome.errors)")
    }
    return outcome
  }

  /// Runs `dtrain COMMAND` where it must fail, and checks the end that every fault must have.
  @discardableResult
  func checkRefused(
    _ name: String, code: Int32, words: [String], _ arguments: [String], ranks: Int = 3,
    by command: String = "kmeans", in folder: RunFolder, file: StaticString = #filePath,
    line: UInt = #line
  ) throws -> String {
    var job = MPIJob(ranks, "dtrain", [command] + arguments + ["--out", folder.file("run")])
    job.timeout = 40
    let outcome = try run(job, "\(command) \(name)", file: file, line: line)
    let label = "\(name): '\(outcome.errors)'"
    XCTAssertEqual(outcome.exitCode, code, label, file: file, line: line)
    let messages = outcome.messages(of: "dtrain").filter { !$0.contains("warning:") }
    XCTAssertEqual(messages.count, 1, label, file: file, line: line)
    for word in words {
      XCTAssertTrue(
        (messages.first ?? "").contains(word), "\(word) is not in \(label)", file: file, line: line)
    }
    XCTAssertFalse(outcome.errors.contains("Fatal error"), label, file: file, line: line)
    for file in ["summary.json", "centers.npy", "labels.npy"] {
      XCTAssertFalse(folder.has("run/\(file)"), "\(name): \(file) was written", line: line)
    }
    return messages.first ?? ""
  }
}

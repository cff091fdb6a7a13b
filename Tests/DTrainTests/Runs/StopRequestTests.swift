import Foundation
import Glibc
import Launching
import XCTest

/// A run that is asked to stop saves where it stands, says how to go on, and loses nothing.
final class StopRequestTests: XCTestCase {
  /// Who gets which signal, and the exit code that the launcher then gives.
  private struct Request {
    let name: String
    let signal: Int32
    /// nil for mpirun.
    let rank: Int?
    let code: Int32
  }

  private static let requests = [
    Request(name: "SIGUSR1 to a rank", signal: SIGUSR1, rank: 2, code: 75),
    Request(name: "SIGUSR1 to mpirun", signal: SIGUSR1, rank: nil, code: 75),
    Request(name: "SIGTERM to a rank", signal: SIGTERM, rank: 1, code: 75),
    // mpirun gives 1, whatever the ranks say, and kills them a second later.
    Request(name: "SIGTERM to mpirun", signal: SIGTERM, rank: nil, code: 1),
    Request(name: "SIGINT to mpirun", signal: SIGINT, rank: nil, code: 1),
  ]

  func testTrainingRuns() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    // Long enough to be caught in the middle: 42,000 steps.
    let test = ResumeCase.mlp("stop", folder, ["--epochs", "2000", "--evaluate-every", "500"])
    try begin(test, ranks: 1, in: folder, out: "whole")
    for request in Self.requests where request.code == 75 {
      try check(request, test, in: folder, unit: "step")
    }
  }

  /// mpirun waits a second before it passes the signal on, in which the run goes on.
  func testTrainingRunsUnderAnEndingLauncher() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("stop", folder, ["--epochs", "20000", "--evaluate-every", "5000"])
    try begin(test, ranks: 1, in: folder, out: "whole")
    let requests = Self.requests.filter { $0.code == 1 }
    for request in TestTier.isLong ? requests[...] : requests[..<1] {
      try check(request, test, in: folder, unit: "step")
    }
  }

  /// An iteration that lasts longer than mpirun leaves: no checkpoint, but whoever restarts the run knows why it ended.
  func testAStopInALongIterationIsNoted() throws {
    let folder = try RunFolder()
    var job = MPIJob(
      2, "dtrain",
      [
        "kmeans", "--data", "\(Program.root)/Datasets/mnist/train-images-idx3-ubyte.gz",
        "--clusters",
        "20000", "--init", "random", "--checkpoint-every", "never", "--quiet", "--out",
        folder.file("run"),
      ])
    job.environment = try ShippedParameters.environment()
    var began: Double?
    job.attack = { running in
      if began == nil, folder.has("run/config.json") { began = running.seconds }
      guard let began, running.seconds > began + 0.3 else { return false }
      return running.send(SIGTERM, to: nil)
    }
    let outcome = try run(job, "kmeans, SIGTERM to mpirun in a long iteration")
    XCTAssertNotEqual(outcome.exitCode, 0, outcome.output)
    XCTAssertFalse(folder.has("run/summary.json"))
    let stopped = try folder.json("run/stopped.json")
    XCTAssertEqual(stopped["signal"] as? String, "SIGTERM")
    XCTAssertTrue(stopped["checkpoint"] is NSNull, "\(stopped)")
  }

  func testClusteringRuns() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 4000, columns: 8), "wild.npy")
    let test = ResumeCase(
      name: "stop", command: "kmeans",
      arguments: [
        "--data", folder.file("wild.npy"), "--clusters", "30", "--tolerance", "0", "--init",
        "random", "--restarts", "200", "--save-labels",
      ])
    try begin(test, ranks: 1, in: folder, out: "whole")
    for request in TestTier.isLong ? [Self.requests[0], Self.requests[3]] : [Self.requests[0]] {
      try check(request, test, in: folder, unit: "iteration")
    }
  }

  /// The clusterings of a range that are finished, the one that was stopped, and those that are still to come.
  func testRangesOfClusterings() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 4000, columns: 8), "wild.npy")
    let test = ResumeCase(
      name: "stop", command: "kmedians",
      arguments: [
        "--data", folder.file("wild.npy"), "--clusters", "20:24:2", "--tolerance", "0", "--init",
        "random", "--restarts", "60", "--save-labels",
      ])
    func clusterings(_ job: MPIJob, _ name: String, code: Int32) throws -> JobOutcome {
      let outcome = try run(job, name)
      XCTAssertEqual(outcome.exitCode, code, "\(name): \(outcome.errors)")
      return outcome
    }
    let command = [test.command] + test.arguments + ["--quiet", "--out"]
    _ = try clusterings(
      MPIJob(1, "dtrain", command + [folder.file("whole")]), "range", code: 0)
    var job = MPIJob(3, "dtrain", command + [folder.file("run")])
    job.attack = { running in
      guard folder.has("run/clusterings/22/metrics.jsonl") else { return false }
      return running.send(SIGUSR1, to: 2)
    }
    let stopped = try clusterings(job, "range, SIGUSR1 to a rank", code: 75)
    XCTAssertTrue(
      (stopped.messages(of: "dtrain").last ?? "").contains("--resume \(folder.file("run"))"),
      stopped.errors)
    XCTAssertTrue(folder.has("run/clusterings/20/summary.json"))
    XCTAssertFalse(folder.has("run/clusterings/22/summary.json"))
    XCTAssertTrue(folder.has("run/stopped.json"))
    _ = try clusterings(
      MPIJob(2, "dtrain", [test.command, "--resume", folder.file("run")]), "range, continued",
      code: 0)
    for clusters in [20, 22, 24] {
      for name in ["centers.npy", "labels.npy", "config.json"] {
        let path = "clusterings/\(clusters)/\(name)"
        XCTAssertTrue(try folder.bytes("run/\(path)") == folder.bytes("whole/\(path)"), path)
      }
    }
  }

  private func check(
    _ request: Request, _ test: ResumeCase, in folder: RunFolder, unit: String
  ) throws {
    let name = "\(test.command), \(request.name)"
    // A file of the run before would bring the signal before the ranks are up.
    if folder.has("run") { try FileManager.default.removeItem(atPath: folder.file("run")) }
    var job = MPIJob(
      3, "dtrain",
      [test.command] + test.arguments
        + ["--out", folder.file("run"), "--progress", "none"])
    job.environment = try ShippedParameters.environment()
    job.attack = { running in
      // After the first epoch or iteration, however fast they are.
      guard folder.has("run/metrics.jsonl") else { return false }
      return running.send(request.signal, to: request.rank)
    }
    let outcome = try run(job, name)
    XCTAssertEqual(outcome.exitCode, request.code, "\(name): \(outcome.errors)")
    let messages = outcome.messages(of: "dtrain").filter { !$0.contains("warning:") }
    XCTAssertEqual(messages.count, 1, "\(name): \(outcome.errors)")
    for word in ["stopped on request", "--resume", "\(unit) "] {
      XCTAssertTrue((messages.first ?? "").contains(word), "\(name): \(outcome.errors)")
    }
    XCTAssertFalse(folder.has("run/summary.json"), name)
    let stop = try folder.json("run/stopped.json")
    XCTAssertEqual(stop["reason"] as? String, "request", name)
    let signals = [SIGUSR1: "SIGUSR1", SIGTERM: "SIGTERM"]
    // What mpirun gets as SIGINT it passes on as SIGTERM.
    XCTAssertEqual(stop["signal"] as? String, signals[request.signal] ?? "SIGTERM", name)
    if let rank = request.rank { XCTAssertEqual(stop["rank"] as? Int, rank, name) }
    let saved = try checkpoints(folder, "run")
    XCTAssertEqual(saved.count, 1, "\(name): \(saved)")
    XCTAssertEqual(stop["checkpoint"] as? String, saved.first, name)
    try resume(test, ranks: 2, in: folder, out: "run", like: "whole")
  }

  /// That a stop was asked for is noted before the checkpoint is saved, which may fail or be cut short.
  func testARequestIsNotedBeforeTheSave() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    for test in [
      ResumeCase.mlp("noted", folder, ["--epochs", "100000"]),
      ResumeCase.cluster("noted", "kmeans", folder, ["--init", "random", "--restarts", "100000"]),
    ] {
      var job = MPIJob(
        2, "dtrain",
        [test.command] + test.arguments
          + ["--out", folder.file(test.command), "--quiet", "--checkpoint-every", "never"])
      job.attack = { running in
        guard folder.has("\(test.command)/metrics.jsonl") else { return false }
        // No directory of checkpoints can be made.
        FileManager.default.createFile(
          atPath: folder.file("\(test.command)/checkpoints"), contents: nil)
        return running.send(SIGUSR1, to: 1)
      }
      let outcome = try run(job, "\(test.command), stop that cannot save")
      XCTAssertEqual(outcome.exitCode, 7, outcome.errors)
      let stop = try folder.json("\(test.command)/stopped.json")
      XCTAssertEqual(stop["signal"] as? String, "SIGUSR1", "\(stop)")
      XCTAssertEqual(stop["rank"] as? Int, 1, "\(stop)")
      XCTAssertTrue(stop["checkpoint"] is NSNull, "\(stop)")
    }
  }

  /// A process without launcher.
  func testOneProcess() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("one process", folder, ["--epochs", "100000"])
    let line = ([try BuiltProducts.executable("dtrain"), test.command] + test.arguments)
      .joined(separator: " ")
    func check(_ signals: String, _ expected: String) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = [
        "-c",
        """
        exec > \(folder.file("out")) 2>&1; cd \(folder.path); rm -rf run
        timeout 60 \(line) --out run --quiet & launched=$!
        until [ -e run/inputs.json ]; do sleep 0.01; done
        child=$(pgrep -P $launched); \(signals); wait $launched; echo "code $?"
        """,
      ]
      try process.run()
      process.waitUntilExit()
      let text = String(decoding: try folder.bytes("out"), as: UTF8.self)
      XCTAssertTrue(text.contains(expected), "\(signals): \(text)")
    }
    try check("kill -TERM $child", "code 75")
    try check("kill -USR1 $child", "code 75")
    try check("kill -INT $child", "code 75")
  }

  /// A rank that waits for a lost one cannot stop in good order: a second ctrl-C ends it.
  func testSecondInterrupt() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("second ctrl-C", folder, ["--epochs", "100000"])
    var job = MPIJob(
      2, "dtrain", [test.command] + test.arguments + ["--out", folder.file("run"), "--quiet"])
    job.attack = { running in
      guard folder.has("run/inputs.json") else { return false }
      usleep(200_000)
      running.send(SIGSTOP, to: 1)
      running.send(SIGINT, to: 0)
      usleep(200_000)
      let isWaiting = running.ranks[0] != nil
      running.send(SIGINT, to: 0)
      return isWaiting
    }
    let outcome = try run(job, "second ctrl-C")
    XCTAssertEqual(outcome.exitCode, 128 + SIGINT, outcome.errors)
    XCTAssertEqual(try checkpoints(folder, "run"), [])
  }
}

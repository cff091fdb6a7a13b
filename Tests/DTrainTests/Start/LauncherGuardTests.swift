import Foundation
import Launching
import XCTest

/// An mpirun that outlives all that it started is ended; one that has something left is not.
final class LauncherGuardTests: XCTestCase {
  /// Starts a script called as a launcher, which starts the program as a rank and then does what `rest` says. Of two
  /// ranks the one fails, one alone ends well.
  private func launch(
    _ folder: RunFolder, _ rest: String, as name: String = "mpirun", ranks: Int = 2,
    environment: [String: String] = [:]
  ) throws -> (process: Process, errors: String) {
    let script = """
      #!/bin/bash
      export OMPI_COMM_WORLD_SIZE=\(ranks) OMPI_COMM_WORLD_RANK=0
      '\(Program.path)' kmeans --data '\(folder.file("x.npy"))' --clusters 2 --out '\(folder.file("run"))'
      \(rest)
      mkfifo '\(folder.file("never"))'
      read < '\(folder.file("never"))'

      """
    try folder.write(Array(script.utf8), name)
    chmod(folder.file(name), 0o755)
    try folder.write(RunFile.floats([4, 1], [1, 2, 3, 4]), "x.npy")
    try folder.write([], "errors")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: folder.file(name))
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: folder.file("errors")))
    try process.run()
    return (process, folder.file("errors"))
  }

  /// Whether a process ends within some seconds.
  private func ends(_ process: Process, within seconds: Double) -> Bool {
    let limit = Date() + seconds
    while process.isRunning, Date() < limit { usleep(50_000) }
    return !process.isRunning
  }

  private func end(_ process: Process) {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func testALauncherWithoutLivingChildrenIsEnded() throws {
    let folder = try RunFolder()
    let (process, errors) = try launch(folder, "")
    // The rank fails at once, since no mpirun answers; then three seconds.
    XCTAssert(ends(process, within: 15))
    let text = try String(contentsOfFile: errors, encoding: .utf8)
    XCTAssert(text.contains("nothing that mpirun started lives any more"), text)
    end(process)
  }

  /// A daemon on another node is ended too, but not where its ranks ended well: it may wait for those of other nodes.
  func testADaemonWhoseRanksFailedIsEnded() throws {
    for (ranks, seconds) in [(2, 25.0), (1, 14.0)] {
      let folder = try RunFolder()
      let (process, _) = try launch(folder, "", as: "orted", ranks: ranks)
      XCTAssertEqual(ends(process, within: seconds), ranks == 2, "\(ranks)")
      XCTAssertEqual(folder.has("run/summary.json"), ranks == 1, "\(ranks)")
      end(process)
    }
  }

  func testALauncherWithALivingChildIsLeftAlone() throws {
    let folder = try RunFolder()
    let (process, _) = try launch(folder, "sleep 10 &")
    XCTAssertFalse(ends(process, within: 8))
    end(process)
  }

  func testTheGuardCanBeTurnedOff() throws {
    let folder = try RunFolder()
    let (process, _) = try launch(
      folder, "", environment: ["DTRAIN_NO_LAUNCHER_GUARD": "1"])
    XCTAssertFalse(ends(process, within: 8))
    end(process)
  }

  /// An mpirun that is killed leaves nothing behind.
  func testAKilledLauncherLeavesNoDirectory() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["mpirun", "-q", "--oversubscribe", "-np", "2", Program.path, "mlp", "--data"]
      + [folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "100000"]
      + ["--quiet", "--out", folder.file("run")]
    process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) {
      $1
    }
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    func directories() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        .filter { $0.hasPrefix("ompi.") && $0.hasSuffix("pid.\(process.processIdentifier)") }
    }
    for _ in 0..<200 where !folder.has("run/config.json") { usleep(50_000) }
    XCTAssertEqual(try directories().count, 1)
    end(process)
    for _ in 0..<100 where try !directories().isEmpty { usleep(50_000) }
    XCTAssertEqual(try directories(), [])
  }

  /// Ranks that are killed in the first second, while they start: no mpirun stays.
  func testNoLauncherOutlivesRanksThatAreKilledAsTheyStart() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    var numbers = SeededNumbers(seed: UInt64.random(in: 0..<1_000_000))
    for attempt in 0..<(TestTier.isLong ? 300 : 6) {
      let ranks = attempt % 2 == 0 ? 3 : 5
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments =
        ["mpirun", "-q", "--oversubscribe", "-np", "\(ranks)", Program.path, "mlp", "--data"]
        + [folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "100000"]
        + ["--quiet", "--out", folder.file("run"), "--overwrite"]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(numbers.below(1000)) * 1000)
      for child in children(of: process.processIdentifier) { kill(child, SIGKILL) }
      // Where there were none yet, the job goes on.
      let hasEnded = ends(process, within: 3)
      if !hasEnded { for child in children(of: process.processIdentifier) { kill(child, SIGKILL) } }
      XCTAssert(ends(process, within: 12), "attempt \(attempt), \(ranks) ranks")
      end(process)
    }
  }

  private func children(of process: pid_t) -> [pid_t] {
    let tasks = "/proc/\(process)/task"
    return ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).flatMap {
      ((try? String(contentsOfFile: "\(tasks)/\($0)/children", encoding: .utf8)) ?? "")
        .split(separator: " ").compactMap { pid_t($0) }
    }
  }
}

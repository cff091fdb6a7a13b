import Foundation
import Launching
import XCTest

/// What the system refuses: memory, files and their sizes. A sentence and exit code 7, or success; nothing else.
final class ResourceLimitTests: XCTestCase {
  private func messages(_ errors: String) -> [Substring] {
    errors.split(separator: "\n").filter { $0.hasPrefix("dtrain:") && !$0.contains("warning:") }
  }

  /// Rows, labels, a model and centers.
  private func files() throws -> RunFolder {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 2)
    try folder.write(
      RunFile.floats([2000, 300], (0..<600_000).map { _ in numbers.float() }), "x.npy")
    try folder.write(RunFile.integers((0..<2000).map { $0 % 10 }), "y.npy")
    for arguments in [
      ["mlp", "--labels", folder.file("y.npy"), "--epochs", "1", "--out", folder.file("net")],
      ["kmeans", "--clusters", "20", "--max-iterations", "2", "--out", folder.file("centers")],
    ] {
      let result = try Program.run(arguments + ["--data", folder.file("x.npy")])
      XCTAssertEqual(result.status, 0, result.error)
    }
    return folder
  }

  func testMemoryThatIsRefused() throws {
    let folder = try files()
    let rows = ["--data", folder.file("x.npy"), "--quiet"]
    let labels = ["--labels", folder.file("y.npy")]
    let out = ["--out", folder.file("run"), "--overwrite"]
    let commands = [
      ["mlp"] + rows + labels + out
        + ["--epochs", "1", "--batch", "2000", "--hidden", "1000"],
      ["kmeans"] + rows + out + ["--clusters", "500", "--max-iterations", "2"],
      ["kmedians"] + rows + out + ["--clusters", "500", "--max-iterations", "2"],
      ["predict", "--model", folder.file("net"), "--output", folder.file("p.npy")] + rows,
      ["evaluate", "--model", folder.file("centers")] + rows,
      ["evaluate", "--model", folder.file("net")] + rows + labels,
    ]
    // From what the program's libraries take, to plenty.
    let count = TestTier.isLong ? 30 : 6
    let ratio = pow(1100.0 / 90, 1 / Double(count - 1))
    let steps = (0..<count).map { Int(90 * pow(ratio, Double($0))) }
    for arguments in commands {
      var codes: [Int32] = []
      for megabytes in steps {
        let outcome = try Program.run(arguments, limit: "--as=\(megabytes << 20)")
        codes.append(outcome.status)
        XCTAssert(
          [0, 7].contains(outcome.status),
          "\(arguments[0]), \(megabytes) MiB: \(outcome.status) \(outcome.error)")
        XCTAssertEqual(
          messages(outcome.error).count, outcome.status == 0 ? 0 : 1,
          "\(megabytes) MiB: \(outcome.error)")
      }
      XCTAssertEqual(codes.last, 0, "\(arguments)")
      XCTAssert(arguments[0] == "evaluate" || codes.contains(7), "\(arguments)")
    }
    for ranks in [2, 3] {
      for megabytes in TestTier.isLong ? [100, 300, 420, 500] : [100, 420] {
        let outcome = try Program.run(
          commands[2], ranks: ranks, limit: "--as=\(megabytes << 20)")
        XCTAssert([0, 7].contains(outcome.status), outcome.error)
        guard outcome.status == 7 else { continue }
        XCTAssertEqual(messages(outcome.error).count, 1, outcome.error)
        XCTAssert(outcome.error.contains("ulimit -v") || outcome.error.contains("no memory for"))
      }
    }
  }

  func testFilesThatMayNotGrow() throws {
    let folder = try files()
    let arguments = [
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "50", "--quiet", "--out",
      folder.file("run"), "--overwrite",
    ]
    for ranks in [nil, 3] {
      let outcome = try Program.run(arguments, ranks: ranks, limit: "--fsize=4096")
      XCTAssertEqual(outcome.status, 7, outcome.error)
      XCTAssert(outcome.error.contains("raise the limit on the size of files"), outcome.error)
    }
  }

  private func clustering(_ folder: RunFolder) -> [String] {
    [
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "5", "--max-iterations", "2",
      "--quiet", "--out", folder.file("run"), "--overwrite",
    ]
  }

  /// The files by which ranks find each other are mpirun's: it is said before PMIx fails in it, which may hang then.
  func testFilesOfTheLauncherThatMayNotGrow() throws {
    let folder = try files()
    for ranks in TestTier.isLong ? [1, 2, 3] : [3] {
      for kilobytes in [16, 4095, 4096] {
        let outcome = try Program.run(
          clustering(folder), ranks: ranks, launcher: ["prlimit", "--fsize=\(kilobytes << 10)"])
        let name = "\(ranks) ranks, \(kilobytes) KiB: \(outcome.error)"
        guard kilobytes < 4096 else {
          XCTAssertEqual(outcome.status, 0, name)
          XCTAssertEqual(outcome.error, "", name)
          continue
        }
        XCTAssertEqual(outcome.status, 7, name)
        XCTAssertEqual(messages(outcome.error).count, 1, name)
        XCTAssert(outcome.error.contains("the launcher may write files of \(kilobytes) KiB"), name)
        XCTAssert(outcome.error.contains("(ulimit -f)"), name)
        XCTAssertFalse(outcome.error.contains("PMIX"), name)
        XCTAssertLessThan(outcome.seconds, 15, name)
      }
    }
    // Ranks alone share memory by other means, and in silence.
    for kilobytes in [1000, 4095, 4096] {
      let outcome = try Program.run(
        clustering(folder), ranks: 3, limit: "--fsize=\(kilobytes << 10)")
      XCTAssertEqual(outcome.status, 0, outcome.error)
      XCTAssertEqual(outcome.error, "", "\(kilobytes) KiB")
    }
  }

  /// Ranks see what is left of mpirun's file system; one that is nearly full is none of their business.
  func testFullTemporaryDirectory() throws {
    let folder = try files()
    for ranks in [1, 2] {
      for (size, isEnough) in [("300k", false), ("4m", false), ("8m", false), ("8300k", true)] {
        var job = MPIJob(ranks, "dtrain", clustering(folder))
        let place = folder.file("tmp")
        job.mounts = "mkdir -p \(place); mount -t tmpfs -o size=\(size) none \(place)"
        job.environment["TMPDIR"] = place
        let outcome = try job.run()
        XCTAssertEqual(outcome.exitCode, isEnough ? 0 : 7, "\(size): \(outcome.errors)")
        XCTAssertEqual(
          outcome.messages(of: "dtrain").count, isEnough ? 0 : 1, "\(size): \(outcome.errors)")
        XCTAssertEqual(outcome.errors.contains("let TMPDIR name another"), !isEnough, size)
        XCTAssertFalse(outcome.errors.contains("PMIX"), outcome.errors)
      }
    }
  }

  /// The limit counts all processes and threads of a user, and none of root's: so it is somebody else who runs.
  func testFewThreads() throws {
    let folder = try files()
    chmod(folder.path, 0o755)
    try FileManager.default.copyItem(atPath: Program.path, toPath: folder.file("dtrain"))
    let somebody =
      getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    for ranks in [nil, 2] {
      let limit = ranks == nil ? "1" : "12"
      // OpenBLAS ends the process by itself where it can start no thread.
      let (status, text) = try Program.errors(
        of: ["timeout", "30"] + somebody + ["prlimit", "--nproc=\(limit)"]
          + (ranks.map { ["mpirun", "-q", "--oversubscribe", "-np", "\($0)"] } ?? [])
          + [folder.file("dtrain"), "kmeans", "--data", folder.file("x.npy"), "--clusters", "5"]
          + ["--quiet", "--out", "/tmp/dtrain-run-\(UUID().uuidString)"],
        environment: ["OPENBLAS_NUM_THREADS": "1", "TMPDIR": "/tmp"])
      XCTAssertEqual(status, 7, text)
      XCTAssert(text.contains("ulimit -u"), text)
      XCTAssertEqual(messages(text).count, 1, text)
    }
  }

  func testFewOpenFiles() throws {
    let folder = try files()
    let arguments = [
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "5", "--quiet", "--out",
      folder.file("run"), "--overwrite",
    ]
    let several = try Program.run(arguments, ranks: 3, limit: "--nofile=16")
    XCTAssertEqual(several.status, 7, several.error)
    XCTAssertEqual(messages(several.error).count, 1, several.error)
    let alone = try Program.run(arguments, limit: "--nofile=4")
    XCTAssertEqual(alone.status, 7, alone.error)
    for error in [several.error, alone.error] {
      XCTAssert(error.contains("ulimit -n"), error)
    }
  }
}

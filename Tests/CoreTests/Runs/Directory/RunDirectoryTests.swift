import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainRuns

final class RunDirectoryTests: XCTestCase {
  private func expectUsage(
    _ says: [String], line: UInt = #line, _ body: () throws -> RunDirectory
  ) {
    XCTAssertThrowsError(try body(), line: line) {
      XCTAssertEqual(($0 as? TrainerError)?.kind, .usage, "\($0)", line: line)
      for part in says { XCTAssertTrue("\($0)".contains(part), "\($0)", line: line) }
    }
  }

  private func create(_ path: String, overwrite: Bool = false) throws -> RunDirectory {
    try RunDirectory.create(path: path, overwrite: overwrite, command: "mlp")
  }

  /// Writes all files of a small run.
  @discardableResult
  private func finish(_ run: RunDirectory) throws -> String {
    try run.writeConfiguration(["seed": 0])
    try run.appendMetrics(["epoch": 1, "loss": .number(.nan)])
    try run.appendMetrics(["epoch": 2, "loss": 0.5])
    let model = try TensorFileWriter(
      path: run.file("model.safetensors"), metadata: [:], tensors: [.init("w", shape: [1])])
    let values = AlignedFloats(count: 1)
    try model.append(UnsafeRawBufferPointer(start: values.base, count: 4))
    let hash = try model.commit()
    try run.writeSummary(["stopped": "epochs"])
    return hash
  }

  func testFilesOfARun() throws {
    let directory = try TemporaryDirectory()
    var hash = ""
    do {
      let run = try create(directory.file("a/b/run"))
      XCTAssertFalse(run.hasNoLocks)
      XCTAssertEqual(try directory.names(in: "a/b/run"), [".lock"])
      XCTAssertTrue(try directory.text(of: "a/b/run/.lock").hasPrefix("process \(getpid()) on "))
      hash = try finish(run)
    }
    XCTAssertEqual(
      try directory.names(in: "a/b/run"),
      ["config.json", "metrics.jsonl", "model.safetensors", "summary.json"])
    XCTAssertEqual(try directory.text(of: "a/b/run/config.json"), "{\n  \"seed\": 0\n}\n")
    XCTAssertEqual(
      try directory.text(of: "a/b/run/metrics.jsonl"),
      "{\"epoch\":1,\"loss\":null}\n{\"epoch\":2,\"loss\":0.5}\n")
    XCTAssertEqual(
      hash,
      SHA256.hexadecimal(of: try FileContents.read(directory.file("a/b/run/model.safetensors"))))
  }

  func testDefaultNamesAreUnique() throws {
    let directory = try TemporaryDirectory()
    let old = FileManager.default.currentDirectoryPath
    XCTAssertTrue(FileManager.default.changeCurrentDirectoryPath(directory.path))
    defer { _ = FileManager.default.changeCurrentDirectoryPath(old) }
    let runs = try (0..<5).map { _ in
      try RunDirectory.create(path: nil, overwrite: false, command: "kmeans")
    }
    XCTAssertEqual(Set(runs.map(\.path)).count, 5)
    let pattern = #"^runs/kmeans-[0-9]{8}-[0-9]{6}(-[2-5])?$"#
    for run in runs {
      XCTAssertNotNil(run.path.range(of: pattern, options: .regularExpression), run.path)
    }
    XCTAssertTrue(runs.contains { $0.path.hasSuffix("-2") })
  }

  func testARunIsRefusedAndOverwriteKeepsForeignFiles() throws {
    let directory = try TemporaryDirectory()
    try finish(try create(directory.file("run")))
    try directory.write("mine", to: "run/notes.txt")
    try directory.write("mine", to: "run/folder/config.json")
    try directory.write("old", to: "run/checkpoints/step-1/model")
    try directory.write("half", to: "run/.dtrain-tmp-1-0")
    try directory.write("outside", to: "outside/x")
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("run/centers.npy"), withDestinationPath: directory.file("outside"))
    let before = try directory.names(in: "run")

    expectUsage([directory.file("run"), "give overwrite", "summary.json"]) {
      try create(directory.file("run"))
    }
    XCTAssertEqual(try directory.names(in: "run"), before, "a refusal changes nothing")

    // A run that never begins to write, for its data are bad, leaves the earlier one whole.
    _ = try create(directory.file("run"), overwrite: true)
    XCTAssertEqual(try directory.names(in: "run"), before)

    let run = try create(directory.file("run"), overwrite: true)
    try run.writeConfiguration(["seed": 1])
    XCTAssertEqual(try directory.names(in: "run"), [".lock", "config.json", "folder", "notes.txt"])
    XCTAssertEqual(try directory.text(of: "run/config.json"), "{\n  \"seed\": 1\n}\n")
    XCTAssertEqual(try directory.text(of: "run/folder/config.json"), "mine")
    XCTAssertEqual(try directory.text(of: "outside/x"), "outside")
  }

  /// A report goes with the run that it is of; a page of somebody else stays, and a page alone is no run.
  func testOverwritingRemovesTheReport() throws {
    let directory = try TemporaryDirectory()
    let page = "<!doctype html>\n<head>\n\(RunDirectory.reportMark)0.1\">\n</head>"
    for (name, text, stays) in [("own", page, false), ("foreign", "<!doctype html> mine", true)] {
      try finish(try create(directory.file(name)))
      try directory.write("{}", to: "\(name)/evaluation.json")
      try directory.write(text, to: "\(name)/report.html")
      try create(directory.file(name), overwrite: true).writeConfiguration(["seed": 1])
      XCTAssertEqual(
        try directory.names(in: name),
        ["config.json"] + (stays ? ["report.html"] : []), name)
    }
    try directory.write(page, to: "alone/report.html")
    try create(directory.file("alone")).writeConfiguration(["seed": 1])
    XCTAssertEqual(try directory.text(of: "alone/report.html"), page)
  }

  func testEachFileOfARunIsReasonToRefuse() throws {
    let directory = try TemporaryDirectory()
    for name in [
      "config.json", "metrics.jsonl", "summary.json", "evaluation.json", "model.safetensors",
      "labels.npy",
    ] {
      try directory.write("x", to: "\(name).run/\(name)")
      expectUsage([name]) { try create(directory.file("\(name).run")) }
    }
  }

  func testADirectoryWithoutARunIsUsed() throws {
    let directory = try TemporaryDirectory()
    try directory.write("data", to: "run/x.npy")
    try finish(try create(directory.file("run")))
    XCTAssertEqual(try directory.text(of: "run/x.npy"), "data")
    XCTAssertEqual(try directory.names(in: "run").count, 5)
  }

  func testPathsThatCannotBeDirectories() throws {
    let directory = try TemporaryDirectory()
    try directory.write("x", to: "file")
    expectUsage([directory.file("file"), "file"]) { try create(directory.file("file")) }
    expectUsage(["out is empty"]) { try create("") }
    XCTAssertThrowsError(try create(directory.file("file/run"))) {
      XCTAssertEqual(($0 as? TrainerError)?.kind, .inputOutput, "\($0)")
    }
    XCTAssertThrowsError(try create("/proc/dtrain-run")) {
      XCTAssertEqual(($0 as? TrainerError)?.kind, .inputOutput, "\($0)")
    }
    XCTAssertEqual(try directory.text(of: "file"), "x")
  }

  func testASecondWriterIsRefused() throws {
    let directory = try TemporaryDirectory()
    let first = try create(directory.file("run"))
    for overwrite in [false, true] {
      expectUsage(["process \(getpid()) on ", "being written"]) {
        try create(directory.file("run"), overwrite: overwrite)
      }
    }
    try first.writeConfiguration(["seed": 0])
    XCTAssertEqual(try directory.names(in: "run"), [".lock", "config.json"])
  }

  func testARunThatWroteNothingLeavesNoNewDirectory() throws {
    let directory = try TemporaryDirectory()
    _ = try create(directory.file("new"))
    XCTAssertNotEqual(access(directory.file("new"), F_OK), 0, "an empty run directory was left")
    XCTAssertEqual(mkdir(directory.file("old"), 0o777), 0)
    _ = try create(directory.file("old"))
    XCTAssertEqual(try directory.names(in: "old"), [], "the user's own directory stays")
  }

  func testTheLockHoldsBetweenProcesses() throws {
    let directory = try TemporaryDirectory()
    let lock = directory.file("run/.lock")
    do {
      let run = try create(directory.file("run"))
      let other = Process()
      other.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
      other.arguments = ["-n", lock, "true"]
      try other.run()
      other.waitUntilExit()
      XCTAssertEqual(other.terminationStatus, 1, "\(run.path) is not locked")
      try run.writeConfiguration(["seed": 0])
    }
    XCTAssertEqual(try directory.names(in: "run"), ["config.json"], "the lock goes with the run")
    XCTAssertEqual(unlink(directory.file("run/config.json")), 0)

    try directory.write("process 7 on elsewhere\n", to: "run/.lock")
    let holder = Process()
    let (input, output) = (Pipe(), Pipe())
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    holder.arguments = ["-n", lock, "sh", "-c", "echo held; cat"]
    holder.standardInput = input
    holder.standardOutput = output
    try holder.run()
    XCTAssertEqual(
      String(decoding: output.fileHandleForReading.availableData, as: UTF8.self), "held\n")
    expectUsage(["process 7 on elsewhere"]) { try create(directory.file("run"), overwrite: true) }
    try input.fileHandleForWriting.close()
    holder.waitUntilExit()
    // What is left of a dead writer locks nothing.
    XCTAssertEqual(try directory.names(in: "run"), [".lock"])
    XCTAssertNoThrow(try create(directory.file("run")))
  }

  func testUmaskApplies() throws {
    let directory = try TemporaryDirectory()
    let old = umask(0o027)
    defer { umask(old) }
    try finish(try create(directory.file("a/run")))
    for (name, mode) in [
      ("a", 0o750), ("a/run", 0o750), ("a/run/config.json", 0o640), ("a/run/metrics.jsonl", 0o640),
      ("a/run/summary.json", 0o640), ("a/run/model.safetensors", 0o640),
    ] {
      let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
      XCTAssertEqual(attributes[.posixPermissions] as? Int, mode, name)
    }
  }

  func testADiskThatFillsUpKeepsWholeLines() throws {
    let directory = try TemporaryDirectory()
    let run = try create(directory.file("run"))
    let line: JSON = ["epoch": 1, "loss": 0.25]
    let size = line.compact.utf8.count + 1
    try AtomicFileTests.withFileSizeLimit(2 * size + 5) {
      try run.appendMetrics(line)
      try run.appendMetrics(line)
      for _ in 0..<2 {
        XCTAssertThrowsError(try run.appendMetrics(line)) {
          XCTAssertEqual(($0 as? TrainerError)?.kind, .inputOutput)
          XCTAssertTrue("\($0)".contains(run.file("metrics.jsonl")), "\($0)")
        }
      }
    }
    XCTAssertEqual(
      try directory.text(of: "run/metrics.jsonl"), line.compact + "\n" + line.compact + "\n")
    try run.appendMetrics(line)
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl").utf8.count, 3 * size)
    XCTAssertFalse(try directory.names(in: "run").contains("summary.json"))
  }

  func testMetricsAreNotWrittenThroughALink() throws {
    let directory = try TemporaryDirectory()
    let run = try create(directory.file("run"))
    try directory.write("precious", to: "target")
    try FileManager.default.createSymbolicLink(
      atPath: run.file("metrics.jsonl"), withDestinationPath: directory.file("target"))
    XCTAssertThrowsError(try run.appendMetrics(["epoch": 1]))
    XCTAssertEqual(try directory.text(of: "target"), "precious")
  }
}

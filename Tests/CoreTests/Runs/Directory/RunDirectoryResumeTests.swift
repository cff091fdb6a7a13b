import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainRuns

final class RunDirectoryResumeTests: XCTestCase {
  private static let configuration: JSON = ["format": 1, "command": "mlp", "epochs": 2]
  private static let lines = "{\"epoch\":1}\n{\"epoch\":2}\n"

  private static let inputs: JSON = ["data": ["x.npy"]]

  private static func extent(_ text: String) -> MetricsExtent {
    MetricsExtent(byteCount: text.utf8.count, sha256: SHA256.hexadecimal(of: Array(text.utf8)))
  }

  /// A folder with the finished run `run`.
  private func finishedRun() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let run = try RunDirectory.create(
      path: directory.file("run"), overwrite: false, command: "mlp")
    try run.writeConfiguration(Self.configuration)
    try run.writeInputs(Self.inputs)
    try run.appendMetrics(["epoch": 1])
    try run.appendMetrics(["epoch": 2])
    XCTAssertEqual(try run.synchronizeMetrics(), Self.extent(Self.lines))
    try run.writeStop(["signal": "SIGTERM"])
    try run.writeSummary(["epochs": 2])
    return directory
  }

  private func resume(_ directory: TemporaryDirectory) throws -> RunDirectory {
    try RunDirectory.resume(path: directory.file("run"), command: "mlp")
  }

  func testNothingChangesBeforeTheRewind() throws {
    let directory = try finishedRun()
    let names = try directory.names(in: "run")
    do {
      let run = try resume(directory)
      XCTAssertEqual(try run.configuration(), Self.configuration)
      XCTAssertEqual(try run.inputs(), Self.inputs)
      XCTAssertEqual(try run.summary(), ["epochs": 2])
    }
    XCTAssertEqual(try directory.names(in: "run"), names)
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), Self.lines)
  }

  /// A backup of hard links, as `cp -al` makes, and a foreign file that was put in the place of the metrics.
  func testFilesWithASecondNameStayAsTheyAre() throws {
    let directory = try finishedRun()
    let foreign = String(repeating: "somebody's\n", count: 10_000)
    try directory.write(foreign, to: "foreign")
    let path = directory.file("run/metrics.jsonl")
    for (name, text) in [("backup", Self.lines), ("foreign", foreign)] {
      if name == "backup" {
        try FileManager.default.linkItem(atPath: path, toPath: directory.file(name))
      } else {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.linkItem(atPath: directory.file(name), toPath: path)
      }
      let run = try resume(directory)
      _ = try run.rewind(
        to: Self.extent("{\"epoch\":1}\n"), configuration: Self.configuration, inputs: Self.inputs)
      try run.appendMetrics(["epoch": 7])
      XCTAssertEqual(try directory.text(of: name), text)
      let own = try directory.text(of: "run/metrics.jsonl")
      XCTAssert(own.hasSuffix("{\"epoch\":7}\n"), own)
      XCTAssertEqual(own.hasPrefix("{\"epoch\":1}\n"), name == "backup")
    }
    XCTAssertEqual(
      try directory.names(in: "run").filter { $0.hasPrefix(AtomicFile.temporaryPrefix) }, [])
  }

  func testRewind() throws {
    let directory = try finishedRun()
    let run = try resume(directory)
    let longer: JSON = ["format": 1, "command": "mlp", "epochs": 9]
    let moved: JSON = ["data": ["elsewhere/x.npy"], "keep": 5]
    let first = Self.extent("{\"epoch\":1}\n")
    XCTAssertNil(try run.rewind(to: first, configuration: longer, inputs: moved))
    XCTAssertEqual(run.recorded, longer)
    XCTAssertEqual(try run.synchronizeMetrics(), first)
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), "{\"epoch\":1}\n")
    XCTAssertEqual(try run.configuration(), longer)
    XCTAssertEqual(try run.inputs(), moved)
    XCTAssertNil(try run.summary())
    XCTAssertFalse(try directory.names(in: "run").contains("stopped.json"))
    try run.appendMetrics(["epoch": 2])
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), Self.lines)
    XCTAssertEqual(try run.synchronizeMetrics(), Self.extent(Self.lines))
    XCTAssertNil(try run.rewind(to: .none, configuration: longer, inputs: moved))
    XCTAssertEqual(try run.synchronizeMetrics(), .none)
  }

  /// Metrics that are shorter than they were are cut to whole lines, and the user is told.
  func testMissingMetrics() throws {
    let directory = try finishedRun()
    for (found, left) in [(Self.lines + "{\"epo", Self.lines), ("torn", ""), ("", "")] {
      try directory.write(found, to: "run/metrics.jsonl")
      let warning = try resume(directory).rewind(
        to: MetricsExtent(byteCount: 100, sha256: ""), configuration: Self.configuration,
        inputs: Self.inputs)
      XCTAssertEqual(
        warning,
        .metricsShort(path: directory.file("run/metrics.jsonl"), has: left.utf8.count, had: 100))
      XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), left)
    }
    try FileManager.default.removeItem(atPath: directory.file("run/metrics.jsonl"))
    XCTAssertNil(
      try resume(directory).rewind(
        to: .none, configuration: Self.configuration, inputs: Self.inputs))
    XCTAssertNotNil(
      try resume(directory).rewind(
        to: MetricsExtent(byteCount: 5, sha256: ""), configuration: Self.configuration,
        inputs: Self.inputs))
  }

  /// Metrics of the right length with another content are told, and kept.
  func testChangedMetrics() throws {
    let directory = try finishedRun()
    let changed = Self.lines.replacingOccurrences(of: "1", with: "7")
    try directory.write(changed, to: "run/metrics.jsonl")
    let warning = try resume(directory).rewind(
      to: Self.extent(Self.lines), configuration: Self.configuration, inputs: Self.inputs)
    XCTAssertEqual(warning, .metricsChanged(path: directory.file("run/metrics.jsonl")))
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), changed)
  }

  func testRefusals() throws {
    let directory = try finishedRun()
    func expect(
      _ kind: TrainerError.Kind, _ words: String, line: UInt = #line, _ body: () throws -> Void
    ) {
      XCTAssertThrowsError(try body(), line: line) {
        XCTAssertEqual(($0 as? TrainerError)?.kind, kind, "\($0)", line: line)
        XCTAssertTrue("\($0)".contains(words), "\($0)", line: line)
      }
    }
    expect(.usage, "dtrain mlp resume") {
      _ = try RunDirectory.resume(path: directory.file("run"), command: "kmeans")
    }
    expect(.usage, "no such directory") {
      _ = try RunDirectory.resume(path: directory.file("absent"), command: "mlp")
    }
    try directory.write("x", to: "empty/x")
    expect(.usage, "no config.json") {
      _ = try RunDirectory.resume(path: directory.file("empty"), command: "mlp")
    }
    do {
      let first = try resume(directory)
      expect(.usage, "is being written by process") { _ = try self.resume(directory) }
      withExtendedLifetime(first) {}
    }
    try directory.write("{\"format\": 1,", to: "run/config.json")
    expect(.badData, "config.json: byte 13") { _ = try self.resume(directory) }
  }
}

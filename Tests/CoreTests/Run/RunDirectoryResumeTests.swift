import Foundation
import XCTest

@testable import DTrainCore

final class RunDirectoryResumeTests: XCTestCase {
  private static let configuration: JSON = ["format": 1, "command": "mlp", "epochs": 2]
  private static let lines = "{\"epoch\":1}\n{\"epoch\":2}\n"

  /// A folder with the finished run `run`.
  private func finishedRun() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let run = try RunDirectory.create(
      path: directory.file("run"), overwrite: false, command: "mlp")
    try run.writeConfiguration(Self.configuration)
    try run.writeInputs(["data": ["x.npy"]])
    try run.appendMetrics(["epoch": 1])
    try run.appendMetrics(["epoch": 2])
    XCTAssertEqual(try run.synchronizeMetrics(), Self.lines.utf8.count)
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
      XCTAssertEqual(try run.inputs(), ["data": ["x.npy"]])
      XCTAssertEqual(try run.summary(), ["epochs": 2])
    }
    XCTAssertEqual(try directory.names(in: "run"), names)
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), Self.lines)
  }

  func testRewind() throws {
    let directory = try finishedRun()
    let run = try resume(directory)
    let longer: JSON = ["format": 1, "command": "mlp", "epochs": 9]
    XCTAssertNil(try run.rewind(toMetrics: 12, configuration: longer))
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), "{\"epoch\":1}\n")
    XCTAssertEqual(try run.configuration(), longer)
    XCTAssertNil(try run.summary())
    XCTAssertFalse(try directory.names(in: "run").contains("stopped.json"))
    try run.appendMetrics(["epoch": 2])
    XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), Self.lines)
    XCTAssertNil(try run.rewind(toMetrics: 0, configuration: longer))
    XCTAssertEqual(try run.synchronizeMetrics(), 0)
  }

  /// Metrics that are shorter than they were are cut to whole lines, and the user is told.
  func testMissingMetrics() throws {
    let directory = try finishedRun()
    for (found, left) in [(Self.lines + "{\"epo", Self.lines), ("torn", ""), ("", "")] {
      try directory.write(found, to: "run/metrics.jsonl")
      let warning = try resume(directory).rewind(
        toMetrics: 100, configuration: Self.configuration)
      XCTAssertTrue(try XCTUnwrap(warning).contains("lines are missing"))
      XCTAssertEqual(try directory.text(of: "run/metrics.jsonl"), left)
    }
    try FileManager.default.removeItem(atPath: directory.file("run/metrics.jsonl"))
    XCTAssertNil(
      try resume(directory).rewind(toMetrics: 0, configuration: Self.configuration))
    XCTAssertNotNil(
      try resume(directory).rewind(toMetrics: 5, configuration: Self.configuration))
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
    expect(.usage, "dtrain mlp --resume") {
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

import Foundation
import Launching
import XCTest

@testable import DTrainCore

/// `--trace FILE`: Chrome's trace event format, and the seconds of the summary.
final class TraceTests: XCTestCase {
  /// A complete event, in nanoseconds.
  private struct Event {
    let name: String
    let start, end: Int
    let isMerged: Bool
    /// The names of the events that it lies in, outermost first.
    var parents: [String] = []
  }

  /// Reads a trace, checks what the format asks for, and nests the events of each rank.
  private func tracks(
    _ file: String, ranks: Int, in folder: RunFolder, line: UInt = #line
  ) throws -> (tracks: [[Event]], facts: JSON) {
    let trace = try JSON(parsing: folder.bytes(file))
    let listed = try XCTUnwrap(trace["traceEvents"]?.items, line: line)
    var names: [Int: String] = [:]
    var tracks: [Int: [Event]] = [:]
    func nanoseconds(_ value: JSON?) throws -> Int {
      Int((try XCTUnwrap(value?.double, line: line) * 1000).rounded())
    }
    for event in listed {
      XCTAssertEqual(event["pid"], 0, line: line)
      let name = try XCTUnwrap(event["name"]?.text, line: line)
      if event["ph"] == "M" {
        if name == "thread_name" {
          names[try XCTUnwrap(event["tid"]?.int)] = event["args"]?["name"]?.text
        }
        continue
      }
      XCTAssertEqual(event["ph"], "X", line: line)
      let start = try nanoseconds(event["ts"])
      let end = start + (try nanoseconds(event["dur"]))
      XCTAssertGreaterThanOrEqual(start, 0, line: line)
      tracks[try XCTUnwrap(event["tid"]?.int), default: []].append(
        Event(name: name, start: start, end: end, isMerged: event["args"]?["merged"] != nil))
    }
    XCTAssertEqual(names, Dictionary(uniqueKeysWithValues: (0..<ranks).map { ($0, "rank \($0)") }))
    XCTAssertEqual(tracks.keys.sorted(), Array(0..<ranks), line: line)
    let nested = try (0..<ranks).map { rank in
      var open: [Event] = []
      var last = 0
      return try XCTUnwrap(tracks[rank]).map { event in
        XCTAssertGreaterThanOrEqual(event.start, last, "in order", line: line)
        XCTAssertGreaterThanOrEqual(event.end, event.start, line: line)
        last = event.start
        while let outer = open.last, outer.end <= event.start { open.removeLast() }
        if let outer = open.last {
          XCTAssertLessThanOrEqual(
            event.end, outer.end, "\(event.name) in \(outer.name)", line: line)
        }
        var event = event
        event.parents = open.map(\.name)
        open.append(event)
        return event
      }
    }
    return (nested, trace["otherData"] ?? .null)
  }

  /// Compares the events of rank 0 with the seconds of the summary.
  private func checkSums(
    _ events: [Event], _ run: String, unit: String, _ names: [String: String],
    in folder: RunFolder, line: UInt = #line
  ) throws {
    let summary = try folder.json("\(run)/summary.json")
    func expect(_ nanoseconds: Int, _ name: String) throws {
      let seconds = try XCTUnwrap(summary["seconds_\(name)"] as? Double, line: line)
      XCTAssertEqual(
        Double(nanoseconds) / 1e9, seconds, accuracy: max(0.01 * seconds, 2e-5), name, line: line)
    }
    for (phase, name) in names {
      try expect(
        events.filter { $0.name == phase && $0.parents.isEmpty }
          .reduce(0) { $0 + $1.end - $1.start }, name)
    }
    let waits = events.filter {
      ["exchange", "wait"].contains($0.name) && $0.parents.first == unit
    }
    try expect(waits.reduce(0) { $0 + $1.end - $1.start }, "communication")
  }

  private func trace(
    _ command: String, _ ranks: Int, _ arguments: [String], in folder: RunFolder,
    line: UInt = #line
  ) throws {
    let job = MPIJob(
      ranks, "dtrain",
      [command] + arguments
        + ["--out", folder.file("run"), "--overwrite", "--trace", folder.file("t.json")])
    let outcome = try run(job, "\(command) with a trace", line: line)
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors, line: line)
  }

  private let training = [
    "load": "load", "init": "init", "step": "train", "evaluate": "evaluate", "save": "save",
  ]
  private let clustering = [
    "load": "load", "seed": "init", "iteration": "train", "evaluate": "evaluate", "save": "save",
  ]

  func testTrainingOnOneAndThreeRanks() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 400)
    for ranks in [1, 3] {
      try trace(
        "mlp", ranks,
        [
          "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "3",
          "--batch", "50", "--checkpoint-every", "10steps",
        ], in: folder)
      let (tracks, facts) = try tracks("t.json", ranks: ranks, in: folder)
      XCTAssertEqual(facts["ranks"]?.int, ranks)
      XCTAssertEqual(facts["merged_spans"], 0)
      XCTAssertEqual(facts["dropped_events"], 0)
      for events in tracks {
        XCTAssertEqual(events.count { $0.name == "step" }, 24)
        XCTAssertEqual(events.count { $0.name == "evaluate" }, 3)
        XCTAssertEqual(events.count { $0.name == "save" }, 4)
        for name in ["gather", "forward", "backward", "update", "wait"] {
          let parts = events.filter { $0.name == name }
          // The parameters are too few for each rank to have some.
          XCTAssertGreaterThanOrEqual(parts.count, name == "update" && ranks > 1 ? 0 : 24, name)
          XCTAssertTrue(parts.allSatisfy { $0.parents == ["step"] }, name)
        }
      }
      try checkSums(tracks[0], "run", unit: "step", training, in: folder)
    }
  }

  func testClusterings() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 400)
    for (command, ranks) in [("kmeans", 1), ("kmeans", 3), ("kmedians", 3)] {
      try trace(
        command, ranks,
        ["--data", folder.file("x.npy"), "--clusters", "5", "--restarts", "2"], in: folder)
      let (tracks, _) = try tracks("t.json", ranks: ranks, in: folder)
      for events in tracks {
        XCTAssertEqual(events.count { $0.name == "seed" && $0.parents.isEmpty }, 3)
        let iterations = events.count { $0.name == "iteration" }
        XCTAssertGreaterThan(iterations, 2)
        for name in ["assign", "update"] {
          XCTAssertEqual(events.count { $0.name == name }, iterations, "\(command) \(name)")
        }
      }
      try checkSums(tracks[0], "run", unit: "iteration", clustering, in: folder)
    }
  }

  /// The seconds of a range are those of all its clusterings.
  func testRange() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 400)
    for ranks in [1, 2] {
      try trace(
        "kmeans", ranks,
        [
          "--data", folder.file("x.npy"), "--clusters", "3:5", "--checkpoint-every", "1",
          "--export", "npz",
        ], in: folder)
      let (tracks, _) = try tracks("t.json", ranks: ranks, in: folder)
      try checkSums(tracks[0], "run", unit: "iteration", clustering, in: folder)
    }
  }

  /// Many short steps: the trace stays small, and its sums stay right.
  func testLongRunsAreMerged() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    let arguments = [
      "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "400",
      "--batch", "10", "--hidden", "4", "--evaluate-every", "3", "--progress", "none",
    ]
    try trace("mlp", 1, arguments, in: folder)
    let (tracks, facts) = try tracks("t.json", ranks: 1, in: folder)
    XCTAssertLessThan(tracks[0].count, 40_000)
    let merged = tracks[0].filter(\.isMerged)
    XCTAssertGreaterThan(merged.count, 10)
    XCTAssertGreaterThan(try XCTUnwrap(facts["merged_spans"]?.int), 3000)
    XCTAssertTrue(merged.contains { $0.name == "forward" && $0.parents == ["step"] })
    try checkSums(tracks[0], "run", unit: "step", training, in: folder)
    // A trace changes nothing.
    let model = try folder.bytes("run/model.safetensors")
    try train(1, arguments, in: folder, name: "the run without a trace")
    XCTAssertEqual(try folder.bytes("run/model.safetensors"), model)
  }

  func testPathsThatCannotBe() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 60)
    let rows = ["--data", folder.file("x.npy"), "--clusters", "2"]
    for (path, code) in [("x.npy", 2), ("none/t.json", 7)] as [(String, Int32)] {
      let result = try Program.run(
        ["kmeans"] + rows + ["--out", folder.file("a"), "--trace", folder.file(path)], ranks: 3)
      XCTAssertEqual(result.status, code, result.error)
      XCTAssertEqual(result.messages.count, 1, result.error)
      XCTAssertTrue(result.error.contains(path), result.error)
      XCTAssertFalse(folder.has("a/summary.json"))
    }
  }
}

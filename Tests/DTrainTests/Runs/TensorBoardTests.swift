import Foundation
import Glibc
import Launching
import XCTest

@testable import DTrainCore

/// `--tensorboard DIR`: event files of runs that finish, are continued, or are killed.
final class TensorBoardTests: XCTestCase {
  /// Compares the scalars with the lines of `metrics.jsonl`, of which all numbers but the step itself are there.
  private func checkScalars(
    _ events: EventReader, _ run: String, in folder: RunFolder, line: UInt = #line
  ) throws {
    let text = String(decoding: try folder.bytes("\(run)/metrics.jsonl"), as: UTF8.self)
    let lines = text.split(separator: "\n")
    XCTAssertEqual(events.steps.map(\.step), Array(1...lines.count), line: line)
    for (record, text) in zip(events.steps, lines) {
      let members = try XCTUnwrap(try JSON(parsing: Array(text.utf8)).members)
      let scalars = record.values.compactMap { value in value.scalar.map { (value.tag, $0) } }
      let numbers = members.compactMap { member in
        member.value.double.map { (member.key, Float($0)) }
      }
      XCTAssertEqual(scalars.map(\.0), numbers.map(\.0), line: line)
      XCTAssertEqual(scalars.map(\.1), numbers.map(\.1), line: line)
      XCTAssertEqual(record.wallTime, Date().timeIntervalSince1970, accuracy: 600, line: line)
    }
    for file in events.files {
      XCTAssertEqual(file.first?.version, "brain.Event:2", line: line)
      XCTAssertEqual(file.count { $0.version != nil }, 1, line: line)
    }
  }

  /// Checks that an image is a PNG file of its extents.
  private func checkImage(_ image: Message?, height: Int, width: Int, channels: UInt64) throws {
    let image = try XCTUnwrap(image)
    XCTAssertEqual([image.number(1), image.number(2)], [UInt64(height), UInt64(width)])
    XCTAssertEqual(image.number(3), channels)
    let bytes = Array(try XCTUnwrap(image.bytes(4)))
    XCTAssertEqual(Array(bytes[..<8]), [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    func big(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    XCTAssertEqual([big(16), big(20)], [width, height])
    XCTAssertEqual(bytes[24...28], [8, channels == 3 ? 2 : 0, 0, 0, 0])
    XCTAssertEqual(String(decoding: bytes[37..<41], as: UTF8.self), "IDAT")
  }

  /// The same scalars on one rank and on three, images, histograms; and the run's bytes are those without events.
  func testTrainingOnImages() throws {
    let folder = try RunFolder()
    try RunData.writeMNIST(folder, "mnist", train: 300, test: 60)
    let arguments = [
      "--data", folder.file("mnist"), "--epochs", "4", "--evaluate-every", "2", "--hidden", "5",
    ]
    try train(1, arguments, in: folder, out: "plain", name: "without events")
    for ranks in [1, 3] {
      try train(
        ranks, arguments + ["--tensorboard", folder.file("run/tb")], in: folder,
        name: "with events")
      let events = try EventReader(folder, "run/tb")
      XCTAssertEqual(events.files.count, 1, "--overwrite replaces them, and rank 0 alone writes")
      try checkScalars(events, "run", in: folder)
      for name in ["model.safetensors", "config.json", "inputs.json"] {
        XCTAssertEqual(try folder.bytes("run/\(name)"), try folder.bytes("plain/\(name)"), name)
      }
      let shown = events.steps.filter { $0.values.contains { $0.scalar == nil } }
      XCTAssertEqual(shown.map(\.step), [2, 4])
      for record in shown {
        let values = record.values.filter { $0.scalar == nil }
        let layers = ["layer1/weights", "layer1/biases", "layer2/weights", "layer2/biases"]
        XCTAssertEqual(values.map(\.tag), layers + ["layer1/images"])
        for (value, count) in zip(values, [784 * 5, 5, 50, 10]) {
          let histogram = try XCTUnwrap(value.histogram)
          XCTAssertEqual(histogram.double(3), Double(count), value.tag)
          XCTAssertEqual(histogram.doubles(7).reduce(0, +), Double(count), value.tag)
          XCTAssertEqual(histogram.doubles(6).last, histogram.double(2), value.tag)
        }
        // Three beside two.
        try checkImage(values.last?.image, height: 57, width: 86, channels: 3)
      }
    }
  }

  func testClusteringsOfImagesAndTables() throws {
    let folder = try RunFolder()
    try RunData.writeMNIST(folder, "mnist", train: 300, test: 60)
    try RunData.writeClasses(folder, rows: 200)
    let images = folder.file("mnist/train-images-idx3-ubyte")
    for (command, ranks, data) in [("kmeans", 3, images), ("kmedians", 1, folder.file("x.npy"))] {
      let outcome = try run(
        MPIJob(
          ranks, "dtrain",
          [
            command, "--data", data, "--clusters", "4", "--max-iterations", "3", "--restarts", "2",
            "--tolerance", "0", "--quiet", "--out", folder.file(command), "--tensorboard",
            folder.file("tb-\(command)/deeper"),
          ]), command)
      XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
      let events = try EventReader(folder, "tb-\(command)/deeper")
      try checkScalars(events, command, in: folder)
      for record in events.steps {
        let others = record.values.filter { $0.scalar == nil }
        XCTAssertEqual(
          others.map(\.tag),
          ["centers/values"] + (command == "kmeans" ? ["centers/images"] : []))
        if command == "kmeans" {
          try checkImage(others.last?.image, height: 57, width: 57, channels: 1)
        }
      }
    }
  }

  /// Each clustering of a range is a run of its own for TensorBoard.
  func testRangesOfClusterings() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 100)
    let arguments = [
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "2:3", "--quiet", "--tensorboard",
      folder.file("tb"),
    ]
    _ = try run(arguments + ["--out", folder.file("a")])
    for clusters in [2, 3] {
      try checkScalars(
        EventReader(folder, "tb/\(clusters)"), "a/clusterings/\(clusters)", in: folder)
    }
    let refused = try run(arguments + ["--out", folder.file("b")], expecting: 2)
    XCTAssertTrue(refused.error.contains("tb/2: that directory already holds"), refused.error)
    XCTAssertFalse(folder.has("b"))
  }

  /// A continued run has a second file that goes on at its step, wherever the first one ended.
  func testContinuedRuns() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("events", folder, [])
    try begin(
      test, ranks: 1, in: folder, out: "run",
      checkpoints: ["--checkpoint-every", "50steps", "--tensorboard", folder.file("tb")])
    let outcome = try run(
      resumption(
        test, ranks: 3, in: folder, out: "run",
        ["--epochs", "6", "--tensorboard", folder.file("tb")]), "continued")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    let events = try EventReader(folder, "tb")
    XCTAssertEqual(events.files.count, 2)
    XCTAssertTrue(events.files[1][1].isStart)
    try checkScalars(events, "run", in: folder)
  }

  /// Events are in the file as soon as the epoch is over, and whole when the process is killed.
  func testKilledRunsLeaveWholeEvents() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("events", folder, ["--epochs", "100000"])
    var job = MPIJob(
      2, "dtrain",
      [test.command] + test.arguments
        + ["--out", folder.file("run"), "--quiet", "--tensorboard", folder.file("tb")])
    job.attack = { running in
      let lines = (try? folder.bytes("run/metrics.jsonl").count { $0 == 10 }) ?? 0
      return lines > 20 && running.send(SIGKILL, to: 0)
    }
    XCTAssertNotEqual(try run(job, "killed").exitCode, 0)
    let lines = try ResumeCase.metrics(folder, "run").count
    let steps = try EventReader(folder, "tb").steps.map(\.step)
    XCTAssertEqual(steps, Array(1...steps.count))
    XCTAssertTrue((lines - 1...lines).contains(steps.count), "\(steps.count) of \(lines)")
  }

  func testPlacesThatCannotBe() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 60)
    try folder.write([1], "foreign/events.out.tfevents.1700000000.host.1.0")
    let rows = ["kmeans", "--data", folder.file("x.npy"), "--clusters", "2", "--quiet"]
    let first = rows + ["--out", folder.file("a"), "--tensorboard", folder.file("tb")]
    _ = try run(first)
    for (place, code, message) in [
      ("x.npy", 2, "that is a file"), ("x.npy/tb", 7, "not a directory"),
      ("a/checkpoints", 2, "a file of the run"), ("b/checkpoints/tb", 2, "a file of the run"),
      ("tb", 2, "already holds events of a run"), ("foreign", 2, "already holds events"),
    ] as [(String, Int32, String)] {
      let result = try Program.run(
        rows + ["--out", folder.file("b"), "--tensorboard", folder.file(place)], ranks: 2)
      XCTAssertEqual(result.status, code, result.error)
      XCTAssertEqual(result.messages.count, 1, result.error)
      XCTAssertTrue(result.error.contains(message), result.error)
      XCTAssertTrue(result.error.contains(place), result.error)
      XCTAssertFalse(folder.has("b"), place)
    }
    // Only what this program wrote is replaced.
    _ = try run(first + ["--overwrite"])
    XCTAssertEqual(try EventReader(folder, "tb").files.count, 1)
    let refused = try run(
      rows + ["--out", folder.file("a"), "--overwrite", "--tensorboard", folder.file("foreign")],
      expecting: 2)
    XCTAssertFalse(refused.error.contains("replace them"), refused.error)
    XCTAssertTrue(folder.has("a/summary.json"))
    // A directory of data is no place for events.
    try RunData.writeMNIST(folder, "mnist", train: 20, test: 10)
    let read = try run(
      [
        "kmeans", "--data", folder.file("mnist"), "--clusters", "2", "--out", folder.file("c"),
        "--tensorboard", folder.file("mnist/"),
      ], expecting: 2)
    XCTAssertTrue(read.error.contains("the run reads that directory"), read.error)
    // A run that fails while its data are read leaves no events.
    try folder.write([1, 2, 3], "bad.npy")
    _ = try run(
      [
        "kmeans", "--data", folder.file("bad.npy"), "--clusters", "2", "--out", folder.file("c"),
        "--tensorboard", folder.file("none"),
      ], expecting: 3)
    XCTAssertFalse(folder.has("none"))
  }
}

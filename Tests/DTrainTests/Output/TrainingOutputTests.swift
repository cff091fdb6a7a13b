import DTrainCore
import XCTest

/// What a person or a script sees of a training run.
final class TrainingOutputTests: XCTestCase {
  private var directory = ""

  override func setUpWithError() throws {
    directory = NSTemporaryDirectory() + "dtrain-output-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    // Two classes that a straight line separates.
    var rows: [UInt8] = []
    var labels: [UInt8] = []
    for index in 0..<96 {
      let label = UInt8(index % 2)
      rows += [label * 200, UInt8(index), 255 - label * 200]
      labels.append(label)
    }
    try write("x.idx", [0, 0, 8, 2] + extent(96) + extent(3) + rows)
    try write("y.idx", [0, 0, 8, 1] + extent(96) + labels)
  }

  override func tearDownWithError() throws {
    try FileManager.default.removeItem(atPath: directory)
  }

  private func extent(_ count: Int) -> [UInt8] { [0, 0, UInt8(count >> 8), UInt8(count & 255)] }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
  }

  private func arguments(_ more: [String]) -> [String] {
    [
      "mlp", "--data", "\(directory)/x.idx", "--labels", "\(directory)/y.idx", "--hidden", "4",
      "--epochs", "3", "--batch", "16", "--shards", "4", "--learning-rate", "0.1", "--out",
      "\(directory)/run",
    ] + more
  }

  func testALineAnEpochAndASummaryFromRank0Alone() throws {
    for ranks in [nil, 2, 3] {
      let result = try Program.run(arguments(["--overwrite"]), ranks: ranks)
      XCTAssertEqual(result.status, 0, result.error)
      XCTAssertEqual(result.error, "")
      let lines = result.output.split(whereSeparator: \.isNewline)
      XCTAssertEqual(lines.count { $0.hasPrefix("epoch ") }, 3, result.output)
      XCTAssertEqual(lines.count { $0.hasPrefix("train accuracy ") }, 1, result.output)
      XCTAssertEqual(lines.count { $0 == "run directory: \(directory)/run" }, 1, result.output)
      XCTAssert(result.output.contains("dtrain predict --model"), result.output)
      XCTAssertFalse(result.output.contains("\u{1B}"), "colours in a file")
    }
  }

  func testSummaryAgreesWithTheFile() throws {
    let result = try Program.run(arguments([]), ranks: 2)
    XCTAssertEqual(result.status, 0, result.error)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/run/summary.json"))
    let summary = try JSON(parsing: Array(bytes))
    let errors = try XCTUnwrap(summary["train_errors"]?.int)
    XCTAssert(result.output.contains("(\(errors) of 96 wrong)"), result.output)
  }

  func testQuietSaysNothing() throws {
    let result = try Program.run(arguments(["--quiet"]), ranks: 2)
    XCTAssertEqual(result.status, 0)
    XCTAssertEqual(result.output + result.error, "")
  }

  func testProgressNoneKeepsTheSummary() throws {
    let result = try Program.run(arguments(["--progress", "none"]))
    XCTAssertEqual(result.status, 0)
    XCTAssertFalse(result.output.contains("epoch 1/3"), result.output)
    XCTAssert(result.output.contains("train accuracy"), result.output)
  }

  func testABarThatIsAskedForIsRemovedInTheEnd() throws {
    let result = try Program.run(arguments(["--progress", "bar"]))
    XCTAssertEqual(result.status, 0)
    XCTAssert(result.error.contains("epoch 1/3 ["), result.error)
    // No terminal is known: blanks erase it.
    XCTAssert(result.error.hasSuffix(" \r"), "the bar is left on the terminal")
    XCTAssertFalse(result.error.contains("\u{1B}"), result.error)
    XCTAssert(result.output.contains("epoch 1/3  loss"), result.output)
    XCTAssertFalse(result.output.contains("["), result.output)
  }

  func testMoreRanksThanShardsIsOneWarning() throws {
    let result = try Program.run(arguments(["--shards", "1"]), ranks: 3)
    XCTAssertEqual(result.status, 0, result.error)
    XCTAssertEqual(result.messages.count, 1, result.error)
    XCTAssert(result.error.hasPrefix("dtrain: warning: "), result.error)
  }

  func testPredictAndEvaluateAgreeWithTheTraining() throws {
    XCTAssertEqual(try Program.run(arguments(["--quiet", "--epochs", "40"])).status, 0)
    let model = ["--model", "\(directory)/run", "--data", "\(directory)/x.idx"]
    let prediction = try Program.run(
      ["predict"] + model + ["--output", "\(directory)/labels.csv"], ranks: 2)
    XCTAssertEqual(prediction.status, 0, prediction.error)
    XCTAssert(prediction.output.contains("labels of 96 rows"), prediction.output)
    let text = try String(contentsOfFile: "\(directory)/labels.csv", encoding: .utf8)
    let labels = text.split(whereSeparator: \.isNewline).compactMap { Int($0) }
    let wrong = labels.enumerated().count { $0.element != $0.offset % 2 }
    XCTAssertEqual(labels.count, 96, text)

    let evaluation = try Program.run(
      ["evaluate"] + model
        + ["--labels", "\(directory)/y.idx", "--output", "\(directory)/report.json"], ranks: 2)
    XCTAssertEqual(evaluation.status, 0, evaluation.error)
    XCTAssert(evaluation.output.contains("(\(wrong) wrong)"), evaluation.output)
    XCTAssertEqual(
      evaluation.output.split(whereSeparator: \.isNewline).count { $0.hasPrefix("data: ") }, 1)
    let report = try JSON(
      parsing: Array(Data(contentsOf: URL(fileURLWithPath: "\(directory)/report.json"))))
    XCTAssertEqual(report["errors"]?.int, wrong)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/run/summary.json"))
    XCTAssertEqual(try JSON(parsing: Array(bytes))["train_errors"]?.int, wrong)
  }

  /// The command that applies the model writes what the data were.
  func testTheModelIsUsedOnTheKindOfFileThatItWasTrainedOn() throws {
    let folder = try RunFolder()
    let lines = ["a,b"] + (0..<30).map { "\($0),\($0 % 2)" }
    try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), "t.csv")
    try RunData.writeClasses(folder, rows: 30)
    for (data, output) in [
      (["--data", folder.file("t.csv"), "--target", "b"], "--output y.csv"),
      (["--data", folder.file("x.npy"), "--labels", folder.file("y.npy")], "--output y.npy"),
    ] {
      let result = try run(
        ["mlp", "--epochs", "1", "--overwrite", "--out", folder.file("run")] + data)
      XCTAssertTrue(result.output.contains(output), result.output)
    }
  }

  func testAnEarlierRunIsNotReplaced() throws {
    XCTAssertEqual(try Program.run(arguments(["--quiet"])).status, 0)
    let second = try Program.run(arguments([]), ranks: 2)
    XCTAssertEqual(second.status, 2)
    XCTAssertEqual(second.messages.count, 1, second.error)
    XCTAssert(second.error.contains("--overwrite"), second.error)
  }
}

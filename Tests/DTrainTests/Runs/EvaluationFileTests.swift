import Foundation
import XCTest

@testable import DTrainCore

/// `evaluation.json` says what `dtrain evaluate` finds of the same rows, and `predict` of each of them.
final class EvaluationFileTests: XCTestCase {
  private func document(_ folder: RunFolder, _ name: String) throws -> JSON {
    try JSON(parsing: folder.bytes(name))
  }

  func testImages() throws {
    let folder = try RunFolder()
    try RunData.writeMNIST(folder, "mnist", train: 500, test: 300)
    _ = try run([
      "mlp", "--data", folder.file("mnist"), "--hidden", "8", "--epochs", "2", "--quiet", "--out",
      folder.file("run"),
    ])
    let model = ["--model", folder.file("run"), "--data", folder.file("mnist")]
    _ = try run(["evaluate"] + model + ["--output", folder.file("e.json"), "--quiet"])
    _ = try run(
      ["predict"] + model
        + ["--predict", "probabilities", "--output", folder.file("p.npy"), "--quiet"])
    let (found, expected) = (
      try document(folder, "run/evaluation.json"), try document(folder, "e.json")
    )
    XCTAssertEqual(found["rows_of"]?.text, "test")
    XCTAssertEqual(found["rows"]?.int, 300)
    for name in ["confusion_matrix", "per_class"] { XCTAssertEqual(found[name], expected[name]) }
    let images = Array(try folder.bytes("mnist/t10k-images-idx3-ubyte").dropFirst(16))
    let labels = Array(try folder.bytes("mnist/t10k-labels-idx1-ubyte").dropFirst(8))
    let bytes = try folder.bytes("p.npy")
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    let probabilities = bytes[start...].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let confused = try XCTUnwrap(found["confused"]?.items)
    let wrong = try XCTUnwrap(expected["errors"]?.int)
    XCTAssertEqual(confused.count, min(32, wrong))
    var last = Float.infinity
    for item in confused {
      let row = try XCTUnwrap(item["row"]?.int)
      let (actual, predicted) = (Int(labels[row]), try XCTUnwrap(item["predicted"]?.int))
      let own = probabilities[row * 10..<row * 10 + 10].map { $0 }
      XCTAssertEqual(item["actual"]?.int, actual)
      XCTAssertEqual(predicted, own.firstIndex(of: own.max()!))
      XCTAssertEqual(item["probability"]?.double, Double(own[predicted]))
      XCTAssertEqual(item["actual_probability"]?.double, Double(own[actual]))
      XCTAssertEqual(
        item["pixels"]?.text.flatMap(Base64.decoded), Array(images[row * 784..<row * 784 + 784]))
      // In the order of how far logits are apart, which these tell to their last digits.
      let odds = log(own[predicted] / own[actual])
      XCTAssertLessThanOrEqual(odds, last + 1e-3)
      last = odds
    }
  }

  func testNumbers() throws {
    let folder = try RunFolder()
    var (rows, targets): ([Float], [Float]) = ([], [])
    var numbers = SeededNumbers(seed: 6)
    for _ in 0..<1300 {
      let row = [numbers.float(), numbers.float()]
      rows += row
      targets += [row[0] * 100 + 3 * numbers.float(), row[1] - row[0]]
    }
    try folder.write(RunFile.floats([1300, 2], rows), "x.npy")
    try folder.write(RunFile.floats([1300, 2], targets), "y.npy")
    // Stops early, so that the rows are looked at once more.
    _ = try run([
      "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--hidden", "8",
      "--epochs", "30", "--early-stop", "1", "--quiet", "--out", folder.file("run"),
    ])
    _ = try run([
      "predict", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--output",
      folder.file("p.npy"), "--quiet",
    ])
    let bytes = try folder.bytes("p.npy")
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    let predicted = bytes[start...].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let found = try document(folder, "run/evaluation.json")
    XCTAssertEqual(found["rows_of"]?.text, "training")
    let sample = try XCTUnwrap(found["sample"])
    let shown = try XCTUnwrap(sample["rows"]?.items?.compactMap(\.int))
    XCTAssertEqual(shown, (0..<1000).map { $0 * 1300 / 1000 })
    for output in 0..<2 {
      let (actual, own) = (
        try XCTUnwrap(sample["actual"]?[output]?.items?.compactMap(\.double)),
        try XCTUnwrap(sample["predicted"]?[output]?.items?.compactMap(\.double))
      )
      for (place, row) in shown.enumerated() {
        XCTAssertEqual(Float(own[place]), predicted[2 * row + output])
        // Scaled and back: two roundings.
        XCTAssertEqual(
          actual[place], Double(targets[2 * row + output]),
          accuracy: output == 0 ? 2e-5 : 2e-7)
      }
      let bins = try XCTUnwrap(found["residuals"]?[output])
      let counts = try XCTUnwrap(bins["counts"]?.items?.compactMap(\.int))
      XCTAssertEqual(counts.reduce(0, +), 1300)
      let (width, first) = (
        try XCTUnwrap(bins["width"]?.double), try XCTUnwrap(bins["first"]?.int)
      )
      let residuals = (0..<1300).map {
        Double(predicted[2 * $0 + output]) - Double(targets[2 * $0 + output])
      }
      XCTAssertEqual(residuals.min()! / width, Double(first), accuracy: 1.01)
      XCTAssertEqual(residuals.max()! / width, Double(first + counts.count), accuracy: 1.01)
    }
  }

  /// The seconds of each rank are those of its training, and the first rank's those that the summary says alone.
  func testSecondsOfRanks() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    let data = ["--data", folder.file("x.npy"), "--quiet", "--out", folder.file("run")]
    for arguments in [
      ["mlp", "--labels", folder.file("y.npy"), "--epochs", "3"], ["kmeans", "--clusters", "5"],
    ] {
      _ = try run(arguments + data + ["--overwrite"], ranks: 3)
      let summary = try folder.json("run/summary.json")
      let lists = try ["computing", "waiting", "communicating"].map {
        try XCTUnwrap(summary["seconds_\($0)_per_rank"] as? [Double])
      }
      for list in lists {
        XCTAssertEqual(list.count, 3)
        XCTAssertTrue(list.allSatisfy { $0 >= 0 }, "\(list)")
      }
      let train = try XCTUnwrap(summary["seconds_train"] as? Double)
      let communication = try XCTUnwrap(summary["seconds_communication"] as? Double)
      XCTAssertEqual(lists.reduce(0) { $0 + $1[0] }, train, accuracy: 1e-9)
      XCTAssertEqual(lists[1][0] + lists[2][0], communication, accuracy: 1e-9)
    }
  }
}

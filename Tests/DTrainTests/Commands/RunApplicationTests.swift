import Foundation
import Launching
import XCTest

/// What `predict` and `evaluate` write is the same for any number of ranks, and agrees with the training.
final class RunApplicationTests: XCTestCase {
  /// Ranks and the nodes they pretend to be on; the first is the reference.
  private let launches = [(1, "0"), (2, "0"), (3, "0,1,1"), (7, "0,0,0,1,1,2,2")]

  func testPredictions() throws {
    let folder = try trained()
    for kind in ["labels", "probabilities", "logits"] {
      for ending in ["npy", "csv"] {
        var reference: [UInt8]?
        for (ranks, nodes) in launches {
          let arguments = [
            "predict", "--model", folder.file("run"), "--data", folder.file("x.npy"),
            "--predict", kind, "--output", folder.file("out.\(ending)"),
          ]
          try apply(ranks, nodes, arguments, "predict \(kind) \(ending)")
          let bytes = try folder.bytes("out.\(ending)")
          XCTAssertGreaterThan(bytes.count, 1001)
          XCTAssertTrue(bytes == reference ?? bytes, "N=\(ranks): \(kind) as \(ending) differ")
          reference = reference ?? bytes
        }
      }
    }
  }

  func testEvaluation() throws {
    let folder = try trained()
    let summary = try folder.json("run/summary.json")
    var reference: [UInt8]?
    for (ranks, nodes) in launches {
      let arguments = [
        "evaluate", "--model", folder.file("run/model.safetensors"), "--data", folder.file("x.npy"),
        "--labels", folder.file("y.npy"), "--output", folder.file("scores.json"),
      ]
      try apply(ranks, nodes, arguments, "evaluate")
      let bytes = try folder.bytes("scores.json")
      XCTAssertTrue(bytes == reference ?? bytes, "N=\(ranks): the scores differ")
      reference = reference ?? bytes
      let scores = try folder.json("scores.json")
      XCTAssertEqual(scores["errors"] as? Int, summary["train_errors"] as? Int, "N=\(ranks)")
      XCTAssertEqual(scores["accuracy"] as? Double, summary["train_accuracy"] as? Double)
      let matrix = try XCTUnwrap(scores["confusion_matrix"] as? [[Int]])
      XCTAssertEqual(matrix.flatMap { $0 }.reduce(0, +), 1001)
    }
  }

  /// Models that cannot be used: one message, code 3, nothing written.
  func testUnusableModels() throws {
    let folder = try trained()
    let model = try folder.bytes("run/model.safetensors")
    try folder.write(model.dropLast(3), "cut.safetensors")
    try folder.write([1, 2, 3], "short.safetensors")
    try folder.write(folder.bytes("x.npy"), "x.data")
    try folder.write(RunFile.floats([10, 19], [Float](repeating: 1, count: 190)), "narrow.npy")
    for (name, file, data, code) in [
      ("missing model", "none.safetensors", "x.npy", 3),
      ("cut model", "cut.safetensors", "x.npy", 3),
      ("no model", "short.safetensors", "x.npy", 3), ("data for a model", "x.data", "x.npy", 3),
      // By its name an NPY file holds centers.
      ("labels for centers", "y.npy", "x.npy", 3),
      ("too few columns", "run", "narrow.npy", 3),
    ] as [(String, String, String, Int32)] {
      let job = MPIJob(
        3, "dtrain",
        ["predict", "--model", folder.file(file), "--data", folder.file(data)]
          + ["--output", folder.file("none.npy")])
      let outcome = try run(job, "bad-input \(name)")
      XCTAssertEqual(outcome.exitCode, code, "\(name): \(outcome.errors)")
      let messages = outcome.messages(of: "dtrain")
      XCTAssertEqual(messages.count, 1, "\(name): \(outcome.errors)")
      let named = name == "too few columns" ? data : file
      XCTAssertTrue((messages.first ?? "").contains(named), "\(name): \(messages)")
      XCTAssertFalse(folder.has("none.npy"), name)
    }
  }

  /// One number a row is a vector, as it was in training; several are a matrix.
  func testShapeOfPredictedNumbers() throws {
    let folder = try RunFolder()
    try RunData.writeRegression(folder, rows: 300)
    try folder.write(RunFile.floats([300, 2], [Float](repeating: 0.5, count: 600)), "two.npy")
    for (targets, shape) in [("target", "(300,)"), ("two", "(300, 2)")] {
      try train(
        2,
        ["--data", folder.file("wild.npy"), "--labels", folder.file("\(targets).npy")]
          + ["--epochs", "1", "--scale", "standard", "--gradient", "mean"],
        in: folder, name: "numbers, \(targets)")
      let arguments = [
        "predict", "--model", folder.file("run"), "--data", folder.file("wild.npy"), "--output",
        folder.file("out.npy"),
      ]
      try apply(3, "0", arguments, "predict \(targets)")
      let head = String(decoding: try folder.bytes("out.npy")[10..<118], as: UTF8.self)
      XCTAssertTrue(head.contains("'<f4'") && head.contains("'shape': \(shape)"), head)
    }
  }

  /// Precision and recall of each of several labels are those of the predictions.
  func testLabelsOfAnEvaluation() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    // The first column's sign, the second's, and a label that no row has.
    let x = try folder.bytes("x.npy").suffix(1001 * 80)
    let targets = (0..<1001).flatMap { row in
      (0..<3).map { label -> Float in
        label < 2 && x[x.startIndex + row * 80 + label * 4 + 3] < 0x80 ? 1 : 0
      }
    }
    try folder.write(RunFile.floats([1001, 3], targets), "several.npy")
    let labels = ["--labels", folder.file("several.npy")]
    try train(
      2, ["--data", folder.file("x.npy"), "--epochs", "2"] + labels, in: folder, name: "several")
    let model = ["--model", folder.file("run"), "--data", folder.file("x.npy")]
    try apply(3, "0", ["predict"] + model + ["--output", folder.file("p.csv")], "predict several")
    try apply(
      3, "0,0,1", ["evaluate"] + model + labels + ["--output", folder.file("scores.json")], "labels"
    )
    let predicted = String(decoding: try folder.bytes("p.csv"), as: UTF8.self)
      .split(separator: "\n").dropFirst().map { $0.split(separator: ",").map { Float($0) ?? -1 } }
    XCTAssertEqual(predicted.count, 1001)
    let found = try XCTUnwrap(folder.json("scores.json")["per_label"] as? [[String: Any]])
    XCTAssertEqual(found.count, 3)
    for (label, scores) in found.enumerated() {
      let pairs = predicted.enumerated().map { ($1[label] == 1, targets[$0 * 3 + label] == 1) }
      let hits = Double(pairs.count { $0.0 && $0.1 })
      let (guessed, actual) = (pairs.count { $0.0 }, pairs.count { $0.1 })
      XCTAssertEqual(scores["label"] as? Int, label)
      XCTAssertEqual(scores["support"] as? Int, actual)
      for (name, whole) in [("recall", actual), ("precision", guessed)] {
        guard whole > 0 else {
          XCTAssertTrue(scores[name] is NSNull, name)
          continue
        }
        // Foundation may read the last digit otherwise.
        let ratio = try XCTUnwrap(scores[name] as? Double, name)
        XCTAssertEqual(ratio, hits / Double(whole), accuracy: 1e-14, name)
      }
    }
    XCTAssertGreaterThan(found[0]["recall"] as? Double ?? 0, 0.5)
  }

  /// Of very many classes there is no matrix, which would not fit into memory; the rest is there, and says so.
  func testEvaluationOfVeryManyClasses() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 300)
    let labels = ["--labels", folder.file("y.npy")]
    try train(
      2,
      ["--data", folder.file("x.npy"), "--hidden", "none", "--classes", "40001", "--epochs", "1"]
        + labels, in: folder, name: "40001 classes")
    let arguments =
      ["evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy")] + labels
      + ["--output", folder.file("scores.json")]
    try apply(2, "0", arguments, "40001 classes")
    let scores = try folder.json("scores.json")
    XCTAssertTrue(scores["confusion_matrix"] is NSNull)
    XCTAssertEqual((scores["per_class"] as? [Any])?.count, 40001)
    XCTAssertNotNil(scores["accuracy"] as? Double)
    XCTAssertEqual(scores["most_classes_of_matrix"] as? Int, 2_000)
  }

  /// A place that cannot be written to is known before the data are looked for.
  func testOutputsThatCannotBeWritten() throws {
    let folder = try trained()
    try folder.write([], "folder.npy/file")
    for (command, output) in [
      ("predict", "none/p.npy"), ("predict", "folder.npy"), ("evaluate", "none/p.json"),
    ] {
      let job = MPIJob(
        3, "dtrain",
        [command, "--model", folder.file("run"), "--data", folder.file("none.npy")]
          + ["--output", folder.file(output)])
      let outcome = try run(job, "\(command) to \(output)")
      XCTAssertEqual(outcome.exitCode, 7, outcome.errors)
      let messages = outcome.messages(of: "dtrain")
      XCTAssertEqual(messages.count, 1, outcome.errors)
      XCTAssertTrue((messages.first ?? "").contains(output), outcome.errors)
    }
  }

  /// A folder with data and a run on it.
  private func trained() throws -> RunFolder {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    try train(
      2,
      ["--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "2"]
        + ["--batch", "50"], in: folder, name: "a model to apply")
    return folder
  }

  private func apply(_ ranks: Int, _ nodes: String, _ arguments: [String], _ name: String) throws {
    var job = MPIJob(ranks, "dtrain", arguments)
    job.environment["DTRAIN_PRETEND_NODES"] = nodes
    let outcome = try run(job, name)
    XCTAssertEqual(outcome.exitCode, 0, "N=\(ranks) \(name): \(outcome.errors)")
  }
}

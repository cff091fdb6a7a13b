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
      // By its name an NPY file holds centres.
      ("labels for centres", "y.npy", "x.npy", 3),
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

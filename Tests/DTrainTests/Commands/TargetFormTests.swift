import Launching
import XCTest

/// Targets in their several forms: labels, one-hot matrices, several labels a row, numbers; each where another
/// was trained on; and labels that cannot be right.
final class TargetFormTests: XCTestCase {
  private let rows = 600

  /// A one-hot matrix is the classes it names, in training, testing and evaluating, and whatever the other
  /// files hold: the same bytes, the same figures.
  func testOneHotIsClasses() throws {
    let folder = try files()
    for loss in ["sigmoid-ce", "softmax-ce"] {
      var reference: (model: [UInt8], configuration: [UInt8], accuracy: Double)?
      for (training, test, type) in [
        ("y", "y", "labels"), ("hot", "hot", "one-hot"), ("y", "hot", "one-hot to test on"),
        ("hot", "y", "labels to test on"), ("hot-bytes", "hot", "bytes"),
      ] {
        let name = "\(loss), \(type)"
        try train(
          3,
          options(folder, labels: training) + ["--test-data", folder.file("x.npy")]
            + ["--test-labels", folder.file("\(test).npy"), "--loss", loss, "--epochs", "2"],
          in: folder, name: name)
        let summary = try folder.json("run/summary.json")
        let accuracy = try XCTUnwrap(summary["test_accuracy"] as? Double, name)
        XCTAssertEqual(summary["train_accuracy"] as? Double, accuracy, name)
        let found = (
          try folder.bytes("run/model.safetensors"), try folder.bytes("run/config.json"), accuracy
        )
        if let reference {
          XCTAssertTrue(found.0 == reference.model, "\(name): another model")
          XCTAssertTrue(found.1 == reference.configuration, "\(name): another configuration")
          XCTAssertEqual(accuracy, reference.accuracy, name)
        }
        reference = reference ?? found
      }
      let scores = try ["y", "hot"].map { try evaluate(folder, labels: $0, expecting: 0) }
      XCTAssertEqual(scores[0], scores[1])
      XCTAssertTrue(scores[0].contains("confusion_matrix"), scores[0])
    }
  }

  /// What cannot be brought to the form that was trained on is refused.
  func testOtherForms() throws {
    func refused(
      _ name: String, _ labels: String, _ test: String, _ words: [String], _ more: [String] = []
    ) throws {
      var bad = BadInput(name, 3, words)
      bad.arguments = ["--data", "x.npy", "--labels", "\(labels).npy", "--epochs", "1"]
      bad.arguments += ["--test-data", "x.npy", "--test-labels", "\(test).npy"] + more
      bad.spoil = { try self.write(in: $0) }
      try check(bad)
    }
    try refused("classes, two ones", "y", "two-ones", ["two-ones.npy", "row 599", "2 ones"])
    try refused("classes, no one", "hot", "no-one", ["no-one.npy", "row 300", "no 1"])
    try refused("classes, wide", "y", "wide", ["wide.npy", "[600, 4]", "3 classes"])
    try refused("classes, numbers", "y", "numbers", ["numbers.npy", "row 0", "0 nor 1"])
    try refused("classes, a float", "y", "target", ["target.npy", "row 1", "holds numbers"])
    try refused("several, classes", "two-ones", "y", ["y.npy", "3 labels a row"])
    try refused("numbers, classes", "numbers", "y", ["y.npy", "3 numbers a row"])
    try refused(
      "softmax of several", "two-ones", "y", ["two-ones.npy", "row 599", "sigmoid-ce"],
      ["--loss", "softmax-ce"])
  }

  /// Evaluation reads the targets as the model's too.
  func testEvaluatingOtherForms() throws {
    let folder = try files()
    try train(
      2, options(folder, labels: "y") + ["--loss", "softmax-ce"], in: folder, name: "classes")
    for (labels, word) in [("two-ones", "2 ones"), ("wide", "[600, 4]"), ("target", "numbers")] {
      let message = try evaluate(folder, labels: labels, expecting: 3)
      XCTAssertTrue(message.contains(word), message)
    }
    try train(2, options(folder, labels: "two-ones"), in: folder, name: "several labels")
    let message = try evaluate(folder, labels: "y", expecting: 3)
    XCTAssertTrue(message.contains("3 labels a row"), message)
    XCTAssertTrue(
      try evaluate(folder, labels: "hot", expecting: 0).contains("exact_match_accuracy"))
  }

  /// A model is scored by the loss that it was trained with, options and all.
  func testEvaluatingByTheLossOfTheModel() throws {
    let folder = try files()
    var losses: Set<Double> = []
    for loss in [["squared"], ["huber"], ["huber", "--huber-delta", "0.25"]] {
      let name = loss.joined(separator: " ")
      try train(
        3, options(folder, labels: "numbers") + ["--loss"] + loss, in: folder, name: name)
      _ = try evaluate(folder, labels: "numbers", expecting: 0)
      let scores = try folder.json("scores.json")
      XCTAssertEqual(scores["loss_function"] as? String, loss[0])
      let found = try XCTUnwrap(scores["loss"] as? Double, name)
      let trained = try XCTUnwrap(folder.json("run/summary.json")["train_loss"] as? Double, name)
      XCTAssertEqual(found, trained, accuracy: 1e-6 * trained, name)
      losses.insert(found)
    }
    XCTAssertEqual(losses.count, 3)
  }

  /// The loss that goes with the targets, where none is asked for.
  func testDefaultLoss() throws {
    let folder = try files()
    for (labels, loss, outputs) in [
      ("y", "softmax-ce", 3), ("hot", "softmax-ce", 3), ("two-ones", "sigmoid-ce", 3),
      ("target", "squared", 1), ("numbers", "squared", 3), ("last-number", "squared", 3),
      ("binary", "softmax-ce", 2),
    ] {
      try train(3, options(folder, labels: labels), in: folder, name: "loss for \(labels)")
      let configuration = try folder.json("run/config.json")
      XCTAssertEqual(configuration["loss"] as? String, loss, labels)
      XCTAssertEqual((configuration["layers"] as? [Int])?.last, outputs, labels)
    }
  }

  /// A label far outside makes no larger network: it is refused; one gap is warned of; and a number of
  /// classes that is given is kept to.
  func testLabelsThatCannotBeRight() throws {
    func labels(
      _ name: String, _ change: @escaping (Int) -> Int, _ words: [String], _ more: [String]
    )
      throws
    {
      var bad = BadInput(name, 3, ["y.npy"] + words)
      bad.arguments = BadInput.floats + more
      bad.spoil = { folder in
        try folder.write(RunFile.integers((0..<600).map { change($0) }), "y.npy")
      }
      try check(bad)
    }
    let damaged = { row in row == 417 ? 200 : row % 3 }
    try labels("a damaged label", damaged, ["label 200", "row 417", "197", "--classes"], [])
    try labels(
      "outside --classes", damaged, ["label 200", "row 417", "10 classes"], ["--classes", "10"])
    try check(
      .options(
        "another --classes", BadInput.floats + ["--classes", "0"], ["--classes must be from 1"]))

    let folder = try files()
    let outcome = try train(3, options(folder, labels: "from-one"), in: folder, name: "from 1")
    let warnings = outcome.errors.split(separator: "\n").filter { $0.contains("from-one.npy") }
    XCTAssertEqual(warnings.count, 1, outcome.errors)
    XCTAssertTrue(warnings.first?.contains("labels are 1 to 10") ?? false, outcome.errors)
    let given = try train(
      3, options(folder, labels: "from-one") + ["--classes", "300"], in: folder, name: "--classes")
    XCTAssertFalse(given.errors.contains("from-one.npy"), given.errors)
    XCTAssertEqual((try folder.json("run/config.json")["layers"] as? [Int])?.last, 300)
    // The number of classes is recorded, so that a run that goes on may name it.
    let resumed = try run(
      MPIJob(
        2, "dtrain",
        ["mlp", "--resume", folder.file("run"), "--epochs", "2", "--classes", "300"]), "resumed")
    XCTAssertEqual(resumed.exitCode, 0, resumed.errors)
  }

  // MARK: Files

  private func options(_ folder: RunFolder, labels: String) -> [String] {
    ["--data", folder.file("x.npy"), "--labels", folder.file("\(labels).npy"), "--epochs", "1"]
      + ["--hidden", "8"]
  }

  private func files() throws -> RunFolder {
    let folder = try RunFolder()
    try write(in: folder)
    return folder
  }

  private func write(in folder: RunFolder) throws {
    try RunData.writeClasses(folder, rows: rows)
    let classes = (0..<rows).map { ($0 &* 7 &+ $0 / 3) % 3 }
    var hot = [Float](repeating: 0, count: rows * 3)
    for (row, label) in classes.enumerated() { hot[row * 3 + label] = 1 }
    func matrix(_ name: String, _ columns: Int, _ values: [Float]) throws {
      try folder.write(RunFile.floats([rows, columns], values), "\(name).npy")
    }
    func changed(_ row: Int, _ values: [Float]) -> [Float] {
      Array(hot[..<(row * 3)]) + values + Array(hot[(row * 3 + 3)...])
    }
    try matrix("hot", 3, hot)
    try folder.write(RunFile.npy("|u1", [rows, 3], hot.map { UInt8($0) }), "hot-bytes.npy")
    try matrix("two-ones", 3, changed(599, [1, 0, 1]))
    try matrix("no-one", 3, changed(300, [0, 0, 0]))
    try matrix("last-number", 3, changed(599, [0, 0.5, 1]))
    try matrix("wide", 4, (0..<rows * 4).map { $0 % 4 == 0 ? 1 : 0 })
    try matrix("numbers", 3, (0..<rows * 3).map { Float($0 % 5) - 1.5 })
    try matrix("target", 1, (0..<rows).map { Float($0 % 7) / 2 })
    try matrix("binary", 1, (0..<rows).map { Float($0 % 2) })
    try folder.write(RunFile.integers((0..<rows).map { $0 % 10 + 1 }), "from-one.npy")
  }

  /// The figures of an evaluation on two ranks, or its one message.
  private func evaluate(
    _ folder: RunFolder, labels: String, expecting code: Int32
  ) throws -> String {
    let job = MPIJob(
      2, "dtrain",
      ["evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy")]
        + ["--labels", folder.file("\(labels).npy"), "--output", folder.file("scores.json")])
    let outcome = try run(job, "evaluate \(labels)")
    XCTAssertEqual(outcome.exitCode, code, outcome.errors)
    guard code != 0 else { return String(decoding: try folder.bytes("scores.json"), as: UTF8.self) }
    let messages = outcome.messages(of: "dtrain")
    XCTAssertEqual(messages.count, 1, outcome.errors)
    return messages.first ?? ""
  }
}

import Launching
import XCTest

/// How much rows and classes count in the training of a network and in its scores.
final class WeightTests: XCTestCase {
  private let rows = 1200

  /// Rows of two overlapping classes, one in twelve of the second; `x.npy`, `y.npy`, and weights.
  private func files() throws -> RunFolder {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 8)
    let labels = (0..<rows).map { $0 % 12 == 5 ? 1 : 0 }
    let values = labels.flatMap { label in
      (0..<3).map { Float(label) * [0.8, 0.4, 0][$0] + numbers.float() + numbers.float() }
    }
    let weights = (0..<rows).map { _ in max(0, numbers.float() + 1) }
    try folder.write(RunFile.floats([rows, 3], values), "x.npy")
    try folder.write(RunFile.integers(labels), "y.npy")
    try folder.write(
      RunFile.floats([rows], values.indices.filter { $0 % 3 == 0 }.map { values[$0] * 2 }), "t.npy")
    for (name, values) in [
      ("ones", weights.map { _ in Float(1) }), ("sevens", weights.map { _ in 7 }),
      ("w", weights), ("w8", weights.map { $0 * 8 }), ("zeros", weights.map { _ in 0 }),
      ("negative", weights.map { $0 - 1.5 }), ("rare", labels.map { $0 == 1 ? 11 : 1 }),
      ("short", Array(weights.dropLast())),
    ] { try folder.write(RunFile.floats([values.count], values), "\(name).npy") }
    for (name, values) in [("classes", [1, 11] as [Float]), ("three", [1, 2, 3])] {
      try folder.write(RunFile.floats([values.count], values), "\(name).npy")
    }
    return folder
  }

  private func train(
    _ folder: RunFolder, _ options: [String], ranks: Int? = nil, labels: String = "y",
    expecting status: Int32 = 0
  ) throws -> (model: [UInt8], result: Program.Result) {
    let result = try run(
      [
        "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("\(labels).npy"), "--epochs",
        "6", "--out", folder.file("run"), "--overwrite",
      ] + options, expecting: status, ranks: ranks)
    return (status == 0 ? try folder.bytes("run/model.safetensors") : [], result)
  }

  private func weights(_ folder: RunFolder, _ name: String) -> [String] {
    ["--weights", folder.file("\(name).npy")]
  }

  func testWeightsThatAreAllTheSameChangeNothing() throws {
    let folder = try files()
    let plain = try train(folder, []).model
    for name in ["ones", "sevens"] {
      XCTAssertEqual(try train(folder, weights(folder, name)).model, plain, name)
    }
  }

  func testWeightsCountBesideEachOtherOnAnyNumberOfRanks() throws {
    let folder = try files()
    for labels in ["y", "t"] {
      let weighted = try train(folder, weights(folder, "w"), labels: labels).model
      XCTAssertNotEqual(weighted, try train(folder, [], labels: labels).model)
      XCTAssertEqual(weighted, try train(folder, weights(folder, "w8"), labels: labels).model)
      for ranks in [2, 3, 5, 7] {
        XCTAssertEqual(
          weighted, try train(folder, weights(folder, "w"), ranks: ranks, labels: labels).model,
          "\(ranks) ranks")
      }
      XCTAssertEqual(try folder.json("run/config.json")["weighted"] as? Bool, true)
      // A run that is continued knows its weights.
      _ = try run(["mlp", "--resume", folder.file("run"), "--epochs", "8"])
      let continued = try folder.bytes("run/model.safetensors")
      XCTAssertEqual(
        continued,
        try train(folder, weights(folder, "w") + ["--epochs", "8"], labels: labels).model)
    }
  }

  func testClassWeights() throws {
    let folder = try files()
    let given = try train(folder, ["--class-weights", folder.file("classes.npy")]).model
    XCTAssertEqual(given, try train(folder, weights(folder, "rare")).model)
    // 1,100 rows of one class and 100 of the other: 1 and 11 are their balance, up to a factor.
    let balanced = try train(folder, ["--class-weights", "balanced"]).model
    func recall() throws -> Double {
      _ = try run([
        "evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--labels",
        folder.file("y.npy"), "--output", folder.file("e.json"),
      ])
      let classes = try folder.json("e.json")["per_class"] as? [[String: Any]]
      return try XCTUnwrap(classes?[1]["recall"] as? Double)
    }
    let fair = try recall()
    for ranks in [2, 3, 7] {
      XCTAssertEqual(
        balanced,
        try train(folder, ["--class-weights", "balanced", "--seed", "0"], ranks: ranks).model)
    }
    _ = try run(["mlp", "--resume", folder.file("run"), "--epochs", "7"])
    _ = try train(folder, [])
    XCTAssertGreaterThan(fair, try recall() + 0.2)
    // Both at once.
    XCTAssertNotEqual(
      balanced, try train(folder, ["--class-weights", "balanced"] + weights(folder, "w")).model)
  }

  func testWeightsThatCannotBe() throws {
    let folder = try files()
    func refused(_ options: [String], _ status: Int32, _ words: String, labels: String = "y") throws
    {
      for ranks in [nil, 3] {
        let error = try train(folder, options, ranks: ranks, labels: labels, expecting: status)
          .result.error
        XCTAssert(error.contains(words), error)
      }
    }
    try refused(weights(folder, "zeros"), 3, "all weights are 0")
    try refused(weights(folder, "negative"), 3, "weights are 0 or more")
    try refused(weights(folder, "short"), 3, "[1199]")
    try refused(["--class-weights", folder.file("three.npy")], 3, "each of the 2 classes")
    try refused(["--class-weights", "balancd"], 3, "balancd")
    try refused(["--class-weights", "balanced"], 2, "one class a row", labels: "t")
  }

  func testScoresOfWeightedRows() throws {
    let folder = try files()
    for labels in ["y", "t"] {
      _ = try train(folder, [], labels: labels)
      func scores(_ more: [String], ranks: Int? = nil) throws -> [String: Any] {
        _ = try run(
          [
            "evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--labels",
            folder.file("\(labels).npy"), "--output", folder.file("e.json"),
          ] + more, ranks: ranks)
        return try folder.json("e.json")
      }
      let plain = try scores([])
      let ones = try scores(weights(folder, "ones"))
      for key in ["loss", "accuracy", "errors", "rmse", "mae", "r2"] {
        XCTAssertEqual(plain[key] as? Double, ones[key] as? Double, key)
      }
      let weighted = try scores(weights(folder, "rare"))
      let bytes = try folder.bytes("e.json")
      for ranks in [2, 5] {
        _ = try scores(weights(folder, "rare"), ranks: ranks)
        XCTAssertEqual(try folder.bytes("e.json"), bytes, "\(ranks) ranks")
      }
      guard labels == "y" else {
        XCTAssertNotEqual(weighted["rmse"] as? Double, plain["rmse"] as? Double)
        continue
      }
      // A row of weight 11 is 11 rows.
      let matrix = try XCTUnwrap(plain["confusion_matrix"] as? [[Double]])
      let expected = (0..<2).map { actual in matrix[actual].map { actual == 1 ? 11 * $0 : $0 } }
      XCTAssertEqual(weighted["confusion_matrix"] as? [[Double]], expected)
      XCTAssertEqual(
        try XCTUnwrap(weighted["accuracy"] as? Double),
        (expected[0][0] + expected[1][1]) / 2200, accuracy: 1e-12)
      XCTAssertEqual(weighted["total_weight"] as? Double, 2200)
      XCTAssertEqual(weighted["errors"] as? Int, plain["errors"] as? Int)
    }
  }

  func testHeldOutRowsHaveAllClasses() throws {
    let folder = try files()
    // Labels in their order: a shard holds one class or two.
    let labels = (0..<rows).map { $0 / 100 }
    try folder.write(RunFile.integers(labels), "sorted.npy")
    var model: [UInt8]?
    for ranks in [1, 2, 3, 5, 8] {
      let found = try train(
        folder, ["--validation", "0.1", "--shards", "5"], ranks: ranks, labels: "sorted"
      ).model
      XCTAssertEqual(found, model ?? found, "\(ranks) ranks")
      model = found
    }
  }
}

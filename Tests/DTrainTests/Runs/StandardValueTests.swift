import Launching
import XCTest

/// Runs with nothing but data: the values that are chosen give a good model, or a warning.
final class StandardValueTests: XCTestCase {
  private func train(
    _ folder: RunFolder, _ more: [String] = [], expecting status: Int32 = 0, ranks: Int? = nil,
    file: StaticString = #filePath, line: UInt = #line
  ) throws -> Program.Result {
    let result = try Program.run(
      [
        "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--out",
        folder.file("run"), "--overwrite",
      ] + more, ranks: ranks)
    XCTAssertEqual(result.status, status, result.output + result.error, file: file, line: line)
    return result
  }

  /// 300 rows of three columns with very different offsets and ranges, and what is wanted of each.
  private func folder(_ targets: (_ a: Double, _ b: Double) -> Double) throws -> RunFolder {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 5)
    var (rows, wanted): ([Float], [Float]) = ([], [])
    for _ in 0..<300 {
      let (a, b) = (Double(numbers.float()), Double(numbers.float()))
      rows += [Float(a * 1000 + 1e5), Float(b * 0.001), numbers.float()]
      wanted.append(Float(targets(a, b)))
    }
    try folder.write(RunFile.floats([300, 3], rows), "x.npy")
    try folder.write(RunFile.floats([300], wanted), "y.npy")
    return folder
  }

  func testNumbersAreLearntAndReportedInTheirOwnUnits() throws {
    let folder = try folder { a, b in 5e5 + 1e4 * (a + b * b) }
    var models: [[UInt8]] = []
    for ranks in [1, 2, 3, 5] {
      let result = try train(folder, ranks: ranks)
      models.append(try folder.bytes("run/model.safetensors"))
      XCTAssert(result.output.contains("train RMSE"), result.output)
    }
    XCTAssertEqual(Set(models).count, 1)
    let summary = try folder.json("run/summary.json")
    XCTAssertGreaterThan(try XCTUnwrap(summary["train_r2"] as? Double), 0.95)
    let rmse = try XCTUnwrap(summary["train_rmse"] as? Double)
    let report = folder.file("report.json")
    let result = try Program.run(
      [
        "evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--labels",
        folder.file("y.npy"), "--output", report,
      ], ranks: 2)
    XCTAssertEqual(result.status, 0, result.error)
    let evaluated = try folder.json("report.json")
    XCTAssertEqual(try XCTUnwrap(evaluated["rmse"] as? Double), rmse, accuracy: 1e-9 * rmse)
    XCTAssertEqual(evaluated["r2"] as? Double, summary["train_r2"] as? Double)
    let predicted = try Program.run([
      "predict", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--output",
      folder.file("p.csv"),
    ])
    XCTAssert(predicted.output.contains("predictions of 300 rows"), predicted.output)
    let numbers = String(decoding: try folder.bytes("p.csv"), as: UTF8.self).split(separator: "\n")
      .dropFirst().compactMap { Double($0) }
    let targets = floats(try folder.bytes("y.npy").suffix(1200))
    let squares = zip(numbers, targets).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    // Predictions are rounded to binary32, by at most 1/32 at this size.
    XCTAssertEqual((squares / 300).squareRoot(), rmse, accuracy: 0.04)
  }

  private func floats(_ bytes: [UInt8].SubSequence) -> [Double] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: 4).map { start in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
      return Double(Float(bitPattern: bits))
    }
  }

  func testWhatWasChosenIsPrintedAndRecorded() throws {
    let folder = try folder { a, _ in a > 0 ? 1 : 0 }
    let result = try train(folder)
    XCTAssert(result.output.contains("chosen by the data: targets classes"), result.output)
    XCTAssert(result.output.contains("optimizer adamw"), result.output)
    let configuration = try folder.json("run/config.json")
    let chosen = try XCTUnwrap(configuration["chosen"] as? [String])
    XCTAssertEqual(
      chosen,
      [
        "targets", "loss", "scale", "activation", "optimizer", "learning_rate", "epochs", "decay",
        "weight_decay", "evaluate_every",
      ])
    XCTAssertEqual(configuration["scale"] as? String, "standard")
    XCTAssertGreaterThan(
      try XCTUnwrap(folder.json("run/summary.json")["train_accuracy"] as? Double), 0.97)
    // Nothing of it is asked again, and what is given is not changed.
    let before = try folder.bytes("run/model.safetensors")
    let epochs = try XCTUnwrap(configuration["epochs"] as? Int)
    let resumed = try Program.run([
      "mlp", "--resume", folder.file("run"), "--epochs", "\(epochs + 1)",
    ])
    XCTAssertEqual(resumed.status, 0, resumed.error)
    XCTAssertNotEqual(try folder.bytes("run/model.safetensors"), before)
    XCTAssertEqual(try folder.json("run/config.json")["chosen"] as? [String], chosen)
    _ = try train(
      folder, ["--optimizer", "sgd", "--learning-rate", "0.5", "--scale", "none", "--epochs", "3"])
    let given = try folder.json("run/config.json")
    XCTAssertEqual(given["learning_rate"] as? Double, 0.5)
    XCTAssertEqual(given["epochs"] as? Int, 3)
  }

  func testFloatsThatAreFewWholeNumbersAreClasses() throws {
    let folder = try folder { a, b in (a > 0 ? 1 : 0) + (b > 0 ? 2 : 0) }
    let result = try train(folder)
    XCTAssert(result.error.contains("taken as 4 classes"), result.error)
    XCTAssertNotNil(try folder.json("run/summary.json")["train_accuracy"] as? Double)
    XCTAssertEqual(try train(folder, ["--targets", "classes"]).messages.count, 0)
    _ = try train(folder, ["--targets", "numbers"])
    XCTAssertGreaterThan(try XCTUnwrap(folder.json("run/summary.json")["train_r2"] as? Double), 0.9)
    _ = try train(folder, ["--targets", "numbers", "--loss", "softmax-ce"], expecting: 2)
    _ = try train(folder, ["--targets", "labels"], expecting: 3)
    // With a gap, or beyond the limit, they are quantities.
    let quantities: [(Double) -> Double] = [{ $0 > 0 ? 7 : 3 }, { ($0 * 100).rounded() }]
    for targets in quantities {
      let other = try self.folder { a, _ in targets(a) }
      _ = try train(other)
      XCTAssertNotNil(try other.json("run/summary.json")["train_r2"] as? Double)
    }
  }

  func testOnlyBytesOfDarkImagesAreTakenForImages() throws {
    // The largest byte, the level of the ground, columns, rows, columns that stay alike.
    for (largest, ground, columns, count, run, areImages) in [
      (16, 2, 100, 10_000, 4, false), (255, 20, 100, 10_000, 4, true),
      (255, 200, 100, 10_000, 4, false), (255, 20, 8, 10_000, 4, false),
      (255, 20, 100, 9_000, 4, false), (255, 20, 100, 10_000, 1, false),
    ] {
      let folder = try RunFolder()
      var numbers = SeededNumbers(seed: 8)
      var (rows, labels): ([UInt8], [Int]) = ([], [])
      for row in 0..<count {
        labels.append(row % 2)
        for column in 0..<columns {
          // In each row other columns are bright.
          let isMark = (column / run + row / 2) % 4 == row % 2
          let level = Double(isMark ? largest : ground) * (0.9 + 0.1 * Double(numbers.float()))
          rows.append(UInt8(max(0, min(Double(largest), level))))
        }
      }
      rows[0] = UInt8(largest)
      try folder.write(RunFile.npy("|u1", [count, columns], rows), "x.npy")
      try folder.write(RunFile.integers(labels), "y.npy")
      _ = try train(folder, ["--epochs", "1"])
      let configuration = try folder.json("run/config.json")
      XCTAssertEqual(configuration["scale"] as? String, areImages ? "unit" : "standard")
      XCTAssertEqual(configuration["optimizer"] as? String, areImages ? "sgd" : "adamw")
    }
  }

  func testDifferencesThatFloat32DoesNotTellAreNamed() throws {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 9)
    let signal = (0..<200).map { _ in Double(numbers.float()) }
    try folder.write(RunFile.doubles([200, 1], signal), "x.npy")
    for (offset, isRefused) in [(0.0, false), (1e4, false), (1e7, true), (-1e9, true)] {
      try folder.write(RunFile.doubles([200], signal.map { $0 + offset }), "y.npy")
      let result = try train(
        folder, ["--target-scale", "none", "--epochs", "1"], expecting: isRefused ? 3 : 0, ranks: 2)
      XCTAssertEqual(
        result.error.contains("--target-scale standard subtracts an offset"), isRefused,
        result.error)
    }
    try folder.write(RunFile.doubles([200], signal), "y.npy")
    try folder.write(RunFile.doubles([200, 1], signal.map { $0 + 1e9 }), "x.npy")
    for (scale, isNamed) in [("none", true), ("unit", true), ("standard", false)] {
      let result = try train(
        folder, ["--scale", scale, "--epochs", "1"], expecting: scale == "none" ? 5 : 0)
      XCTAssertEqual(result.error.contains("tells few of them apart"), isNamed, result.error)
    }
  }

  /// Groups of a column far from each other: no one offset serves, and what is lost is named; wherever the group is, and on
  /// any number of ranks alike.
  func testDifferencesThatNoOffsetKeepsAreNamed() throws {
    let folder = try RunFolder()
    let count = 12_000
    let columns: [(name: String, isNamed: Bool, isAbsent: (Int) -> Bool)] = [
      ("whole", false, { _ in false }), ("third", true, { $0 % 3 == 0 }),
      ("half", true, { $0 % 2 == 0 }),
      ("behind", true, { $0 < 5000 }), ("tenth", true, { $0 % 10 > 0 }),
    ]
    for (name, isNamed, isAbsent) in columns {
      var numbers = SeededNumbers(seed: 12)
      let rows = (0..<count).flatMap { row -> [Double] in
        let time = 1.7e9 + Double(60 * (row % 2)) + Double(numbers.float())
        let small = Double(numbers.float())
        return [isAbsent(row) ? (name == "half" ? small : 0) : time, Double(numbers.float())]
      }
      try folder.write(RunFile.doubles([count, 2], rows), "x.npy")
      try folder.write(RunFile.integers((0..<count).map { $0 % 2 }), "y.npy")
      try folder.write(RunFile.gzip(folder.bytes("x.npy")), "x.npy.gz")
      var sentences: Set<Substring> = []
      for (file, ranks) in [("x.npy", 1), ("x.npy", 2), ("x.npy", 3), ("x.npy.gz", 2)] {
        let result = try run(
          [
            "kmeans", "--data", folder.file(file), "--clusters", "3", "--max-iterations", "3",
            "--out", folder.file("c"), "--overwrite",
          ], ranks: ranks)
        sentences.formUnion(
          result.error.split(separator: "\n").filter { $0.contains("rounding to float32 leaves") })
        XCTAssertEqual(sentences.count, isNamed ? 1 : 0, "\(name), N=\(ranks): \(result.error)")
      }
      let net = try train(folder, ["--epochs", "1"], ranks: 2)
      XCTAssertEqual(net.error.contains("rounding to float32 leaves"), isNamed, net.error)
    }
  }

  /// Nothing follows from a column that was the same in all training rows.
  func testConstantColumnsAreIgnored() throws {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 13)
    let signal = (0..<200).map { _ in numbers.float() }
    try folder.write(RunFile.integers(signal.map { $0 > 0 ? 1 : 0 }), "y.npy")
    var predictions: [[UInt8]] = []
    for (year, name) in [(Float(2024), "x.npy"), (2026, "later.npy")] {
      try folder.write(RunFile.floats([200, 2], signal.flatMap { [$0, year] }), name)
      if name == "x.npy" { _ = try train(folder, ["--epochs", "3"]) }
      _ = try run([
        "predict", "--model", folder.file("run"), "--data", folder.file(name), "--predict",
        "probabilities", "--output", folder.file("p.npy"),
      ])
      predictions.append(try folder.bytes("p.npy"))
    }
    XCTAssertEqual(predictions[0], predictions[1])
  }

  func testTrainingsOfFewStepsThatDivergeAreRefused() throws {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 14)
    let signal = (0..<300).map { _ in numbers.float() }
    try folder.write(RunFile.floats([300, 1], signal), "x.npy")
    try folder.write(RunFile.floats([300], signal), "y.npy")
    let rate = ["--optimizer", "adam", "--learning-rate"]
    _ = try train(folder, rate + ["100", "--epochs", "5"], expecting: 5)
    let high = try train(folder, rate + ["0.3", "--epochs", "1"])
    XCTAssert(high.error.contains("times that of a prediction"), high.error)
  }

  func testAModelThatLearnedNothingIsNamed() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([90, 2], [Float](repeating: 1, count: 180)), "x.npy")
    try folder.write(RunFile.integers((0..<90).map { $0 % 3 == 0 ? 1 : 0 }), "y.npy")
    let result = try train(folder)
    XCTAssert(
      result.error.contains("name always the largest class (66.7 % of the rows)"), result.error)
    try folder.write(RunFile.integers([Int](repeating: 0, count: 90)), "y.npy")
    let constant = try train(folder)
    XCTAssert(constant.error.contains("all targets are the same"), constant.error)
  }

  func testARunThatEndsFarAboveAConstantPredictionHasDiverged() throws {
    let folder = try folder { a, b in a * b }
    let result = try train(
      folder,
      ["--optimizer", "sgd", "--learning-rate", "100", "--gradient", "sum", "--epochs", "30"],
      expecting: 5)
    XCTAssert(result.error.contains("diverged"), result.error)
    XCTAssert(result.error.contains("--gradient mean"), result.error)
    XCTAssert(result.error.contains("(now 100.0"), result.error)
    XCTAssertFalse(result.error.contains("--scale standard"), result.error)
    XCTAssertFalse(folder.has("run/summary.json"))
  }

  func testColumnsOfVeryDifferentRangesAreNamed() throws {
    let folder = try folder { a, _ in a > 0 ? 1 : 0 }
    let clustered = try Program.run([
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "2", "--out", folder.file("centers"),
    ])
    XCTAssert(clustered.error.contains("--scale standard"), clustered.error)
    let unscaled = try train(folder, ["--scale", "none"], expecting: 5)
    XCTAssert(unscaled.error.contains("column 0 (counted from 0)"), unscaled.error)
    XCTAssert(unscaled.error.contains("diverged; give --scale standard"), unscaled.error)
    XCTAssertFalse(try train(folder).error.contains("column 0"))
  }

  func testEarlyStoppingWithoutRowsToWatch() throws {
    let folder = try folder { a, _ in a > 0 ? 1 : 0 }
    _ = try train(
      folder, ["--early-stop", "2", "--min-improvement", "0.01", "--evaluate-every", "1"])
    XCTAssertEqual(try folder.json("run/summary.json")["stopped"] as? String, "early-stop")
    _ = try train(folder, ["--min-improvement", "0.01"], expecting: 2)
  }
}

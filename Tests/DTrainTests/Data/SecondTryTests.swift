import Launching
import XCTest

/// What people try next, in files that are nearly what is meant: a useless model, or a result of something else, never
/// comes without a word.
final class SecondTryTests: XCTestCase {
  /// Rows of two columns that differ in the first, as `x.npy`; what the first column is.
  private func rows(_ folder: RunFolder, _ count: Int = 200) throws -> [Double] {
    var numbers = SeededNumbers(seed: 12)
    let signal = (0..<count).map { _ in Double(numbers.float()) }
    try folder.write(
      RunFile.doubles([count, 2], signal.flatMap { [$0, Double(numbers.float())] }), "x.npy")
    return signal
  }

  /// What training on `x.npy` and `y.npy` says on standard error.
  private func train(
    _ folder: RunFolder, _ more: [String] = [], expecting status: Int32 = 0,
    line: UInt = #line
  ) throws -> String {
    try run(
      [
        "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--out",
        folder.file("run"), "--overwrite",
      ] + more, expecting: status, line: line
    ).error
  }

  // MARK: - Useless models

  func testAUselessModelOfFewStepsIsNamed() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    let slow = ["--learning-rate", "1e-9", "--epochs", "2"]
    let forms: [(name: String, bytes: [UInt8], rival: String)] = [
      ("classes", RunFile.integers(signal.map { $0 > 0 ? 1 : 0 }), "to "),
      ("numbers", RunFile.doubles([200], signal), "predict always the mean"),
      (
        "labels",
        RunFile.npy("|u1", [200, 2], signal.flatMap { [$0 > 0 ? 1 : 0, $0 > 0.5 ? 1 : 0] }),
        "give all rows the same probabilities"
      ),
    ]
    try folder.write(
      RunFile.doubles([200], signal.indices.map { Double($0 % 3 + 1) }), "w.npy")
    for form in forms {
      try folder.write(form.bytes, "y.npy")
      for weights in [[], ["--weights", folder.file("w.npy")]] {
        let few = try train(folder, slow + weights)
        XCTAssert(few.contains("does no better on its training rows"), "\(form.name): \(few)")
        XCTAssert(few.contains(form.rival) && few.contains("give more --epochs"), few)
        let many = try train(folder, ["--learning-rate", "1e-9", "--epochs", "40"] + weights)
        XCTAssert(many.contains("does no better on its training rows"), "\(form.name): \(many)")
        let good = try train(folder, ["--epochs", "8", "--learning-rate", "0.02"] + weights)
        XCTAssertFalse(good.contains("no better"), "\(form.name): \(good)")
      }
    }
  }

  func testAGoodModelOfFewStepsIsNot() throws {
    let folder = try RunFolder()
    try RunData.writeMNIST(folder, "images", train: 2000, test: 100)
    let result = try run([
      "mlp", "--data", folder.file("images"), "--epochs", "2", "--out", folder.file("run"),
    ])
    XCTAssertFalse(result.error.contains("warning"), result.error)
  }

  func testRowsThatAreAllTheSameAreNamed() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    try folder.write(
      RunFile.doubles([200, 2], signal.flatMap { [1 + 1e-60 * $0, 5] }), "x.npy")
    try folder.write(RunFile.integers(signal.map { $0 > 0 ? 1 : 0 }), "y.npy")
    let error = try train(folder, ["--epochs", "2"])
    XCTAssert(error.contains("no column of \(folder.file("x.npy")) varies"), error)
  }

  func testAdviceBeginsWithTheScaleThatIsMissing() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    try folder.write(RunFile.doubles([200], signal.map { $0 * 1e8 }), "y.npy")
    let error = try train(
      folder, ["--target-scale", "none", "--optimizer", "sgd"], expecting: 5)
    XCTAssert(error.contains("diverged; give --target-scale standard"), error)
  }

  // MARK: - Targets of floats

  func testWhatTargetsAreIsDecidedBeforeTheyAreRounded() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    for base in [1.0, 2] {
      try folder.write(RunFile.doubles([200], signal.map { base + 1e-9 * $0 }), "y.npy")
      let error = try train(folder, ["--epochs", "30"])
      XCTAssertEqual(try folder.json("run/config.json")["targets"] as? String, "numbers", error)
      XCTAssertFalse(error.contains("whole numbers"), error)
    }
    try folder.write(
      RunFile.doubles([200, 2], signal.flatMap { [1 + 1e-9 * $0, $0 > 0 ? 1 : 0] }), "y.npy")
    _ = try train(folder, ["--epochs", "30"])
    XCTAssertEqual(try folder.json("run/config.json")["targets"] as? String, "numbers")
  }

  func testTargetsThatAreTooSmallAreRefused() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    for (size, words) in [
      (1e-41, "below 1e-38"), (1e-60, "0 as float32"), (1e-300, "0 as float32"),
    ] {
      try folder.write(RunFile.doubles([200], signal.map { $0 * size }), "y.npy")
      let error = try train(folder, expecting: 3)
      XCTAssert(error.contains(words) && error.contains("multiply them"), error)
    }
  }

  func testColumnsThatAreTooSmallAreToBeMultiplied() throws {
    let folder = try RunFolder()
    let signal = try rows(folder, 900)
    try folder.write(
      RunFile.doubles([900, 2], signal.flatMap { [1e-43 * $0, $0] }), "x.npy")
    let error = try run([
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "2", "--out", folder.file("run"),
    ]).error
    XCTAssert(error.contains("below 1e-38; multiply the column first"), error)
  }

  func testWeightsThatAreTooSmallAreRefused() throws {
    let folder = try RunFolder()
    _ = try rows(folder)
    for (size, words) in [(1e-41, "below 1e-38"), (1e-60, "0 as float32")] {
      try folder.write(
        RunFile.doubles([200], (0..<200).map { Double($0 % 3 + 1) * size }), "w.npy")
      let error = try run(
        [
          "kmeans", "--data", folder.file("x.npy"), "--clusters", "2", "--weights",
          folder.file("w.npy"), "--out", folder.file("run"),
        ], expecting: 3
      ).error
      XCTAssert(error.contains(words) && error.contains("multiply them"), error)
    }
  }

  func testNumbersInMessagesAreThoseOfTheFile() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    try folder.write(
      RunFile.npy(
        "<i8", [200, 2], signal.flatMap { _ in RunFile.little(Int64(3)) + RunFile.little(Int64(0)) }
      ),
      "y.npy")
    let counts = try train(folder, ["--targets", "labels"], expecting: 3)
    XCTAssert(counts.contains("3 in row 0, column 0"), counts)
    try folder.write(RunFile.integers(signal.map { $0 > 0 ? 1 : 0 }), "y.npy")
    _ = try train(folder, ["--epochs", "8"])
    try folder.write(RunFile.doubles([200], signal), "z.npy")
    let scored = try run(
      [
        "evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--labels",
        folder.file("z.npy"),
      ], expecting: 3)
    XCTAssert(scored.error.contains("the model predicts classes, 0 to 1, but"), scored.error)
    XCTAssert(scored.error.contains("holds numbers"), scored.error)
  }

  // MARK: - Files that are overwritten, or not those of a run

  func testAnExportIsWrittenOverNothingElse() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    let labels = RunFile.integers(signal.map { $0 > 0 ? 1 : 0 })
    try folder.write(
      RunFile.npz([("x.npy", try folder.bytes("x.npy")), ("y.npy", labels)]), "d.npz")
    _ = try run([
      "mlp", "--data", folder.file("d.npz"), "--epochs", "8", "--out", folder.file("run"),
    ])
    let before = try folder.bytes("d.npz")
    for (output, words) in [("d.npz", "which the run read"), ("x.npy", "ends in .npz")] {
      let refused = try run(
        [
          "export", folder.file("run"), "--to", "npz", "--output", folder.file(output),
        ], expecting: 2)
      XCTAssert(refused.error.contains(words), refused.error)
    }
    XCTAssertEqual(try folder.bytes("d.npz"), before)
    _ = try run([
      "export", folder.file("run"), "--to", "npz", "--output", folder.file("m.npz"),
    ])
  }

  func testCentersSayHowTheyAreUsed() throws {
    let folder = try RunFolder()
    _ = try rows(folder)
    for (name, clusters) in [("run", "3"), ("other", "4")] {
      _ = try run([
        "kmeans", "--data", folder.file("x.npy"), "--clusters", clusters, "--scale", "standard",
        "--out", folder.file(name),
      ])
    }
    try folder.write(try folder.bytes("run/centers.npy"), "alone/c.npy")
    for (model, isKnown) in [("run", true), ("alone/c.npy", false)] {
      let scored = try run([
        "evaluate", "--model", folder.file(model), "--data", folder.file("x.npy"), "--output",
        folder.file("e.json"),
      ])
      let report = try folder.json("e.json")
      XCTAssert(scored.output.contains(isKnown ? "(l2, scaled: standard)" : "(l2, unscaled)"))
      XCTAssertEqual(scored.error.contains("has no config.json beside it"), !isKnown)
      XCTAssertEqual(report["config"] is String, isKnown)
    }
    try folder.write(try folder.bytes("other/config.json"), "run/config.json")
    let refused = try run(
      ["evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy")], expecting: 3)
    XCTAssert(refused.error.contains("is that of 4 centers of 2 columns"), refused.error)
  }

  func testARunIsNamedWithoutASlash() throws {
    let folder = try RunFolder()
    _ = try rows(folder)
    let kmeans = ["kmeans", "--data", folder.file("x.npy"), "--clusters", "3", "--out"]
    _ = try run(kmeans + [folder.file("k1")])
    var job = MPIJob(
      1, "dtrain", ["kmeans", "--data", "x.npy", "--clusters", "3", "--init", "k1", "--out", "k2"])
    job.preludes[0] = "cd \(folder.path)"
    let begun = try run(job, "a run as first centers")
    XCTAssertEqual(begun.exitCode, 0, begun.errors)
    XCTAssertEqual(try folder.bytes("k1/centers.npy"), try folder.bytes("k2/centers.npy"))
    let wrong = try run(kmeans + [folder.file("k3"), "--init", "kmeans"], expecting: 2)
    XCTAssert(wrong.error.contains("the directory of a run"), wrong.error)
  }

  // MARK: - Archives

  func testWhatAnArchiveHoldsIsNamed() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    let (x, y) = (try folder.bytes("x.npy"), RunFile.integers(signal.map { $0 > 0 ? 1 : 0 }))
    let clusters = [
      "kmeans", "--clusters", "2", "--out", folder.file("k"), "--overwrite", "--data",
    ]
    for name in ["labels", "y", "Target"] {
      try folder.write(RunFile.npz([("\(name).npy", y)]), "l.npz")
      let refused = try run(clusters + [folder.file("l.npz")], expecting: 3)
      XCTAssert(refused.error.contains("holds labels alone"), refused.error)
      XCTAssertFalse(refused.error.contains("data:target"), refused.error)
      try folder.write(y, "y.npy")
      _ = try run([
        "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("l.npz"), "--epochs", "2",
        "--out", folder.file("run"), "--overwrite",
      ])
    }
    try folder.write(RunFile.npz([("x.npy", x), ("labels.npy", y)]), "xl.npz")
    let unnamed = try run(["mlp", "--data", folder.file("xl.npz")], expecting: 2)
    XCTAssert(unnamed.error.contains("its members are x, labels"), unnamed.error)
    try folder.write(RunFile.npz([("a:b.npy", x), ("c.npy", y), ("d.npy", y)]), "colon.npz")
    let colon = try run(clusters + [folder.file("colon.npz")], expecting: 3)
    XCTAssert(colon.error.contains("takes no name with a colon"), colon.error)
    _ = try run(clusters + [folder.file("colon.npz:a:b")])
    try folder.write(
      RunFile.npz(["indices", "indptr", "format", "shape", "data"].map { ("\($0).npy", y) }),
      "sparse.npz")
    for command in [clusters, ["mlp", "--data"]] {
      let sparse = try run(command + [folder.file("sparse.npz")], expecting: 3)
      XCTAssert(sparse.error.contains("matrix.toarray()"), sparse.error)
    }
  }

  // MARK: - Lists of files

  func testFilesInTheOrderOfAShellAreNamed() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    for part in [1, 2, 10] {
      try folder.write(try folder.bytes("x.npy"), "q-\(part).npy")
      try folder.write(RunFile.doubles([200], [Double](repeating: 1, count: 200)), "w-\(part).npy")
    }
    let labels = signal.map { $0 > 0 ? 1 : 0 }
    try folder.write(RunFile.integers(labels + labels + labels), "y.npy")
    try folder.write(RunFile.doubles([600], (0..<600).map { Double($0 % 2 + 1) }), "w.npy")
    func files(_ name: String, _ parts: [Int]) -> [String] {
      parts.map { folder.file("\(name)-\($0).npy") }
    }
    for (data, isNamed) in [
      (files("q", [1, 10, 2]), true), (files("q", [1, 2, 10]), false),
      (files("q", [2, 1, 10]), false), ([folder.file("q-*.npy")], false),
    ] {
      let net = try run(
        ["mlp", "--epochs", "2", "--out", folder.file("run"), "--overwrite", "--data"] + data + [
          "--labels", folder.file("y.npy"),
        ])
      let clusters = try run(
        ["kmeans", "--clusters", "2", "--out", folder.file("k"), "--overwrite", "--data"] + data
          + ["--weights", folder.file("w.npy")])
      for error in [net.error, clusters.error] {
        XCTAssertEqual(error.contains("quote the pattern for natural order"), isNamed, error)
      }
    }
    // Weights in as many files.
    let all = ["--weights"] + files("w", [1, 2, 10])
    _ = try run(
      ["kmeans", "--clusters", "2", "--out", folder.file("k"), "--overwrite", "--data"]
        + files("q", [1, 2, 10]) + all)
    _ = try run(
      ["mlp", "--epochs", "2", "--out", folder.file("run"), "--overwrite", "--data"]
        + files("q", [1, 2, 10]) + ["--labels", folder.file("y.npy")] + all)
    _ = try run(
      ["evaluate", "--model", folder.file("run"), "--data"] + files("q", [1, 2, 10]) + [
        "--labels", folder.file("y.npy"),
      ] + all)
    _ = try run(["mlp", "--resume", folder.file("run"), "--epochs", "3"])
  }

  // MARK: - What is shown

  func testNumbersOfClassesAreNamed() throws {
    let folder = try RunFolder()
    let text =
      "a,b,kind\n" + (0..<60).map { "\($0 % 2),\($0),\($0 % 2 == 0 ? "cat" : "dog")\n" }.joined()
    try folder.write(Array(text.utf8), "t.csv")
    _ = try run([
      "mlp", "--data", folder.file("t.csv"), "--target", "kind", "--epochs", "10", "--out",
      folder.file("run"),
    ])
    let predicted = try run([
      "predict", "--model", folder.file("run"), "--data", folder.file("t.csv"), "--output",
      folder.file("p.npy"),
    ])
    XCTAssert(predicted.output.contains("classes: 0 = cat, 1 = dog"), predicted.output)
  }

  func testOptionsOfTheOptimizerThatIsChosenAreTaken() throws {
    let folder = try RunFolder()
    let signal = try rows(folder)
    try folder.write(RunFile.integers(signal.map { $0 > 0 ? 1 : 0 }), "y.npy")
    _ = try train(folder, ["--beta2", "0.9", "--epochs", "8"])
    let configuration = try folder.json("run/config.json")
    XCTAssertEqual(configuration["optimizer"] as? String, "adamw")
    XCTAssertEqual(configuration["beta2"] as? Double, 0.9)
    try RunData.writeMNIST(folder, "images", train: 10_000, test: 10)
    let refused = try run(
      ["mlp", "--data", folder.file("images"), "--beta2", "0.9", "--out", folder.file("i")],
      expecting: 2)
    XCTAssert(refused.error.contains("has no effect with --optimizer sgd"), refused.error)
  }

  func testLargeIntegersAreShownWithAllDigits() throws {
    let folder = try RunFolder()
    let values = [9_007_199_254_740_993, 1_700_000_000_123_456_789, -9_223_372_036_854_775_807]
    try folder.write(RunFile.integers(values), "i.npy")
    let info = try run(["info", folder.file("i.npy")]).output
    XCTAssert(info.contains("-9223372036854775807"), info)
    XCTAssert(info.contains("1700000000123456789"), info)
  }
}

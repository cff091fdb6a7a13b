import Launching
import XCTest

/// What people do first, with files as they have them: nothing is taken for something else without a word.
final class FirstTryTests: XCTestCase {
  /// Rows of three columns around one center for each class, and their labels.
  private func blobs(_ rows: Int, first: Int = 0) -> (rows: [Float], labels: [Int]) {
    let labels = (first..<first + rows).map { $0 % 3 }
    let values = labels.enumerated().flatMap { index, label -> [Float] in
      let noise = Float((index * 7919 + first) % 101) / 101 - 0.5
      return [Float(label) * 4 + noise, Float(label) - noise, noise * 2]
    }
    return (values, labels)
  }

  // MARK: - Lists of files

  func testFilesAreReadInTheOrderGiven() throws {
    let folder = try RunFolder()
    let (b, a) = (blobs(60), blobs(90, first: 1))
    try folder.write(RunFile.floats([60, 3], b.rows), "healthy.npy")
    try folder.write(RunFile.floats([90, 3], a.rows), "faulty.npy")
    try folder.write(RunFile.integers(b.labels + a.labels), "y.npy")
    let files = [folder.file("healthy.npy"), folder.file("faulty.npy")]
    _ = try run(
      ["mlp", "--data"] + files + ["--labels", folder.file("y.npy"), "--out", folder.file("run")])
    XCTAssertEqual(try folder.json("run/summary.json")["train_accuracy"] as? Double, 1)
  }

  func testPatternsAreReadInNaturalOrder() throws {
    let folder = try RunFolder()
    var labels: [Int] = []
    for part in 0..<12 {
      let rows = blobs(9 + part, first: part)
      try folder.write(RunFile.floats([9 + part, 3], rows.rows), "x-\(part).npy")
      try folder.write(RunFile.integers(rows.labels), "y-\(part).npy")
      labels += rows.labels
    }
    try folder.write(RunFile.integers(labels), "y.npy")
    for targets in [folder.file("y.npy"), folder.file("y-*.npy")] {
      _ = try run([
        "mlp", "--data", folder.file("x-*.npy"), "--labels", targets, "--out", folder.file("run"),
        "--overwrite",
      ])
      XCTAssertEqual(try folder.json("run/summary.json")["train_accuracy"] as? Double, 1, targets)
    }
  }

  func testListsThatDoNotPairUpAreRefused() throws {
    let folder = try RunFolder()
    for (name, count) in [("a", 30), ("b", 60)] {
      try folder.write(RunFile.floats([count, 3], blobs(count).rows), "\(name).npy")
      try folder.write(RunFile.integers(blobs(count).labels), "y-\(name).npy")
      try folder.write(
        RunFile.floats([count], [Float](repeating: 1, count: count)), "w-\(name).npy")
    }
    let data = ["--data", folder.file("a.npy"), folder.file("b.npy")]
    let labels = ["--labels", folder.file("y-b.npy"), folder.file("y-a.npy")]
    let wrong = try run(["mlp"] + data + labels + ["--out", folder.file("run")], expecting: 3)
    XCTAssert(wrong.error.contains("a.npy has 30 rows"), wrong.error)
    XCTAssert(wrong.error.contains("y-b.npy"), wrong.error)
    XCTAssert(wrong.error.contains("same order"), wrong.error)
  }

  // MARK: - Archives

  func testAnArchiveWithoutRowsIsNotTrainedOnItsLabels() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(
      RunFile.npz([
        ("y.npy", RunFile.integers(rows.labels)),
        ("features.npy", RunFile.floats([60, 3], rows.rows)),
      ]), "d.npz")
    for command in [["mlp"], ["kmeans", "--clusters", "2"]] {
      let refused = try run(
        command + ["--data", folder.file("d.npz"), "--out", folder.file("run")], expecting: 3)
      XCTAssert(refused.error.contains("y, features"), refused.error)
      XCTAssert(refused.error.contains("--member ROWS:LABELS, such as features:y"), refused.error)
    }
    _ = try run([
      "mlp", "--data", folder.file("d.npz"), "--member", "features:y", "--out", folder.file("run"),
    ])
    XCTAssertEqual(try folder.json("run/summary.json")["train_accuracy"] as? Double, 1)
    _ = try run(["mlp", "--resume", folder.file("run"), "--epochs", "2000"])
    let missing = try run(
      ["mlp", "--data", folder.file("d.npz"), "--member", "features:labels"], expecting: 3)
    XCTAssert(missing.error.contains("no member labels"), missing.error)
    for wrong in ["a:b:c:d:e", "", "a:", "a:a"] {
      _ = try run(["mlp", "--data", folder.file("d.npz"), "--member", wrong], expecting: 2)
    }
  }

  func testAnArchiveOfLabelsAloneIsNotTrainedOn() throws {
    let folder = try RunFolder()
    for name in ["y", "Y", "y_train", "y_test"] {
      try folder.write(RunFile.npz([("\(name).npy", RunFile.integers([0, 1, 0, 1]))]), "y.npz")
      for command in [["mlp"], ["kmeans", "--clusters", "2"]] {
        let refused = try run(command + ["--data", folder.file("y.npz")], expecting: 3)
        XCTAssert(refused.error.contains("has no member x"), refused.error)
      }
    }
  }

  func testAnArchiveOfAnyNamesIsDescribed() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(
      RunFile.npz([
        ("features.npy", RunFile.floats([60, 3], rows.rows)),
        ("target.npy", RunFile.integers(rows.labels)),
        ("names.npy", RunFile.npy("<U3", [2], [UInt8](repeating: 65, count: 24))),
      ]), "d.npz")
    let info = try run(["info", folder.file("d.npz")]).output
    for words in ["features", "[60, 3]", "target", "int64", "members without numbers"] {
      XCTAssert(info.contains(words), info)
    }
    // Labels of an archive beside rows that are none.
    try folder.write(RunFile.floats([60, 3], rows.rows), "x.npy")
    _ = try run([
      "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("d.npz"), "--member",
      ":target", "--out", folder.file("run"),
    ])
    XCTAssertEqual(try folder.json("run/summary.json")["train_accuracy"] as? Double, 1)
  }

  // MARK: - A model of other rows

  func testRowsInOtherUnitsAreNamed() throws {
    let folder = try RunFolder()
    let rows = blobs(300)
    try folder.write(RunFile.floats([300, 3], rows.rows), "x.npy")
    try folder.write(RunFile.floats([300, 3], rows.rows.map { $0 * 1000 }), "thousands.npy")
    try folder.write(RunFile.integers(rows.labels), "y.npy")
    _ = try run([
      "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--out",
      folder.file("net"),
    ])
    for ranks in [nil, 3] {
      for (name, isNamed) in [("x", false), ("thousands", true)] {
        let data = ["--model", folder.file("net"), "--data", folder.file("\(name).npy")]
        let predicted = try run(
          ["predict"] + data + ["--output", folder.file("p.npy")], ranks: ranks)
        let scored = try run(
          ["evaluate"] + data + ["--labels", folder.file("y.npy")], ranks: ranks)
        for error in [predicted.error, scored.error] {
          XCTAssertEqual(
            error.contains("check that the columns have the same order and units"), isNamed, error)
        }
        let trained = try run(
          [
            "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--test-data",
            folder.file("\(name).npy"), "--test-labels", folder.file("y.npy"), "--epochs", "1",
            "--overwrite", "--out", folder.file("other"),
          ], ranks: ranks)
        XCTAssertEqual(
          trained.error.contains("check that the columns have the same order and units"), isNamed,
          trained.error)
      }
    }
  }

  /// Rows that are read twice, or not at all, and a class that no row is left of.
  func testRowsThatDoNotCountOnceAreNamed() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(RunFile.floats([60, 3], rows.rows), "x1.npy")
    try folder.write(RunFile.floats([60, 3], rows.rows), "x2.npy")
    let clusters = ["kmeans", "--clusters", "2", "--overwrite", "--out", folder.file("run")]
    let twice = try run(clusters + ["--data", folder.file("x*.npy"), folder.file("x2.npy")])
    XCTAssert(twice.error.contains("x2.npy is read twice"), twice.error)
    try folder.write(Array("a,b\n1,2\n3,\n4,5\nNA,\n7,9\n".utf8), "t.csv")
    for ranks in [nil, 2] {
      let table = try run(
        clusters + ["--data", folder.file("t.csv"), "--missing", "drop"], ranks: ranks)
      XCTAssert(table.error.contains("2 rows of 5 are left out"), table.error)
    }
    try folder.write(RunFile.integers((0..<60).map { $0 == 59 ? 2 : $0 % 2 }), "y.npy")
    // The fraction that is held out of all rows before it makes the last row one of them, or not.
    for (validation, isNamed) in [("0.1", true), ("0.34", false)] {
      for ranks in [nil, 3] {
        let trained = try run(
          [
            "mlp", "--data", folder.file("x1.npy"), "--labels", folder.file("y.npy"),
            "--validation", validation, "--epochs", "1", "--overwrite", "--out", folder.file("net"),
          ], ranks: ranks)
        XCTAssertEqual(
          trained.error.contains("no row of class 2 is trained on"), isNamed, trained.error)
      }
    }
  }

  func testSeveralLabelsAreNoAccuracy() throws {
    let folder = try RunFolder()
    let rows = blobs(300)
    try folder.write(RunFile.floats([300, 3], rows.rows), "x.npy")
    try folder.write(
      RunFile.npy("|u1", [300, 2], rows.labels.flatMap { [$0 > 0 ? 1 : 0, $0 > 1 ? 1 : 0] }),
      "y.npy")
    let result = try run([
      "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "30",
      "--out", folder.file("net"),
    ])
    XCTAssert(result.output.contains("train all labels right"), result.output)
    XCTAssertFalse(result.output.contains("accuracy"), result.output)
  }

  // MARK: - Results that would destroy what they are made from

  func testNoOutputOverAnInput() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(RunFile.floats([60, 3], rows.rows), "x.npy")
    try folder.write(RunFile.integers(rows.labels), "y.npy")
    _ = try run([
      "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "1",
      "--out", folder.file("net"),
    ])
    _ = try run([
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "3", "--out", folder.file("centers"),
    ])
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link.npy"), withDestinationPath: folder.file("x.npy"))
    let before = try folder.bytes("x.npy")
    for (model, output) in [
      ("net", "x.npy"), ("net", "link.npy"), ("centers", "centers/centers.npy"),
      ("centers/centers.npy", "centers/centers.npy"), ("net", "centers/labels.npy"),
    ] {
      let refused = try run(
        [
          "predict", "--model", folder.file(model), "--data", folder.file("x.npy"), "--output",
          folder.file(output),
        ], expecting: 2)
      XCTAssert(refused.error.contains("name another "), refused.error)
    }
    for output in ["net/config.json", "net/checkpoints/step-000000000004/manifest.json"] {
      let refused = try run(
        [
          "evaluate", "--model", folder.file("net"), "--data", folder.file("x.npy"), "--labels",
          folder.file("y.npy"), "--output", folder.file(output),
        ], expecting: 2)
      XCTAssert(refused.error.contains("file of the run"), refused.error)
    }
    XCTAssertEqual(try folder.bytes("x.npy"), before)
    _ = try run([
      "predict", "--model", folder.file("net"), "--data", folder.file("x.npy"), "--output",
      folder.file("net/predictions.npy"),
    ])
  }

  func testNumberedFilesAreNotPairedInAnotherOrder() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    for part in 1...3 {
      try folder.write(
        RunFile.floats([20, 3], Array(rows.rows[(part - 1) * 60..<part * 60])), "x\(part).npy")
      try folder.write(
        RunFile.integers(Array(rows.labels[(part - 1) * 20..<part * 20])), "y\(part).npy")
    }
    func train(_ data: [Int], _ labels: [Int], _ status: Int32) throws -> String {
      try run(
        ["mlp", "--epochs", "1", "--quiet", "--out", folder.file("run"), "--overwrite", "--data"]
          + data.map { folder.file("x\($0).npy") } + ["--labels"]
          + labels.map { folder.file("y\($0).npy") }, expecting: status
      ).error
    }
    let error = try train([1, 3, 2], [1, 2, 3], 3)
    XCTAssert(error.contains("x3.npy would be paired with"), error)
    for order in [[1, 2, 3], [3, 1, 2]] { _ = try train(order, order, 0) }
  }

  func testNoRunReplacesWhatItReads() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(RunFile.floats([60, 3], rows.rows), "x.npy")
    let data = ["--data", folder.file("x.npy")]
    _ = try run(
      ["kmeans"] + data + ["--clusters", "3", "--save-labels", "--out", folder.file("centers")])
    let labels = data + ["--labels", folder.file("centers/labels.npy")]
    _ = try run(["mlp"] + labels + ["--epochs", "1", "--out", folder.file("net")])
    for (arguments, out) in [
      (["mlp"] + labels, "centers"),
      (["kmeans"] + data + ["--clusters", "3", "--init", folder.file("centers")], "centers"),
      (["kmeans", "--clusters", "2", "--data", folder.file("centers/centers.npy")], "centers"),
      (["mlp"] + labels + ["--init-model", folder.file("net/model.safetensors")], "net"),
    ] {
      let before = try folder.files(in: out)
      let refused = try run(
        arguments + ["--out", folder.file(out), "--overwrite"], expecting: 2)
      XCTAssert(refused.error.contains("which the run reads"), refused.error)
      XCTAssertEqual(try folder.files(in: out), before)
    }
  }

  func testCentersWithoutTheirConfigurationAreRefused() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([60, 3], blobs(60).rows), "x.npy")
    _ = try run([
      "kmedians", "--data", folder.file("x.npy"), "--clusters", "3", "--scale", "standard", "--out",
      folder.file("run"),
    ])
    try FileManager.default.removeItem(atPath: folder.file("run/config.json"))
    for model in ["run", "run/centers.npy"] {
      let refused = try run(
        [
          "predict", "--model", folder.file(model), "--data", folder.file("x.npy"), "--output",
          folder.file("p.npy"),
        ], expecting: 3)
      XCTAssert(refused.error.contains("without its config.json"), refused.error)
    }
    for text in ["{}", "null", "{\"command\": \"mlp\"}"] {
      try folder.write(Array(text.utf8), "run/config.json")
      let refused = try run(
        [
          "predict", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--output",
          folder.file("p.npy"),
        ], expecting: 3)
      XCTAssert(refused.error.contains("does not say in which metric"), refused.error)
    }
    try folder.write(try folder.bytes("run/centers.npy"), "elsewhere/centers.npy")
    _ = try run([
      "predict", "--model", folder.file("elsewhere/centers.npy"), "--data", folder.file("x.npy"),
      "--output", folder.file("p.npy"),
    ])
  }

  func testARunWhoseFilesVanishEnds() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(RunFile.floats([60, 3], rows.rows), "x.npy")
    try folder.write(RunFile.integers(rows.labels), "y.npy")
    for (index, name) in ["config.json", "metrics.jsonl", "inputs.json"].enumerated() {
      let run = folder.file("run-\(index)")
      let words = """
        \(Program.path) mlp --data \(folder.file("x.npy")) --labels \(folder.file("y.npy")) --quiet \
        --epochs 1000000 --evaluate-every 1 --checkpoint-every 0.2s --out \(run) &
        until [ -s \(run)/metrics.jsonl ]; do sleep 0.05; done
        rm \(run)/\(name)
        wait $!
        """
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
      process.arguments = ["50", "/bin/sh", "-c", words]
      process.standardError = Pipe()
      try process.run()
      process.waitUntilExit()
      XCTAssertEqual(process.terminationStatus, 7, name)
    }
  }

  // MARK: - Weights

  func testWeightsThatAreAllTheSameChangeNothing() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([300, 3], blobs(300).rows), "x.npy")
    for weight: Float in [1, 3, 0.1] {
      try folder.write(
        RunFile.floats([300], [Float](repeating: weight, count: 300)), "w\(weight).npy")
    }
    for initial in ["random", "k-means++", "k-means-parallel"] {
      func centers(_ more: [String]) throws -> [UInt8] {
        _ = try run(
          [
            "kmeans", "--data", folder.file("x.npy"), "--clusters", "7", "--init", initial, "--out",
            folder.file("run"), "--overwrite",
          ] + more)
        return try folder.bytes("run/centers.npy")
      }
      let plain = try centers([])
      for weight in ["1.0", "3.0", "0.1"] {
        XCTAssertEqual(
          try centers(["--weights", folder.file("w\(weight).npy")]), plain, "\(initial), \(weight)")
      }
    }
  }

  func testTheUnitOfWeightsChangesNothing() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([300, 3], blobs(300).rows), "x.npy")
    let weights = (0..<300).map { Double($0 * 37 % 11) + 1 }
    let factors = [1, 3, 100, 1e-3, 1.1, 3.7]
    for factor in factors {
      try folder.write(RunFile.doubles([300], weights.map { $0 * factor }), "w\(factor).npy")
    }
    for (seed, initial) in ["random", "k-means++", "k-means-parallel"].enumerated() {
      let labels = try factors.map { factor -> [UInt8] in
        _ = try run([
          "kmeans", "--data", folder.file("x.npy"), "--clusters", "7", "--init", initial,
          "--seed", "\(seed)", "--save-labels", "--out", folder.file("run"), "--overwrite",
          "--weights", folder.file("w\(factor).npy"),
        ])
        return try folder.bytes("run/labels.npy")
      }
      for other in labels.dropFirst() { XCTAssertEqual(other, labels[0], initial) }
    }
  }

  // MARK: - Tables

  func testTablesOfPredictionsHaveAHeader() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(RunFile.floats([60, 3], rows.rows), "x.npy")
    try folder.write(RunFile.integers(rows.labels), "y.npy")
    _ = try run([
      "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--out",
      folder.file("net"),
    ])
    _ = try run([
      "kmeans", "--data", folder.file("x.npy"), "--clusters", "3", "--out", folder.file("centers"),
    ])
    for (model, kind, header) in [
      ("net", "labels", "prediction"), ("net", "probabilities", "class_0,class_1,class_2"),
      ("net", "outputs", "output_0,output_1,output_2"), ("centers", "labels", "cluster"),
      ("centers", "distances", "distance_0,distance_1,distance_2"),
    ] {
      for (more, first) in [([], header), (["--row-numbers"], "row,\(header)")] {
        _ = try run(
          [
            "predict", "--model", folder.file(model), "--data", folder.file("x.npy"), "--output",
            folder.file("p.csv"), "--predict", kind,
          ] + more, ranks: 2)
        let lines = String(decoding: try folder.bytes("p.csv"), as: UTF8.self).split(
          separator: "\n")
        XCTAssertEqual(lines.count, 61, kind)
        XCTAssertEqual(String(lines[0]), first)
        if !more.isEmpty { XCTAssert(lines[60].hasPrefix("59,"), String(lines[60])) }
      }
    }
    _ = try run(
      [
        "predict", "--model", folder.file("net"), "--data", folder.file("x.npy"), "--output",
        folder.file("p.npy"), "--row-numbers",
      ], expecting: 2)
  }

  func testProbabilitiesOfClassesAddUpToOne() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(RunFile.floats([60, 3], rows.rows), "x.npy")
    try folder.write(RunFile.integers(rows.labels), "y.npy")
    for loss in ["sigmoid-ce", "softmax-ce"] {
      _ = try run([
        "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "2",
        "--loss", loss, "--out", folder.file("net"), "--overwrite",
      ])
      _ = try run([
        "predict", "--model", folder.file("net"), "--data", folder.file("x.npy"), "--output",
        folder.file("p.csv"), "--predict", "probabilities",
      ])
      let lines = String(decoding: try folder.bytes("p.csv"), as: UTF8.self).split(separator: "\n")
      for line in lines.dropFirst() {
        let sum = line.split(separator: ",").reduce(0.0) { $0 + (Double($1) ?? .nan) }
        XCTAssertEqual(sum, 1, accuracy: 1e-6, loss)
      }
    }
  }

  // MARK: - Closed streams

  func testClosedStreamsDoNotMixWithTheFilesOfARun() throws {
    let folder = try RunFolder()
    let rows = blobs(60)
    try folder.write(RunFile.floats([60, 3], rows.rows), "x.npy")
    try folder.write(RunFile.integers(rows.labels), "y.npy")
    let words =
      "exec \(Program.path) mlp --data \(folder.file("x.npy")) --labels \(folder.file("y.npy")) "
      + "--progress lines --verbose --out \(folder.file("run")) <&- >&- 2>&-"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", words]
    try process.run()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0)
    let lines = String(decoding: try folder.bytes("run/metrics.jsonl"), as: UTF8.self)
      .split(separator: "\n")
    XCTAssertGreaterThan(lines.count, 10)
    for line in lines { XCTAssert(line.hasPrefix("{") && line.hasSuffix("}"), String(line)) }
  }
}

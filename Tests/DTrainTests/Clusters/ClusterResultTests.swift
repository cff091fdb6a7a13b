import Foundation
import Launching
import XCTest

/// Results known from elsewhere, through the built executable.
final class ClusterResultTests: XCTestCase {
  /// R. A. Fisher's irises (1936): sepal length and width, petal length and width in millimetres, two
  /// digits each.
  private static let irises = """
    51351402 49301402 47321302 46311502 50361402 54391704 46341403 50341502 44291402 49311501
    54371502 48341602 48301401 43301101 58401202 57441504 54391304 51351403 57381703 51381503
    54341702 51371504 46361002 51331705 48341902 50301602 50341604 52351502 52341402 47321602
    48311602 54341504 52411501 55421402 49311502 50321202 55351302 49361401 44301302 51341502
    50351303 45231303 44321302 50351606 51381904 48301403 51381602 46321402 53371502 50331402
    70324714 64324515 69314915 55234013 65284615 57284513 63334716 49243310 66294613 52273914
    50203510 59304215 60224010 61294714 56293613 67314414 56304515 58274110 62224515 56253911
    59324818 61284013 63254915 61284712 64294313 66304414 68284814 67305017 60294515 57263510
    55243811 55243710 58273912 60275116 54304515 60344516 67314715 63234413 56304113 55254013
    55264412 61304614 58264012 50233310 56274213 57304212 57294213 62294313 51253011 57284113
    63336025 58275119 71305921 63295618 65305822 76306621 49254517 73296318 67255818 72366125
    65325120 64275319 68305521 57255020 58285124 64325323 65305518 77386722 77266923 60225015
    69325723 56284920 77286720 63274918 67335721 72326018 62284818 61304918 64285621 72305816
    74286119 79386420 64285622 63285115 61265614 77306123 63345624 64315518 60304818 69315421
    67315624 69315123 58275119 68325923 67335725 67305223 63255019 65305220 62345423 59305118
    """

  private static let centimetres: [Float] = {
    let digits = irises.utf8.filter { $0 >= 48 }.map { Int($0) - 48 }
    return stride(from: 0, to: digits.count, by: 2).map {
      Float(digits[$0] * 10 + digits[$0 + 1]) / 10
    }
  }()

  /// The best three clusters of the irises, found from every seeding.
  func testIrises() throws {
    XCTAssertEqual(Self.centimetres.count, 600)
    let folder = try RunFolder()
    try folder.write(RunFile.floats([150, 4], Self.centimetres), "iris.npy")
    for (ranks, options) in [(1, ["--init", "random"]), (3, [])] {
      try cluster(
        ranks,
        ["--data", folder.file("iris.npy"), "--clusters", "3", "--restarts", "10"] + options
          + ["--tolerance", "0"],
        in: folder, name: "irises \(options.joined(separator: " "))")
      let summary = try folder.json("run/summary.json")
      let objective = try XCTUnwrap(summary["objective"] as? Double)
      // The measurements are rounded to float32.
      XCTAssertEqual(objective, 78.85144142614601, accuracy: 78.85 * 1e-7)
      XCTAssertEqual((summary["sizes"] as? [Int])?.sorted(), [38, 50, 62])
      XCTAssertEqual(summary["converged"] as? Bool, true)
    }
  }

  /// scikit-learn's case of weighted rows.
  func testWeights() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([4, 2], [0, 0, 0.5, 0, 0.5, 1, 1, 1]), "x.npy")
    try folder.write(RunFile.floats([4], [3, 1, 1, 3]), "weights.npy")
    try folder.write(RunFile.floats([2, 2], [0, 0, 1, 1]), "start.npy")
    try cluster(
      3,
      [
        "--data", folder.file("x.npy"), "--weights", folder.file("weights.npy"), "--clusters", "2",
        "--init", folder.file("start.npy"),
      ], in: folder, name: "weights")
    let centers = try folder.bytes("run/centers.npy")
    let expected = RunFile.floats([2, 2], [0.125, 0, 0.875, 1])
    XCTAssertEqual(centers.suffix(16), expected.suffix(16))
    let summary = try folder.json("run/summary.json")
    XCTAssertEqual(summary["objective"] as? Double, 0.375)
    XCTAssertEqual(summary["total_weight"] as? Double, 8)
    XCTAssertEqual(summary["sizes"] as? [Int], [2, 2])
    XCTAssertEqual(summary["iterations"] as? Int, 2)
  }

  /// MNIST from its first ten rows, 20 iterations: scikit-learn 1.9.1 ends with inertia 153071403790.29526 (Lloyd,
  /// float64, tol=0).
  func testDigits() throws {
    let folder = try RunFolder()
    let images = try RunFile.gunzip(
      [UInt8](Data(contentsOf: URL(fileURLWithPath: "Datasets/mnist/train-images-idx3-ubyte.gz"))))
    try folder.write(
      RunFile.floats([10, 784], images[16..<16 + 7840].map { Float($0) }), "start.npy")
    for (ranks, options) in [(1, []), (3, ["--pruning", "off"])] {
      try cluster(
        ranks,
        [
          "--data", "Datasets/mnist/train-images-idx3-ubyte.gz", "--clusters", "10", "--init",
          folder.file("start.npy"), "--max-iterations", "20", "--tolerance", "0",
        ] + options, in: folder, name: "digits")
      let summary = try folder.json("run/summary.json")
      XCTAssertEqual(summary["iterations"] as? Int, 20)
      // float32 centers.
      XCTAssertEqual(
        try XCTUnwrap(summary["objective"] as? Double), 153071403790.29526,
        accuracy: 153071403790 * 1e-7)
    }
  }

  /// scikit-learn's cases of clusters that lose their rows: a row of little weight moves, and of ten rows around
  /// three equal centers the two farthest.
  func testRelocations() throws {
    let folder = try RunFolder()
    for (name, rows, weights, start, expected) in [
      ("light row", [-1, 1], [1.9, 0.1], [-1, 10], [-1, 1]),
      (
        "equal centers", [-10, -9.5, -9, -8.5, -8, -1, 1, 9, 9.5, 10],
        [Float](repeating: 1, count: 10), [-10, -10, -10], [-4.5, 10, 9.5]
      ),
    ] as [(String, [Float], [Float], [Float], [Float])] {
      try folder.write(RunFile.floats([rows.count, 1], rows), "x.npy")
      try folder.write(RunFile.floats([rows.count], weights), "w.npy")
      try folder.write(RunFile.floats([start.count, 1], start), "start.npy")
      for ranks in [1, 3] {
        try cluster(
          ranks,
          [
            "--data", folder.file("x.npy"), "--weights", folder.file("w.npy"), "--clusters",
            "\(start.count)", "--init", folder.file("start.npy"), "--max-iterations", "1",
          ], in: folder, name: name)
        XCTAssertEqual(
          try folder.bytes("run/centers.npy").suffix(4 * start.count),
          RunFile.floats([start.count, 1], expected).suffix(4 * start.count), name)
      }
    }
  }

  /// scikit-learn's case of fewer distinct rows than clusters.
  func testDuplicates() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([4, 2], [0, 0, 0, 1, 1, 0, 1, 0]), "x.npy")
    let outcome = try cluster(
      2, ["--data", folder.file("x.npy"), "--clusters", "4"], in: folder, name: "duplicates")
    XCTAssertTrue(outcome.errors.contains("fewer distinct rows"), outcome.errors)
    let summary = try folder.json("run/summary.json")
    XCTAssertEqual(summary["objective"] as? Double, 0)
    XCTAssertEqual((summary["sizes"] as? [Int])?.sorted(), [0, 1, 1, 2])
  }

  /// One huge value, alone in its cluster, takes nothing from the others' objective; `evaluate` agrees.
  func testObjectiveBesideAHugeValue() throws {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 90)
    var values = (0..<20_000).map { _ in numbers.float() }
    values[2 * 777] = 1e15
    try folder.write(RunFile.floats([10_000, 2], values), "x.npy")
    try folder.write(RunFile.floats([2, 2], [0, 0, 1e15, 0]), "start.npy")
    for command in ["kmeans", "kmedians"] {
      try cluster(
        3,
        [
          "--data", folder.file("x.npy"), "--clusters", "2", "--init", folder.file("start.npy"),
          "--max-iterations", "5",
        ], in: folder, by: command, name: "huge value")
      let centers = try folder.bytes("run/centers.npy").suffix(16)
      let center = (0..<2).map { index -> Double in
        let bits = centers.dropFirst(4 * index).prefix(4).reversed().reduce(UInt32(0)) {
          $0 << 8 | UInt32($1)
        }
        return Double(Float(bitPattern: bits))
      }
      let expected = (0..<10_000).filter { $0 != 777 }.reduce(0.0) { total, row in
        (0..<2).reduce(total) {
          let difference = Double(values[2 * row + $1]) - center[$1]
          return $0 + (command == "kmeans" ? difference * difference : abs(difference))
        }
      }
      let summary = try folder.json("run/summary.json")
      XCTAssertEqual(
        try XCTUnwrap(summary["objective"] as? Double), expected, accuracy: 1e-6 * expected, command
      )
      let report = folder.file("e.json")
      let outcome = try run(
        MPIJob(
          2, "dtrain",
          [
            "evaluate", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--output",
            report,
          ]), "evaluate")
      XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
      XCTAssertEqual(
        try folder.json("e.json")["objective"] as? Double, summary["objective"] as? Double)
    }
  }

  /// Labels and distances of centers, against their definition, in pieces from several ranks.
  func testPredictions() throws {
    let folder = try RunFolder()
    let rows = (0..<500).map { Float($0 * 37 % 101) }
    try folder.write(RunFile.floats([250, 2], rows), "x.npy")
    let centers: [Float] = [0, 0, 50, 50, 100, 20]
    try folder.write(RunFile.floats([3, 2], centers), "c.npy")
    for (metric, ranks) in [("l2", 1), ("l1", 3)] {
      func predict(_ kind: String) throws -> [UInt8] {
        let outcome = try run(
          MPIJob(
            ranks, "dtrain",
            [
              "predict", "--model", folder.file("c.npy"), "--data", folder.file("x.npy"),
              "--metric",
              metric, "--predict", kind, "--output", folder.file("p.npy"),
            ]), "predict \(kind)")
        XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
        return try folder.bytes("p.npy")
      }
      let distances = (0..<250).map { row in
        (0..<3).map { center -> Float in
          let (a, b) = (
            Double(rows[2 * row] - centers[2 * center]),
            Double(rows[2 * row + 1] - centers[2 * center + 1])
          )
          return Float(metric == "l2" ? (a * a + b * b).squareRoot() : abs(a) + abs(b))
        }
      }
      XCTAssertEqual(
        try predict("distances").suffix(3000),
        RunFile.floats([250, 3], distances.flatMap { $0 }).suffix(3000), metric)
      let labels = distances.map { Int32($0.firstIndex(of: $0.min()!)!) }
      XCTAssertEqual(
        try predict("labels").suffix(1000),
        labels.flatMap { label in (0..<4).map { UInt8(truncatingIfNeeded: label >> (8 * $0)) } }[
          ...],
        metric)
    }
  }

  /// Distances of many columns, bytes and floats, in more pieces than one: the same file for any number of ranks, of nodes,
  /// and with ranks that have no rows.
  func testDistancesOfManyRanks() throws {
    let folder = try RunFolder()
    let pixels = (0..<3000 * 40).map { UInt8($0 * 131 % 251) }
    try folder.write(RunFile.floats([3000, 40], pixels.map { Float($0) }), "x.npy")
    try folder.write(RunFile.idx([3000, 40], pixels), "x-idx2-ubyte")
    try folder.write(RunFile.floats([2, 40], pixels.prefix(80).map { Float($0) }), "few.npy")
    try folder.write(
      RunFile.floats([70, 40], (0..<70 * 40).map { Float($0 * 17 % 509) / 2 }), "c.npy")
    func predict(_ ranks: Int, _ data: String, nodes: String? = nil) throws -> [UInt8] {
      var job = MPIJob(
        ranks, "dtrain",
        [
          "predict", "--model", folder.file("c.npy"), "--data", folder.file(data),
          "--predict", "distances", "--output", folder.file("p.npy"),
        ])
      job.environment["DTRAIN_PRETEND_NODES"] = nodes
      let outcome = try run(job, "distances of \(data)")
      XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
      return try folder.bytes("p.npy")
    }
    let expected = try predict(1, "x.npy")
    XCTAssertEqual(expected.count, 128 + 3000 * 70 * 4)
    XCTAssertEqual(try predict(2, "x-idx2-ubyte"), expected)
    XCTAssertEqual(try predict(3, "x.npy", nodes: "0,1"), expected)
    XCTAssertEqual(try predict(3, "x-idx2-ubyte", nodes: "0,1,2"), expected)
    let few = try predict(1, "few.npy")
    XCTAssertEqual(try predict(3, "few.npy"), few)
    XCTAssertEqual(try predict(3, "few.npy", nodes: "0,1"), few)
  }

  /// What is weighted is scored with its weights.
  func testWeightedEvaluation() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([4, 1], [0, 2, 10, 14]), "x.npy")
    try folder.write(RunFile.floats([4], [1, 3, 0, 2]), "w.npy")
    try folder.write(RunFile.floats([2, 1], [1, 12]), "c.npy")
    let outcome = try run(
      MPIJob(
        2, "dtrain",
        [
          "evaluate", "--model", folder.file("c.npy"), "--data", folder.file("x.npy"), "--weights",
          folder.file("w.npy"), "--output", folder.file("e.json"),
        ]), "weighted evaluation")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    XCTAssertEqual(try folder.json("e.json")["objective"] as? Double, 1 + 3 + 2 * 4)
  }

  /// scikit-learn's relocation case, in files: labels.npy holds int32, centers.npy float32.
  func testRelocation() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([4, 2], [0, 0, 0.5, 0, 0.5, 1, 1, 1]), "x.npy")
    try folder.write(RunFile.floats([2, 2], [0.5, 0.5, 3, 3]), "start.npy")
    let outcome = try cluster(
      2, ["--data", folder.file("x.npy"), "--clusters", "2", "--init", folder.file("start.npy")],
      in: folder, name: "relocation")
    XCTAssertTrue(
      outcome.errors.contains("dtrain: warning: an empty cluster took the row farthest"),
      outcome.errors)
    let centers = try folder.bytes("run/centers.npy")
    let expected = RunFile.floats([2, 2], [0.75, 1, 0.25, 0])
    XCTAssertEqual(centers.suffix(16), expected.suffix(16))
    let labels = try folder.bytes("run/labels.npy")
    XCTAssertEqual(labels.suffix(16), [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    XCTAssertTrue(String(decoding: labels.prefix(128), as: UTF8.self).contains("<i4"))
    let summary = try folder.json("run/summary.json")
    XCTAssertEqual(summary["objective"] as? Double, 0.25)
    XCTAssertEqual(summary["sizes"] as? [Int], [2, 2])
    XCTAssertEqual(summary["stopped"] as? String, "no row changed")
  }

  /// Five rows of which three are zeros: their medians are zeros, which Heat 1.8 makes 5. And what was clustered
  /// by L1 is scored by L1.
  func testMedians() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([5, 2], [0, 0, 0, 0, 0, 0, 4, 4, 6, 6]), "x.npy")
    try cluster(
      2, ["--data", folder.file("x.npy"), "--clusters", "1"], in: folder, by: "kmedians",
      name: "zero rows")
    XCTAssertEqual(
      try folder.bytes("run/centers.npy").suffix(8), RunFile.floats([1, 2], [0, 0]).suffix(8))
    let summary = try folder.json("run/summary.json")
    XCTAssertEqual(summary["objective"] as? Double, 20)
    XCTAssertEqual(summary["command"] as? String, "kmedians")
    // By another metric only apart from the run that says it.
    try folder.write(folder.bytes("run/centers.npy"), "alone/c.npy")
    for (model, options, objective, mean) in [
      ("run", [], 20.0, "mean_distance"), ("run", ["--metric", "l1"], 20, "mean_distance"),
      ("alone/c.npy", ["--metric", "l1"], 20, "mean_distance"),
      ("alone/c.npy", ["--metric", "l2"], 104, "mean_squared_distance"),
    ] {
      let figures = try evaluate(model, options, in: folder)
      XCTAssertEqual(figures["objective"] as? Double, objective)
      XCTAssertEqual(figures[mean] as? Double, objective / 5)
    }
    try checkContradiction("l2", made: "l1", in: folder)
  }

  /// What `dtrain evaluate` says of centers on the rows in `x.npy`.
  private func evaluate(
    _ model: String, _ options: [String] = [], in folder: RunFolder
  ) throws -> [String: Any] {
    let outcome = try run(
      MPIJob(
        2, "dtrain",
        [
          "evaluate", "--model", folder.file(model), "--data", folder.file("x.npy"), "--output",
          folder.file("report.json"),
        ] + options), "evaluate \(model) \(options)")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    return try folder.json("report.json")
  }

  /// Each command that applies centers refuses another metric than that of the run that made them.
  private func checkContradiction(
    _ asked: String, made metric: String, in folder: RunFolder, line: UInt = #line
  ) throws {
    let data = ["--data", folder.file("x.npy")]
    let model = ["--model", folder.file("run")]
    for arguments in [
      ["predict", "--output", folder.file("refused.npy")] + model + data,
      ["evaluate"] + model + data,
      ["export", folder.file("run"), "--to", "npz", "--output", folder.file("refused.npz")],
    ] {
      let outcome = try run(
        MPIJob(arguments[0] == "export" ? 1 : 2, "dtrain", arguments + ["--metric", asked]),
        arguments[0])
      XCTAssertEqual(outcome.exitCode, 2, outcome.errors, line: line)
      for word in ["--metric \(asked)", "config.json", "made in \(metric)", "omit --metric"] {
        XCTAssertTrue(outcome.errors.contains(word), outcome.errors, line: line)
      }
    }
    XCTAssertFalse(folder.has("refused.npy") || folder.has("refused.npz"), line: line)
  }

  /// What is clustered by direction is predicted and scored so: lengths of rows do not count, centers have length 1, and
  /// distances are 1 less the cosine.
  func testDirections() throws {
    let folder = try RunFolder()
    // Three directions, and rows near them of lengths from 1e-6 to 1e6.
    let axes: [[Float]] = [[1, 0, 0.1], [0, 1, -0.1], [-1, -1, 0]]
    var numbers = SeededNumbers(seed: 84)
    let rows = (0..<120).flatMap { row -> [Float] in
      var length: Float = 1e-6
      for _ in 0..<row % 13 { length *= 10 }
      return axes[row % 3].map { ($0 + 0.2 * numbers.float()) * length }
    }
    try folder.write(RunFile.floats([120, 3], rows), "x.npy")
    try folder.write(RunFile.floats([3, 3], axes.flatMap { $0.map { $0 * 1000 } }), "start.npy")
    let outcome = try cluster(
      2,
      [
        "--data", folder.file("x.npy"), "--clusters", "3", "--metric", "cosine", "--init",
        folder.file("start.npy"), "--tolerance", "0",
      ], in: folder, name: "directions")
    XCTAssertTrue(
      outcome.errors.contains("start.npy were divided by their lengths"), outcome.errors)
    XCTAssertEqual(try folder.json("run/config.json")["metric"] as? String, "cosine")
    let centers = try floats(folder, "run/centers.npy", count: 9).map { Double($0) }
    let summary = try folder.json("run/summary.json")
    let objective = try XCTUnwrap(summary["objective"] as? Double)
    var cosines = [[Double]]()
    for row in 0..<120 {
      let own = rows[3 * row..<3 * row + 3].map { Double($0) }
      let length = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      cosines.append(
        (0..<3).map { center in
          (0..<3).reduce(0) { $0 + own[$1] * centers[3 * center + $1] } / length
        })
    }
    XCTAssertEqual(
      objective, cosines.reduce(0) { $0 + 1 - $1.max()! }, accuracy: 1e-6 * objective)
    for center in 0..<3 {
      let square = (0..<3).reduce(0) { $0 + centers[3 * center + $1] * centers[3 * center + $1] }
      XCTAssertEqual(square, 1, accuracy: 0x1p-22)
    }
    let figures = try evaluate("run", in: folder)
    XCTAssertEqual(figures["objective"] as? Double, objective)
    XCTAssertEqual(figures["metric"] as? String, "cosine")
    XCTAssertEqual(
      try XCTUnwrap(figures["mean_cosine_distance"] as? Double), objective / 120, accuracy: 1e-15)
    for kind in ["labels", "distances"] {
      let predicted = try run(
        MPIJob(
          3, "dtrain",
          [
            "predict", "--model", folder.file("run"), "--data", folder.file("x.npy"), "--predict",
            kind, "--output", folder.file("\(kind).npy"),
          ]), "predict \(kind)")
      XCTAssertEqual(predicted.exitCode, 0, predicted.errors)
    }
    XCTAssertEqual(try folder.bytes("labels.npy"), try folder.bytes("run/labels.npy"))
    for (found, cosine) in zip(
      try floats(folder, "distances.npy", count: 360), cosines.joined())
    {
      XCTAssertEqual(Double(found), 1 - cosine, accuracy: 1e-6)
    }
    // Centers of any length, with nothing beside them.
    try folder.write(RunFile.floats([3, 3], centers.map { Float($0) * 4 }), "alone/c.npy")
    XCTAssertEqual(
      try evaluate("alone/c.npy", ["--metric", "cosine"], in: folder)["objective"] as? Double,
      objective)
    try checkContradiction("l2", made: "cosine", in: folder)
  }

  /// The last numbers of a file.
  private func floats(_ folder: RunFolder, _ name: String, count: Int) throws -> [Float] {
    let bytes = Array(try folder.bytes(name).suffix(4 * count))
    return (0..<count).map { index in
      Float(
        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * index + $1]) << (8 * $1) })
    }
  }
}

import Launching
import XCTest

/// Numbers that are large beside their differences, as Unix seconds and map coordinates are: nothing is lost on the way
/// through float32.
final class LargeNumberTests: XCTestCase {
  /// Whole numbers around three points of a plane, 500 rows each: all differences are exact in float32.
  private func rows() -> [Double] {
    var numbers = SeededNumbers(seed: 4)
    func noise() -> Double { (Double(numbers.float()) * 20).rounded() }
    var rows: [Double] = []
    for row in 0..<1500 {
      rows.append(Double(row % 3) * 200 + noise())
      rows.append(Double(row % 3 % 2) * 300 + noise())
    }
    return rows
  }

  func testClustersAroundLargeNumbersAreThoseAroundZero() throws {
    let folder = try RunFolder()
    let plain = rows()
    // The offsets of the files: the objective of one is that of the other.
    let offsets = [1.7e9, -4e11]
    let moved = plain.enumerated().map { $1 + offsets[$0 % 2] }
    try folder.write(RunFile.doubles([1500, 2], plain), "plain.npy")
    try folder.write(RunFile.doubles([1500, 2], moved), "moved.npy")
    try folder.write(
      RunFile.npy("<i8", [1500, 2], moved.flatMap { RunFile.little(Int64($0)) }), "integers.npy")
    for command in ["kmeans", "kmedians"] {
      for scale in ["none", "standard"] {
        func cluster(_ name: String, ranks: Int? = nil) throws -> (objective: Double, [Double]) {
          _ = try run(
            [
              command, "--data", folder.file("\(name).npy"), "--clusters", "3", "--scale", scale,
              "--save-labels", "--out", folder.file(name), "--overwrite",
            ], ranks: ranks)
          let objective = try folder.json("\(name)/summary.json")["objective"] as? Double
          return (
            try XCTUnwrap(objective), RunFile.doubles(of: try folder.bytes("\(name)/centers.npy"))
          )
        }
        let (expected, centers) = try cluster("plain")
        for name in ["moved", "integers"] {
          let (objective, found) = try cluster(name)
          XCTAssertEqual(objective, expected, accuracy: expected * 1e-6, "\(command) \(scale)")
          XCTAssertEqual(
            try folder.bytes("\(name)/labels.npy"), try folder.bytes("plain/labels.npy"))
          XCTAssertEqual(found.count, centers.count)
          for (index, value) in found.enumerated() {
            XCTAssertEqual(
              value - offsets[index % 2], centers[index], accuracy: 1e-4, "\(command) \(scale)")
          }
          // Any ranks; and the model applied again, with its run and without.
          let bytes = try folder.bytes("\(name)/centers.npy")
          _ = try cluster(name, ranks: 3)
          XCTAssertEqual(try folder.bytes("\(name)/centers.npy"), bytes)
          _ = try run([
            "predict", "--model", folder.file(name), "--data", folder.file("\(name).npy"),
            "--output", folder.file("l.npy"),
          ])
          XCTAssertEqual(try folder.bytes("l.npy"), try folder.bytes("\(name)/labels.npy"))
          guard scale == "none" else { continue }
          try folder.write(bytes, "alone/c.npy")
          _ = try run([
            "predict", "--model", folder.file("alone/c.npy"), "--metric",
            command == "kmeans" ? "l2" : "l1", "--data", folder.file("\(name).npy"), "--output",
            folder.file("l.npy"),
          ])
          XCTAssertEqual(try folder.bytes("l.npy"), try folder.bytes("\(name)/labels.npy"))
          _ = try run([
            command, "--data", folder.file("\(name).npy"), "--clusters", "3", "--init",
            folder.file("alone/c.npy"), "--out", folder.file("again"), "--overwrite",
          ])
          XCTAssertEqual(try folder.bytes("again/centers.npy"), bytes)
        }
      }
    }
  }

  func testAModelOfLargeNumbersIsThatOfTheirDifferences() throws {
    let folder = try RunFolder()
    let plain = rows()
    let moved = plain.enumerated().map { $1 + [1e8, 1.7e9][$0 % 2] }
    let labels = (0..<1500).map { $0 % 3 % 2 }
    try folder.write(RunFile.doubles([1500, 2], moved), "x.npy")
    try folder.write(RunFile.integers(labels), "y.npy")
    let data = ["--data", folder.file("x.npy"), "--labels", folder.file("y.npy")]
    _ = try run(["mlp"] + data + ["--out", folder.file("net")])
    XCTAssertEqual(try folder.json("net/summary.json")["train_accuracy"] as? Double, 1)
    let model = try folder.bytes("net/model.safetensors")
    for ranks in [2, 5] {
      _ = try run(["mlp"] + data + ["--out", folder.file("net"), "--overwrite"], ranks: ranks)
      XCTAssertEqual(try folder.bytes("net/model.safetensors"), model, "\(ranks) ranks")
    }
    _ = try run(
      ["evaluate", "--model", folder.file("net")] + data + ["--output", folder.file("e.json")])
    XCTAssertEqual(try folder.json("e.json")["accuracy"] as? Double, 1)
    // A run that is continued finds the offsets again.
    _ = try run(["mlp", "--resume", folder.file("net"), "--epochs", "300"])
  }

  func testPredictionsOfLargeTargetsKeepTheirDigits() throws {
    let folder = try RunFolder()
    let plain = rows()
    let targets = (0..<1500).map { (row: Int) -> Double in
      let (a, b) = (plain[2 * row], plain[2 * row + 1])
      return 1.7e9 + 2 * a - b
    }
    try folder.write(RunFile.doubles([1500, 2], plain), "x.npy")
    try folder.write(RunFile.doubles([1500], targets), "y.npy")
    let data = ["--data", folder.file("x.npy"), "--labels", folder.file("y.npy")]
    _ = try run(["mlp"] + data + ["--out", folder.file("net")], ranks: 3)
    let model = ["--model", folder.file("net"), "--data", folder.file("x.npy"), "--output"]
    _ = try run(["predict"] + model + [folder.file("p.npy")], ranks: 2)
    let predicted = RunFile.doubles(of: try folder.bytes("p.npy"))
    let errors = zip(predicted, targets).map { ($0 - $1) * ($0 - $1) }
    let rmse = (errors.reduce(0, +) / 1500).squareRoot()
    // Of targets that lie 350 apart.
    XCTAssertLessThan(rmse, 20)
    _ = try run(
      ["evaluate", "--model", folder.file("net")] + data + ["--output", folder.file("e.json")])
    let report = try folder.json("e.json")
    XCTAssertEqual(try XCTUnwrap(report["rmse"] as? Double), rmse, accuracy: rmse * 1e-4)
    XCTAssertGreaterThan(try XCTUnwrap(report["r2"] as? Double), 0.99)
    _ = try run(["predict"] + model + [folder.file("p.csv")])
    let lines = String(decoding: try folder.bytes("p.csv"), as: UTF8.self).split(separator: "\n")
    XCTAssertEqual(lines.dropFirst().compactMap { Double($0) }, predicted)
    let info = try run(["info", folder.file("y.npy")])
    XCTAssert(info.output.contains("\(Int(targets.max()!))"), info.output)
  }

  func testAFewOddNumbersDoNotSpoilTheOthers() throws {
    let folder = try RunFolder()
    // Unix seconds, of which one in ten is missing and stands as 0; and sizes, of which most are missing and stand as
    // a large number: an offset would cost the others their digits.
    var numbers = SeededNumbers(seed: 5)
    var (seconds, sizes): ([Double], [Double]) = ([], [])
    for row in 0..<1000 {
      let (side, noise) = (Double(row % 2), Double(numbers.float()))
      seconds.append(row % 10 == 0 ? 0 : 1.7e9 + side * 40 + (noise * 4).rounded())
      sizes.append(row % 5 < 3 ? 1e9 : side / 64 + noise / 512)
    }
    for (name, values, sizesExpected) in [
      ("seconds", seconds, [100, 400, 500]), ("sizes", sizes, [200, 200, 600]),
    ] {
      try folder.write(RunFile.doubles([1000, 1], values), "\(name).npy")
      _ = try run([
        "kmeans", "--data", folder.file("\(name).npy"), "--clusters", "3", "--out",
        folder.file(name),
      ])
      let found = try folder.json("\(name)/summary.json")["sizes"] as? [Int]
      XCTAssertEqual(found?.sorted(), sizesExpected, name)
    }
  }
}

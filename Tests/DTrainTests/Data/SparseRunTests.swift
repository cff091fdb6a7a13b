import Foundation
import Launching
import XCTest

/// Runs on LIBSVM text and on gzipped text: the bytes of a run on NPY files of the same numbers, and one message where a
/// line is wrong.
final class SparseRunTests: XCTestCase {
  private static let options = ["--epochs", "2", "--hidden", "8", "--batch", "40", "--seed", "7"]

  /// Rows of which most numbers are 0, and labels from 0 to 2, as NPY, LIBSVM and CSV.
  private func files(rows: Int = 240) throws -> RunFolder {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 3)
    let columns = 9
    var (x, y): ([Double], [Int]) = ([], [])
    var (sparse, zeroBased, table): ([String], [String], [String]) = ([], [], [])
    for row in 0..<rows {
      let label = (row &* 7 &+ row / 3) % 3
      let values = (0..<columns).map { column in
        numbers.below(3) > 0 && row > 0 ? 0 : Double(numbers.float()) * 1e3 + Double(label)
      }
      x += values
      y.append(label)
      func pairs(_ base: Int) -> String {
        values.indices.filter { values[$0] != 0 }.map { "\($0 + base):\(values[$0])" }
          .joined(separator: " ")
      }
      sparse.append("\(label) \(pairs(1))")
      zeroBased.append("\(label)\tqid:\(row / 9) \(pairs(0)) # row \(row)")
      table.append("\(values.map { "\($0)" }.joined(separator: ",")),\(label)")
    }
    func text(_ lines: some Sequence<String>) -> [UInt8] {
      Array((lines.joined(separator: "\n") + "\n").utf8)
    }
    try folder.write(RunFile.doubles([rows, columns], x), "x.npy")
    try folder.write(RunFile.doubles([rows], y.map { Double($0) }), "y.npy")
    try folder.write(text(sparse), "a.svm")
    try folder.write(text(zeroBased), "zero")
    try folder.write(RunFile.gzip(text(sparse)), "a.svm.gz")
    try folder.write(text(sparse[..<100]), "part-2.svm")
    try folder.write(RunFile.gzip(text(sparse[100...])), "part-10.svm")
    try folder.write(RunFile.gzip(text(table)), "t.csv.gz")
    return folder
  }

  func testTheBytesOfRunsOnNPY() throws {
    let folder = try files()
    func model(_ ranks: Int, _ data: [String], environment: [String: String] = [:]) throws
      -> [UInt8]
    {
      let data = data.map { $0.hasPrefix("-") ? $0 : folder.file($0) }
      try train(
        ranks, ["--data"] + data + Self.options, in: folder, environment: environment,
        name: data.joined())
      return try folder.bytes("run/model.safetensors")
    }
    let wanted = try model(1, ["x.npy", "--labels", "y.npy"])
    for (ranks, data) in [
      (1, ["a.svm"]), (2, ["zero"]), (3, ["a.svm"]), (5, ["zero"]), (1, ["a.svm.gz"]),
      (3, ["a.svm.gz"]), (2, ["part-*.svm"]), (3, ["t.csv.gz", "--label-column=-1"]),
    ] {
      XCTAssertEqual(try model(ranks, data), wanted, "N=\(ranks) \(data)")
    }
    let nodes = ["DTRAIN_PRETEND_NODES": "0,0,1"]
    XCTAssertEqual(try model(3, ["a.svm.gz"], environment: nodes), wanted)
  }

  /// A file whose last columns are all 0 has the columns of the model.
  func testFewerColumnsThanTheModel() throws {
    let folder = try files()
    try train(1, ["--data", folder.file("a.svm")] + Self.options, in: folder, name: "a.svm")
    try folder.write(Array("0 1:5 2:0.5\n1\n".utf8), "few.svm")
    try folder.write(
      RunFile.doubles([2, 9], [5, 0.5] + [Double](repeating: 0, count: 16)), "few.npy")
    try folder.write(Array("0 1:5 10:0.5\n".utf8), "many.svm")
    for name in ["few.svm", "few.npy"] {
      _ = try run([
        "predict", "--model", folder.file("run"), "--data", folder.file(name), "--predict",
        "logits", "--output", folder.file("\(name).out.npy"),
      ])
    }
    XCTAssertEqual(try folder.bytes("few.svm.out.npy"), try folder.bytes("few.npy.out.npy"))
    let refused = try run(
      [
        "predict", "--model", folder.file("run"), "--data", folder.file("many.svm"), "--output",
        folder.file("none.npy"),
      ], expecting: 3)
    XCTAssert(refused.error.contains("has 10 columns, but the model takes 9"), refused.error)
    let clustered = try run([
      "kmeans", "--data", folder.file("a.svm"), "--clusters", "3", "--out", folder.file("k"),
    ])
    XCTAssertEqual(clustered.status, 0)
    _ = try run([
      "predict", "--model", folder.file("k"), "--data", folder.file("few.svm"), "--output",
      folder.file("k.npy"),
    ])
  }

  /// Labels of -1 and 1 are two classes, which keep these names.
  func testSigns() throws {
    let folder = try RunFolder()
    let lines = (0..<60).map { "\($0 % 2 == 0 ? "+1" : "-1") 1:\($0 % 2) 2:0.\($0)" }
    try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), "s.svm")
    try train(2, ["--data", folder.file("s.svm")] + Self.options, in: folder, name: "signs")
    _ = try run([
      "predict", "--model", folder.file("run"), "--data", folder.file("s.svm"), "--output",
      folder.file("p.csv"),
    ])
    let rows = String(decoding: try folder.bytes("p.csv"), as: UTF8.self).split(separator: "\n")
    XCTAssertEqual(rows.count, 61)
    XCTAssert(rows.dropFirst().allSatisfy { ["-1", "1"].contains($0) }, "\(rows)")
    // Unless numbers are asked for.
    try train(
      2, ["--data", folder.file("s.svm"), "--targets", "numbers"] + Self.options, in: folder,
      name: "numbers")
    let report = try run([
      "evaluate", "--model", folder.file("run"), "--data", folder.file("s.svm"),
    ])
    XCTAssert(report.output.contains("RMSE"), report.output)
  }

  func testFaultsAreOneMessage() throws {
    let good = String(repeating: "1 1:0.5 3:2\n0 2:1\n", count: 300)
    for (name, text, words) in [
      ("a pair", good + "1 1:x\n" + good, ["line 601, character 3", "'1:x' is not a number"]),
      ("a label", good + good + "x 1:1\n", ["line 1201, character 1", "the label is 'x'"]),
      ("labels", "1 1:1\n1,2 1:1\n" + good, ["line 2, character 1", "several labels"]),
      ("the order", good + "1 3:1 2:1\n" + good, ["line 601, character 7", "ascend"]),
      ("NaN", good + "1 3:nan\n" + good, ["line 601, index 3", "NaN"]),
    ] {
      for ranks in [1, 3] {
        var bad = BadInput(name, 3, ["bad.svm"] + words)
        bad.arguments = ["--data", "bad.svm", "--epochs", "1"]
        bad.spoil = { folder in try folder.write(Array(text.utf8), "bad.svm") }
        try check(bad, ranks: ranks)
      }
    }
    let damaged = { (change: @escaping ([UInt8]) -> [UInt8], words: [String]) throws in
      var bad = BadInput("damaged gzip", 3, ["bad.csv.gz"] + words)
      bad.arguments = ["--data", "bad.csv.gz", "--label-column", "0", "--epochs", "1"]
      bad.spoil = { folder in
        let text = (0..<5000).map { "\($0 % 2),\($0 * $0)\n" }.joined()
        try folder.write(change(RunFile.gzip(Array(text.utf8))), "bad.csv.gz")
      }
      try self.check(bad, ranks: 3)
    }
    try damaged({ Array($0.dropLast(9)) }, ["cut off", "download it again"])
    try damaged(
      { bytes in bytes.indices.map { $0 == bytes.count - 6 ? bytes[$0] ^ 1 : bytes[$0] } },
      ["damaged", "download it again"])
  }
}

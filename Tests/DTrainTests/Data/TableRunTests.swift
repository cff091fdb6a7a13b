import Foundation
import XCTest

/// A table of the kind that competitions give: numbers of rows, dates, categories with commas and quotes, missing values; from
/// training to predictions, on several numbers of ranks.
final class TableRunTests: XCTestCase {
  /// `train.csv` with a target, and `new.csv` without one, whose columns stand in another order.
  private func files() throws -> RunFolder {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 11)
    let cities = ["\"Köln, DE\"", "\"New \"\"York\"\"\"", "Paris", ""]
    var (train, new) = (["id,date,city,size,x,price"], ["size,x,id,city"])
    for row in 0..<200 {
      let x = row % 11 == 3 ? "NA" : "\(numbers.float())"
      let (city, size) = (cities[numbers.below(4)], ["S", "M", "L"][numbers.below(3)])
      train.append("\(1000 + row),2024-01-\(row),\(city),\(size),\(x),\(numbers.float() * 10)")
      if row < 30 { new.append("\(size),\(x),r\(row),\(city)") }
    }
    for (name, lines) in [("train.csv", train), ("new.csv", new)] {
      try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), name)
    }
    return folder
  }

  @discardableResult
  private func dtrain(
    _ ranks: Int?, _ arguments: String..., in folder: RunFolder, expecting code: Int32 = 0
  ) throws -> Program.Result {
    let trains = ["mlp", "kmeans"].contains(arguments[0])
    let output = trains ? ["--out", folder.file("run"), "--overwrite", "--quiet"] : []
    let result = try Program.run(arguments + output, ranks: ranks)
    XCTAssertEqual(result.status, code, "N=\(ranks ?? 1) \(arguments): \(result.error)")
    return result
  }

  /// Models and predictions do not depend on the number of ranks, and predictions carry the names of the rows.
  func testFromATableToPredictions() throws {
    let folder = try files()
    for missing in ["mean", "drop"] {
      var models: [[UInt8]] = []
      for ranks in [1, 2, 3, 5] {
        print("\(missing): N=\(ranks)")
        try dtrain(
          ranks, "mlp", "--data", folder.file("train.csv"), "--target", "price", "--drop",
          "id,date", "--missing", missing, "--epochs", "3", "--hidden", "8", in: folder)
        models.append(try folder.bytes("run/model.safetensors"))
      }
      XCTAssert(models.allSatisfy { $0 == models[0] }, missing)
      let report = try dtrain(
        3, "evaluate", "--model", folder.file("run"), "--data", folder.file("train.csv"), in: folder
      )
      XCTAssert(report.output.contains("R^2"), report.output)
      XCTAssertEqual(report.output.contains("200 rows"), missing == "mean", report.output)
      let tables = try [1, 3].map { ranks in
        try dtrain(
          ranks, "predict", "--model", folder.file("run"), "--data", folder.file("new.csv"), "--id",
          "id", "--output", "-", in: folder, expecting: missing == "mean" ? 0 : 3)
      }
      guard missing == "mean" else {
        for table in tables {
          XCTAssertEqual(table.messages.count, 1, table.error)
          XCTAssert(table.error.contains("line "), table.error)
        }
        continue
      }
      XCTAssertEqual(tables[0].output, tables[1].output)
      let lines = tables[0].output.split(separator: "\n")
      XCTAssertEqual(lines.count, 31)
      XCTAssertEqual(lines[0], "id,prediction")
      XCTAssert(lines[30].hasPrefix("r29,"), tables[0].output)
    }
  }

  /// Names of classes come back in evaluations and predictions, and centers know their columns.
  func testNames() throws {
    let folder = try files()
    try dtrain(
      2, "mlp", "--data", folder.file("train.csv"), "--target", "size", "--columns", "x", "price",
      "--missing", "mean", "--epochs", "3", in: folder)
    let output = folder.file("report.json")
    try dtrain(
      2, "evaluate", "--model", folder.file("run"), "--data", folder.file("train.csv"), "--output",
      output, in: folder)
    let report = try folder.json("report.json")
    XCTAssertEqual(report["class_names"] as? [String], ["L", "M", "S"])
    let classes = try XCTUnwrap(report["per_class"] as? [[String: Any]])
    XCTAssertEqual(classes.map { $0["class"] as? String }, ["L", "M", "S"])
    try dtrain(
      2, "kmeans", "--data", folder.file("train.csv"), "--drop", "id", "date", "price",
      "--missing", "mean", "--clusters", "2", in: folder)
    let table = try dtrain(
      3, "predict", "--model", folder.file("run"), "--data", folder.file("new.csv"), "--drop",
      "id", "--predict", "silhouette", "--output", "-", in: folder)
    let values = table.output.split(separator: "\n").dropFirst().compactMap { Double($0) }
    XCTAssertEqual(values.count, 30)
    XCTAssert(values.allSatisfy { (0...1).contains($0) }, "\(values)")
  }

  /// A run of a table goes on where it stopped, and tables that do not fit are refused in one message, on any number of ranks.
  func testOtherTables() throws {
    let folder = try files()
    try dtrain(
      2, "mlp", "--data", folder.file("train.csv"), "--target", "price", "--columns", "size", "x",
      "--missing", "mean", "--epochs", "2", "--seed", "1", in: folder)
    XCTAssertEqual(
      try Program.run(["mlp", "--resume", folder.file("run"), "--epochs", "4"], ranks: 3).status, 0)
    let resumed = try folder.bytes("run/model.safetensors")
    let repeated = try Program.run(
      ["mlp", "--config", folder.file("run"), "--out", folder.file("again"), "--quiet"], ranks: 2)
    XCTAssertEqual(repeated.status, 0, repeated.error)
    XCTAssertEqual(try folder.bytes("again/model.safetensors"), resumed)
    try dtrain(
      1, "mlp", "--data", folder.file("train.csv"), "--target", "price", "--columns", "size", "x",
      "--missing", "mean", "--epochs", "4", "--seed", "1", in: folder)
    XCTAssertEqual(try folder.bytes("run/model.safetensors"), resumed)
    for (text, words) in [
      ("size,y\nS,1\n", "no column 'x'"), ("size,x,w\nS,1,2\n", "a column 'w'"),
      ("size,x\nS,1\nM,one\n", "line 3, column 1 ('x') is 'one'"),
      ("size,x\nS,1\nM\n", "line 3 has 1 field"), ("size,x\n\"S,1\n", "not closed"),
    ] {
      try folder.write(Array(text.utf8), "bad.csv")
      for ranks in [nil, 3] {
        let refused = try dtrain(
          ranks, "predict", "--model", folder.file("run"), "--data", folder.file("bad.csv"),
          "--output", folder.file("none.csv"), in: folder, expecting: 3)
        XCTAssertEqual(refused.messages.count, 1, refused.error)
        XCTAssert(refused.error.contains(words), refused.error)
        XCTAssertFalse(folder.has("none.csv"))
      }
    }
  }

  /// Rows that no node can hold are refused before memory is touched.
  func testColumnsThatNoNodeHolds() throws {
    let folder = try RunFolder()
    try folder.write(Array("1 2000000000:1\n0 1:1\n".utf8), "big.svm")
    for ranks in [nil, 3] {
      let refused = try dtrain(
        ranks, "mlp", "--data", folder.file("big.svm"), in: folder, expecting: 7)
      XCTAssertEqual(refused.messages.count, 1, refused.error)
      XCTAssert(refused.error.contains("2000000000 columns by the largest index"), refused.error)
      XCTAssert(refused.error.contains("use more ranks on more nodes"), refused.error)
    }
  }

  /// What is said of a table by options is kept by a run that goes on, and what was passed over is said.
  func testHeaderAndDelimiter() throws {
    let folder = try RunFolder()
    var lines = ["tag:value:y"]
    for row in 0..<60 { lines.append("t\(row % 3):\(row):\(row % 2)") }
    lines.insert("#t:1:1", at: 30)
    try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), "t.csv")
    let arguments = ["--data", folder.file("t.csv"), "--target", "y", "--delimiter", ":"]
    for (header, rows) in [("yes", 60), ("no", 61)] {
      let target = header == "yes" ? "y" : "2"
      let found = try Program.run(
        ["mlp"] + arguments + [
          "--target", target, "--header", header, "--epochs", "1", "--out", folder.file("h"),
          "--overwrite",
        ], ranks: nil)
      if header == "no" {
        // The names are texts among numbers.
        XCTAssertEqual(found.status, 3, found.error)
        XCTAssert(found.error.contains("line 1, column 2 is 'y'"), found.error)
        continue
      }
      XCTAssertEqual(found.status, 0, found.error)
      XCTAssert(
        found.error.contains("1 line between the rows begins with # and is a comment"), found.error)
      XCTAssertEqual(try folder.json("h/summary.json")["rows"] as? Int, rows)
    }
    let resumed = try Program.run(
      ["mlp", "--resume", folder.file("h"), "--epochs", "2"], ranks: 2)
    XCTAssertEqual(resumed.status, 0, resumed.error)
    XCTAssertEqual(
      try Program.run(["mlp"] + arguments + ["--delimiter", "a"], ranks: nil).status, 2)
  }

  /// A rank that reads a table in text takes its rows, what the command takes a row (docs/NETWORKS.md, docs/CLUSTERING.md), and
  /// 64 MiB: it holds no text.
  func testMemoryOfARank() throws {
    let folder = try RunFolder()
    let (blocks, columns) = (300, 8)
    var numbers = SeededNumbers(seed: 24)
    let lines = (0..<4096).map { row in
      (0..<columns).map { _ in "\(numbers.float())" }.joined(separator: ",") + ",\(row % 2)\n"
    }
    let block = Array(lines.joined().utf8)
    try folder.write((0..<blocks).flatMap { _ in block }, "narrow.csv")
    for (command, options, rowBytes) in [
      ("mlp", ["--target", "-1", "--epochs", "1", "--hidden", "4", "--batch", "4096"], 8),
      ("kmeans", ["--drop", "8", "--clusters", "3", "--max-iterations", "2"], 48),
    ] {
      for ranks in [nil, 3] {
        let result = try Program.run(
          [
            command, "--data", folder.file("narrow.csv"), "--out", folder.file("run"),
            "--overwrite", "--quiet",
          ]
            + options, ranks: ranks)
        XCTAssertEqual(result.status, 0, result.error)
        let summary = try folder.json("run/summary.json")
        let held = try XCTUnwrap(summary["rows_per_rank"] as? [Int])
        let peaks = try XCTUnwrap(summary["peak_rss_bytes"] as? [Int])
        XCTAssertEqual(held.reduce(0, +), blocks * 4096)
        for (rank, peak) in peaks.enumerated() {
          let limit = held[rank] * (columns * 4 + rowBytes) + 64 << 20
          XCTAssertLessThanOrEqual(
            peak, limit,
            "\(command), N=\(ranks ?? 1): rank \(rank) took \(peak >> 20) MiB of \(limit >> 20)")
        }
        print("\(command), N=\(ranks ?? 1): \(peaks.map { $0 >> 20 }) MiB for \(held) rows")
      }
    }
  }
}

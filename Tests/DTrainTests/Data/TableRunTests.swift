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
}

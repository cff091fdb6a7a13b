import XCTest

/// What is said of the columns of a table, in the table's own terms.
final class ColumnMessageTests: XCTestCase {
  private func table(_ names: String, _ rows: Int, _ row: (Int) -> String) -> [UInt8] {
    Array((([names] + (0..<rows).map(row)).joined(separator: "\n") + "\n").utf8)
  }

  /// A column is called as in the file, though texts before it became several columns of rows.
  func testWarningsNameColumnsOfTheFile() throws {
    let folder = try RunFolder()
    func lines(_ factor: Double) -> [UInt8] {
      table("kind,area,depth,y", 60) {
        "\(["x", "y", "z"][$0 % 3]),\(Double($0 * 37 % 60) * factor),\(Double($0 % 7) / 7),\($0 % 2)"
      }
    }
    try folder.write(lines(1000), "t.csv")
    try folder.write(lines(1e8), "other.csv")
    try folder.write(
      RunFile.floats([60, 3], (0..<180).map { Float($0 % 3 == 1 ? $0 * 1000 : $0 % 2) }), "x.npy")
    func errors(_ arguments: [String], ranks: Int? = nil) throws -> String {
      try run(arguments + ["--quiet", "--overwrite", "--out", folder.file("run")], ranks: ranks)
        .error
    }
    let clusters = ["kmeans", "--clusters", "2", "--data"]
    let named = "the values of column 1 ('area') span 59000, those of column 2 ('depth') only"
    for ranks in [nil, 3] {
      let uneven = try errors(clusters + [folder.file("t.csv")], ranks: ranks)
      XCTAssertTrue(uneven.contains(named), uneven)
    }
    let texts = try errors(clusters + [folder.file("t.csv"), "--columns", "area", "kind"])
    XCTAssertTrue(texts.contains("the text 'x' of column 0 ('kind')"), texts)
    let numbered = try errors(clusters + [folder.file("x.npy"), "--drop", "0"])
    XCTAssertTrue(numbered.contains("the values of column 1 (counted from 0) span"), numbered)
    _ = try errors(["mlp", "--data", folder.file("t.csv"), "--target", "y", "--epochs", "2"])
    let foreign = try run([
      "evaluate", "--model", folder.file("run"), "--data", folder.file("other.csv"), "--target",
      "y",
    ])
    XCTAssertTrue(foreign.error.contains("the mean of column 1 ('area') is"), foreign.error)
  }

  func testNamesAreListedSoThatTheyCanBeTold() throws {
    let folder = try RunFolder()
    try folder.write(table("\"a,b\",unit price,price", 9) { "\($0),2,3" }, "odd.csv")
    try folder.write(table("a,b,price", 9) { "\($0),2,3" }, "plain.csv")
    for (file, target, words) in [
      ("odd", "Price", "(it has: 'a,b', 'unit price', 'price'); did you mean 'price'?"),
      ("odd", "unit prise", "did you mean 'unit price'?"),
      ("plain", "prcie", "(it has: a, b, price); did you mean 'price'?"),
      ("plain", " price ", "did you mean 'price'?"),
      // Of one letter nothing is left when it is another one.
      ("plain", "c", "(it has: a, b, price); name one of these"),
    ] {
      let refused = try run(
        ["mlp", "--data", folder.file("\(file).csv"), "--target", target], expecting: 2)
      XCTAssertTrue(refused.error.contains(words), refused.error)
    }
    let several = try run(
      ["kmeans", "--clusters", "2", "--data", folder.file("plain.csv"), "--drop", "A", "x", "b"],
      expecting: 2)
    XCTAssertTrue(several.error.contains("--drop 'A', 'x': "), several.error)
    _ = try run([
      "mlp", "--data", folder.file("plain.csv"), "--target", "price", "--epochs", "1", "--quiet",
      "--out", folder.file("run"),
    ])
    try folder.write(table("A,b", 9) { "\($0),2" }, "other.csv")
    let renamed = try run(
      ["predict", "--model", folder.file("run"), "--data", folder.file("other.csv")]
        + ["--output", "-"], expecting: 3)
    XCTAssertTrue(renamed.error.contains("no column 'a'"), renamed.error)
    try folder.write(table("b", 9) { "\($0)" }, "fewer.csv")
    try folder.write(table("a,b,v,w", 9) { "\($0),1,2,3" }, "more.csv")
    try folder.write(table("v,w", 9) { "\($0),1" }, "none.csv")
    for (file, words) in [("more", "a column 'v', 'w'"), ("none", "no column 'a', 'b'")] {
      let refused = try run(
        ["predict", "--model", folder.file("run"), "--data", folder.file("\(file).csv")]
          + ["--output", "-"], expecting: 3)
      XCTAssertTrue(refused.error.contains(words), refused.error)
    }
  }

  /// All columns that cannot be used are refused at once, with the option that leaves them out.
  func testUnusableColumnsAreNamedTogether() throws {
    let folder = try RunFolder()
    try folder.write(
      table("unit price,name,n,a,when", 90) {
        "\"1,\(100 + $0)\",n\($0),\($0 % 5),\($0 % 2),d\($0)"
      }, "t.csv")
    let start = ["mlp", "--data", folder.file("t.csv"), "--target", "a", "--epochs", "1"]
    for ranks in [nil, 3] {
      let refused = try run(
        start + ["--drop", "n", "--out", folder.file("run")], expecting: 3, ranks: ranks)
      XCTAssertEqual(refused.messages.count, 1, refused.error)
      for words in [
        "3 columns cannot be used", "column 0 ('unit price') holds texts that look like numbers",
        "column 1 ('name') holds 90 different texts", "column 4 ('when') holds 90 different texts",
        "leave them out with --drop n 'unit price' name when", "with a decimal point",
      ] { XCTAssertTrue(refused.error.contains(words), "\(words): \(refused.error)") }
    }
    _ = try run(
      start + ["--drop", "unit price", "name", "when", "--quiet", "--out", folder.file("run")])
    // Texts of which not all are kept: more than any column of categories may have.
    try folder.write(
      table("k,l,v", 30_003) { "k\($0 % 10_001),l\($0 % 10_002),\($0 % 2)" }, "m.csv")
    for ranks in [nil, 3] {
      let many = try run(
        ["mlp", "--data", folder.file("m.csv"), "--target", "v", "--out", folder.file("many")],
        expecting: 3, ranks: ranks)
      XCTAssertTrue(many.error.contains("2 columns cannot be used"), many.error)
      XCTAssertTrue(many.error.contains("('l') holds more than 10000 different texts"), many.error)
    }
    let labels = try run(
      ["mlp", "--data", folder.file("m.csv"), "--target", "k", "--drop", "l"], expecting: 3)
    XCTAssertTrue(labels.error.contains("too many for classes"), labels.error)
    try folder.write(table("a,b,a,b,c", 3) { "\($0),1,2,3,4" }, "twice.csv")
    let twice = try run(
      ["kmeans", "--clusters", "2", "--data", folder.file("twice.csv")], expecting: 3)
    XCTAssertTrue(
      twice.error.contains("two columns called 'a', and two called 'b'; rename one of each"),
      twice.error)
    try folder.write(table("a,b,c", 9) { "\($0),," }, "empty.csv")
    let empty = try run(
      ["kmeans", "--clusters", "2", "--data", folder.file("empty.csv"), "--missing", "mean"],
      expecting: 3)
    XCTAssertTrue(
      empty.error.contains("column 1 ('b'), column 2 ('c') have no value in any row"), empty.error)
  }
}

import DTrainDist
import XCTest

@testable import DTrainBase
@testable import DTrainData

/// What becomes of the columns of a table: which are taken, what stands for texts and missing values, and how another table
/// is brought to the same rows.
final class ColumnPlanTests: XCTestCase {
  private var directory: FixtureDirectory!

  override func setUpWithError() throws { directory = try FixtureDirectory() }

  private func catalog(
    _ text: String, test: String? = nil, _ change: (inout DataCatalog.Options) -> Void = { _ in }
  ) throws -> DataCatalog {
    var options = DataCatalog.Options(data: [try directory.write(Array(text.utf8), "t.csv")])
    if let test { options.testData = [try directory.write(Array(test.utf8), "test.csv")] }
    change(&options)
    return try DataCatalog.open(options, topology: .solo())
  }

  private func rows(_ source: ArraySource?) throws -> [Float] {
    let source = try XCTUnwrap(source)
    return try source.readValues(0..<source.rows, topology: .solo())
  }

  private static let table = "id,size,x,y\n7,S,1,no\n8,L,2,yes\n9,S,4,no\n"

  func testTextsBecomeColumnsAndTargetsKeepTheirNames() throws {
    let found = try catalog(Self.table) {
      $0.columns.target = "y"
      $0.columns.dropped = ["id"]
    }
    XCTAssertEqual(found.train.columnNames, ["size=L", "size=S", "x"])
    XCTAssertEqual(try rows(found.train), [0, 1, 1, 1, 0, 2, 0, 1, 4])
    XCTAssertEqual(found.trainTargets?.texts, ["no", "yes"])
    XCTAssertEqual(
      found.schema,
      TableSchema(
        features: [.init(name: "size", texts: ["L", "S"]), .init(name: "x")], targets: ["y"],
        dropped: ["id"]))
    XCTAssertEqual(found.schema.flatMap { TableSchema(recorded: $0.json) }, found.schema)
  }

  func testColumnsAreChosenByNameAndNumber() throws {
    for (only, dropped, wanted) in [
      (["x"], [], ["x"]), (["2", "0"], [], ["id", "x"]), (["-2"], [], ["x"]),
      ([], ["size,id"], ["x"]), ([], ["size", "-4"], ["x"]), (["x", "id"], ["id"], ["x"]),
    ] {
      let found = try catalog(Self.table) {
        $0.columns.target = "-1"
        $0.columns.only = only
        $0.columns.dropped = dropped
      }
      XCTAssertEqual(found.train.columnNames, wanted, "\(only), \(dropped)")
    }
    for (change, words) in [
      ({ $0.columns.target = "z" }, ["'z'", "id, size, x, y"]),
      ({ $0.columns.dropped = ["x", "id, w"] }, ["'w'"]),
      ({ $0.columns.only = ["9"] }, ["0 to 3"]),
      ({ $0.columns.dropped = ["id", "size", "x", "y"] }, ["no other column"]),
    ] as [((inout DataCatalog.Options) -> Void, [String])] {
      assertFails(.usage, words) { _ = try catalog(Self.table, change) }
    }
  }

  func testOtherTablesAreMatchedByName() throws {
    let other = "y,x,size,id\nyes,5,L,1\n"
    let found = try catalog(Self.table, test: other) {
      $0.columns.target = "y"
      $0.columns.dropped = ["id"]
    }
    XCTAssertEqual(try rows(found.test), [1, 0, 5])
    XCTAssertEqual(found.testTargets?.texts, ["yes"])
    for (table, words) in [
      ("size,x\nM,1\n", ["line 2", "'M'", "do not have"]),
      ("size,w\nS,1\n", ["no column 'x'"]),
      ("size,x,w\nS,1,2\n", ["a column 'w'", "drop"]),
      ("size,x\nS,one\n", ["line 2", "'one'", "not a number"]),
    ] {
      assertFails(.badData, words) {
        var options = DataCatalog.Options(data: [
          try directory.write(Array(table.utf8), "n.csv")
        ])
        options.schema = found.schema
        let new = try DataCatalog.open(options, topology: .solo())
        _ = try rows(new.train)
      }
    }
  }

  func testMissingValues() throws {
    let table = "a,b,y\n1,,0\n2,u,1\nNA,v,0\n6,u,1\n"
    for kind in [nil, .drop, .mean] as [ColumnOptions.Missing?] {
      func open() throws -> DataCatalog {
        try catalog(table) {
          $0.columns.target = "y"
          $0.columns.missing = kind
        }
      }
      switch kind {
      case nil:
        assertFails(.badData, ["line 2", "'b'", "is empty", "missing"]) {
          _ = try rows(open().train)
        }
      case .drop:
        XCTAssertEqual(try rows(open().train), [2, 1, 6, 1])
        XCTAssertEqual(try rows(open().trainTargets), [1, 1])
      case .mean:
        let third = Float(1.0 / 3)
        XCTAssertEqual(
          try rows(open().train), [1, 2 * third, third, 2, 1, 0, 3, 0, 1, 6, 1, 0])
      }
    }
    assertFails(.badData, ["column 1 ('b') has no value"]) {
      _ = try catalog("a,b,y\n1,,0\n2,,1\n") {
        $0.columns.target = "y"
        $0.columns.missing = .mean
      }
    }
  }

  func testNumbersThatAreNames() throws {
    let found = try catalog("zip,x\n10,1\n9,2\n10,3\n") { $0.columns.categories = ["zip"] }
    XCTAssertEqual(found.train.columnNames, ["zip=10", "zip=9", "x"])
    XCTAssertEqual(try rows(found.train), [1, 0, 1, 0, 1, 2, 1, 0, 3])
  }

  func testDecimalCommas() throws {
    let found = try catalog("a;b\n1,5;-2\n2;3,25e1\n")
    XCTAssertEqual(try rows(found.train), [1.5, -2, 2, 32.5])
    XCTAssertEqual(try rows(catalog("1,5;-2\n2,5;3\n").train), [1.5, -2, 2.5, 3])
  }

  func testWhatPandasWritesIsRead() throws {
    let found = try catalog(",a,b\n0,1,2\n1,3,4\n")
    XCTAssertEqual(found.train.columnNames, ["a", "b"])
    XCTAssertEqual(try rows(found.train), [1, 2, 3, 4])
  }

  func testTextsThatAreNoCategories() throws {
    let dates = "day,x\n" + (0..<101).map { "d\($0),1\n" }.joined()
    assertFails(.badData, ["'day'", "101 different texts", "drop"]) { _ = try catalog(dates) }
    XCTAssertEqual(try catalog(dates) { $0.columns.dropped = ["day"] }.train.columns, 1)
  }

  func testNamesAreCarriedAlong() throws {
    let found = try catalog(Self.table) {
      $0.columns.id = "size"
      $0.columns.target = "y"
    }
    let names = try XCTUnwrap(found.ids).readNames(0..<3, topology: .solo())
    XCTAssertEqual(names.column, "size")
    XCTAssertEqual(names.values.map { String(decoding: $0, as: UTF8.self) }, ["S", "L", "S"])
    XCTAssertEqual(found.train.columnNames, ["id", "x"])
  }

  /// Several targets are columns of numbers in the order of the list, and models find them by name.
  func testSeveralTargets() throws {
    let text = "a,x,b\n1,2,3\n4,5,6\n"
    for target in ["b,a", "-1,0", "b, a"] {
      let found = try catalog(text, test: "x,a,b\n7,8,9\n") { $0.columns.target = target }
      XCTAssertEqual(found.train.columnNames, ["x"])
      XCTAssertEqual(try rows(found.trainTargets), [3, 1, 6, 4])
      XCTAssertEqual(try rows(found.testTargets), [9, 8])
      XCTAssertEqual(found.schema?.targets, ["b", "a"])
      XCTAssertEqual(found.schema.flatMap { TableSchema(recorded: $0.json) }, found.schema)
      let other = try catalog("b,x,a\n1,2,3\n") { $0.schema = found.schema }
      XCTAssertEqual(try rows(other.trainTargets), [1, 3])
      let without = try catalog("x\n2\n") { $0.schema = found.schema }
      XCTAssertNil(without.trainTargets)
    }
    assertFails(.badData, ["column 1 ('b')", "texts", "several targets"]) {
      _ = try catalog("a,b,x\n1,u,2\n3,v,4\n") { $0.columns.target = "a,b" }
    }
  }

  /// Targets that look like numbers are no classes, in a column or in a file of their own.
  func testTargetsThatLookLikeNumbers() throws {
    for texts in [["$5", "$7"], ["10%", "20%"], ["\"1,000\"", "\"2,000\""]] {
      let text = "x,y\n1,\(texts[0])\n2,\(texts[1])\n"
      assertFails(.badData, ["targets in column 1 ('y')", "look like numbers", "categories"]) {
        _ = try catalog(text) { $0.columns.target = "y" }
      }
      let found = try catalog(text) {
        $0.columns.target = "y"
        $0.columns.categories = ["y"]
      }
      XCTAssertEqual(found.trainTargets?.texts.count, 2)
      let labels = try directory.write(Array("y\n\(texts[0])\n\(texts[1])\n".utf8), "y.csv")
      assertFails(.badData, ["y.csv", "look like numbers"]) {
        _ = try catalog("x\n1\n2\n") { $0.labels = [labels] }
      }
    }
  }

  /// Decimals are taken as names where one says so.
  func testDecimalsAsCategories() throws {
    let found = try catalog("x,y\n1.5,0\n2.5,1\n1.5,0\n") {
      $0.columns.target = "y"
      $0.columns.categories = ["x"]
    }
    XCTAssertEqual(found.train.columnNames, ["x=1.5", "x=2.5"])
  }

  /// A model with columns of texts takes no numbers for them, whatever they are.
  func testNumbersInThePlaceOfTextsAreRefused() throws {
    let found = try catalog(Self.table) { $0.columns.dropped = ["id", "y"] }
    for (values, columns) in [
      ([0, 1, 1, 2], 2), ([5, 1, -1, 2], 2), ([0.5, 1], 2), ([0, 1, 3], 3),
    ] {
      let bytes = values.flatMap { Fixture.bytes($0.bitPattern) }
      let path = try directory.write(
        Fixture.npy("<f8", [values.count / columns, columns], payload: bytes), "x.npy")
      for data in [path, try directory.write(Array("0 1:0 2:1\n".utf8), "x.svm")] {
        assertFails(.badData, ["holds numbers alone", "column 'size'", "such as 'L'", "CSV"]) {
          var options = DataCatalog.Options(data: [data])
          options.schema = found.schema
          _ = try DataCatalog.open(options, topology: .solo())
        }
      }
    }
  }
}

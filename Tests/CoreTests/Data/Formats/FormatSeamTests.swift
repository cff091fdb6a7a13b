import DTrainDist
import XCTest

@testable import DTrainData

/// A format that is registered here alone, of text, is recognised, described and read like the others.
final class FormatSeamTests: XCTestCase {
  private func lines(_ names: [String], _ rows: Range<Int>) -> [UInt8] {
    let lines = rows.map { row in
      names.indices.map { "\(value(row, $0))" }.joined(separator: " ")
    }
    return Array(([names.joined(separator: " ")] + lines).map { $0 + "\n" }.joined().utf8)
  }

  private func value(_ row: Int, _ column: Int) -> Double {
    Double(row * row) / 8 + Double(column) * 1000
  }

  private func open(
    _ data: [String], target: String? = nil, format: DataFormat? = nil
  ) throws -> DataCatalog {
    var options = DataCatalog.Options(data: data, target: target, format: format)
    options.formats = DataFormat.allCases + [DataFormat(LinesFormat())]
    return try DataCatalog.open(options, topology: .solo())
  }

  func testEveryRangeOfRows() throws {
    let directory = try FixtureDirectory()
    let names = ["a", "b", "c"]
    let path = try directory.write(lines(names, 0..<11), "x.lines")
    let source = try open([path]).train
    XCTAssertEqual(source.shape, [11, 3])
    XCTAssertEqual(source.storedType, "float64")
    XCTAssertEqual(source.columnNames, names)
    for low in 0...11 {
      for high in low...11 {
        XCTAssertEqual(
          try source.readRows(low..<high, topology: .solo()).values,
          (low..<high).flatMap { row in (0..<3).map { Float(value(row, $0)) } })
      }
    }
  }

  func testSeveralFilesAndEndings() throws {
    let directory = try FixtureDirectory()
    let first = try directory.write(lines(["a", "b"], 0..<4), "1.lines")
    let second = try directory.write(lines(["a", "b"], 4..<9), "2.text")
    let both = try open([first, second], format: DataFormat(LinesFormat())).train
    XCTAssertEqual(
      try both.readRows(2..<7, topology: .solo()).values,
      (2..<7).flatMap { row in (0..<2).map { Float(value(row, $0)) } })
    assertFails(.badData, ["2.text", "neither IDX, NPY, NPZ, HDF5, LIBSVM, CSV, TSV nor LINES"]) {
      _ = try open([first, second])
    }
    let other = try directory.write(lines(["b", "a"], 4..<9), "3.lines")
    assertFails(.badData, ["1.lines", "3.lines", "differently"]) { _ = try open([first, other]) }
    assertFails(.badData, ["1.lines"]) {
      _ = try DataCatalog.open(.init(data: [first]), topology: .solo())
    }
  }

  func testColumnsByName() throws {
    let directory = try FixtureDirectory()
    let path = try directory.write(lines(["a", "b", "c"], 8..<9), "x.lines")
    let catalog = try open([path], target: "b")
    XCTAssertEqual(try catalog.trainTargets?.readLabels(0..<1, topology: .solo()), [1008])
    XCTAssertEqual(try catalog.train.readRows(0..<1, topology: .solo()).values, [8, 2008])
    assertFails(.usage, ["'d'", "a, b, c"]) { _ = try open([path], target: "d") }
  }

  func testFaults() throws {
    let directory = try FixtureDirectory()
    for (row, word) in [
      ("1 nan", "row 1, column 1 "), ("1e39 1", "row 1, column 0 "), ("1", "line 3"),
      ("1 x", "line 3"),
    ] {
      let path = try directory.write(Array("a b\n0 0\n\(row)\n2 2\n".utf8), "x.lines")
      let source = try open([path]).train
      assertFails(.badData, ["x.lines", word], row) {
        _ = try source.readRows(0..<3, topology: .solo())
      }
      XCTAssertEqual(try source.readRows(2..<3, topology: .solo()).values, [2, 2])
    }
    let path = try directory.write(lines(["a"], 0..<3), "x.lines")
    assertFails(.badData, ["row 1", "0.125", "label"]) {
      _ = try open([path]).train.readLabels(0..<3, topology: .solo())
    }
    let source = try open([path]).train
    _ = try directory.write(lines(["a"], 0..<2), "x.lines")
    assertFails(.badData, ["when it was examined"]) {
      _ = try source.readRows(0..<3, topology: .solo())
    }
  }
}

import DTrainDist
import XCTest

@testable import DTrainBase
@testable import DTrainData

/// LIBSVM's text: what files say of each other, that no cut of the bytes changes a row, and what is refused.
final class SparseFormatTests: XCTestCase {

  private func values(_ source: ArraySource?) throws -> [Double] {
    guard let source else { return [] }
    return try source.readDoubles(0..<source.rows, topology: .solo())
  }

  /// The rows and labels of files.
  private func read(
    _ files: [String], test: [String] = [], named format: DataFormat? = nil
  ) throws -> (columns: Int, rows: [Double], labels: [Double], test: [Double]) {
    let directory = try FixtureDirectory()
    func write(_ texts: [String], _ name: String) throws -> [String] {
      try texts.enumerated().map { try directory.write(Array($1.utf8), "\(name)\($0).svm") }
    }
    let catalog = try open(write(files, "train"), testData: write(test, "test"), format: format)
    return (
      catalog.train.columns, try values(catalog.train), try values(catalog.trainTargets),
      try values(catalog.test)
    )
  }

  func testRowsAndLabels() throws {
    let found = try read([
      "\u{feff}# made by hand\r\n3 1:0.5 3:-2e3 # a comment with 7:1\r\n\r\n-1.5\t2:+1\t \n"
        + "# 9:9\n0 qid:7 1:.5\n2"
    ])
    XCTAssertEqual(found.columns, 3)
    XCTAssertEqual(found.rows, [0.5, 0, -2000, 0, 1, 0, 0.5, 0, 0, 0, 0, 0])
    XCTAssertEqual(found.labels, [3, -1.5, 0, 2])
  }

  /// A 0 anywhere, in training or test rows, is the first index of all.
  func testTheFirstIndexIsTold() throws {
    XCTAssertEqual(try read(["1 1:5 2:6\n"]).rows, [5, 6])
    XCTAssertEqual(try read(["1 0:5 1:6\n"]).rows, [5, 6])
    XCTAssertEqual(try read(["1 1:5\n", "1 0:4\n"]).rows, [0, 5, 4, 0])
    let both = try read(["1 1:5\n"], test: ["1 0:4\n"])
    XCTAssertEqual(both.rows, [0, 5])
    XCTAssertEqual(both.test, [4, 0])
    let other = try read(["1 0:5 2:1\n"], test: ["1 1:4\n"])
    XCTAssertEqual(other.rows, [5, 0, 1])
    XCTAssertEqual(other.test, [0, 4, 0])
    XCTAssertEqual(
      try read(["1 1:5\n"], named: DataFormat(SparseFormat.libsvm0)).rows, [0, 5])
    assertFails(.badData, ["character 3", "index is 0", "libsvm0"]) {
      _ = try read(["1 0:5\n"], named: DataFormat(SparseFormat.libsvm1))
    }
  }

  /// Training rows say how many columns there are; files without the last ones have zeros there.
  func testColumnsAreThoseOfAllFiles() throws {
    let found = try read(["1 1:1\n", "0 3:1\n", "0\n"], test: ["1 2:1\n"])
    XCTAssertEqual(found.columns, 3)
    XCTAssertEqual(found.rows, [1, 0, 0, 0, 0, 1, 0, 0, 0])
    XCTAssertEqual(found.test, [0, 1, 0])
    assertFails(.badData, ["has 1 column but", "has 2", "columns of the training rows"]) {
      _ = try read(["1 1:1\n"], test: ["1 2:1\n"])
    }
  }

  /// Labels that are all -1 or 1, in whatever files, are two classes with these names.
  func testSignsAreClasses() throws {
    let directory = try FixtureDirectory()
    let paths = try ["+1 1:1\n", "-1 1:1\n+1 1:3\n"].enumerated().map {
      try directory.write(Array($1.utf8), "\($0).svm")
    }
    let targets = try XCTUnwrap(open(paths).trainTargets)
    XCTAssertEqual(targets.texts, ["-1", "1"])
    XCTAssertEqual(try targets.readLabels(0..<3, topology: .solo()), [1, 0, 1])
    XCTAssertEqual(try XCTUnwrap(open([paths[0]]).trainTargets).texts, [])
    XCTAssertEqual(try read(["-1 1:1\n2 1:1\n"]).labels, [-1, 2])
  }

  func testContentTellsIt() throws {
    let directory = try FixtureDirectory()
    let sparse = [
      "1 2:3\n", "# c\n\n-1\n+1 7:.5 9:1e3\n", "2 qid:3 1:1\n", "1.5e0\t1:2\r\n", "0 1:1",
    ]
    for text in sparse + ["1 " + (1...3000).map { "\($0):0.25" }.joined(separator: " ")] {
      XCTAssert(
        SparseFormat.libsvm.matches(Array(Array(text.utf8).prefix(DataFormat.headCount))), text)
    }
    for text in [
      "1,2\n", "1 2\n", "a 1:2\n", "2021-01-01 12:30\n", "1 12:30:15\n", "1:2 3:4\n", "1\n2\n", "",
      "1 a:2\n", "x y\n1 2:3\n", "1 2: 3\n",
    ] { XCTAssertFalse(SparseFormat.libsvm.matches(Array(text.utf8)), text) }
    let path = try directory.write(Array("1 2:3\n".utf8), "data")
    XCTAssertEqual(try open([path]).train.columns, 2)
  }

  /// However the bytes are divided among ranks, the same rows begin in the same places.
  func testEveryCutGivesTheSameRows() throws {
    let text =
      "# a 1:1\r\n1 1:2.5 4:-1 # b\r\n\r\n0\n-3 qid:12 2:1e-3\t\n \n2 1:1 2:2 3:3#c\n5 4:4"
    let wanted: [Double] = [2.5, 0, 0, -1, 0, 0, 0, 0, 0, 1e-3, 0, 0, 1, 2, 3, 0, 0, 0, 0, 4]
    let directory = try FixtureDirectory()
    let bytes = Array(text.utf8)
    let path = try directory.write(bytes, "t.svm")
    let whole = try open([path])
    XCTAssertEqual(try values(whole.train), wanted)
    for first in 0...whole.train.rows {
      for second in first...whole.train.rows {
        let part = try whole.train.readDoubles(first..<second, topology: .solo())
        XCTAssertEqual(part, Array(wanted[first * 4..<second * 4]))
      }
    }
    // What ranks find in their parts, put together.
    for first in 1..<bytes.count {
      for second in stride(from: first, to: bytes.count, by: 17) {
        let ends = [first, second].map { cut in
          (cut..<bytes.count).first { bytes[$0 - 1] == 0x0a } ?? bytes.count
        }
        var (rows, begins): (Int, [Int]) = (0, [])
        for (start, end) in zip([0] + ends, ends + [bytes.count]) where start < end {
          let part = try directory.write(Array(bytes[start..<end]), "part.svm")
          let survey = try SparseSurvey(part, among: .solo)
          rows += survey.rows
          begins += survey.places.map { $0.byte + start }
        }
        XCTAssertEqual(rows, 5, "\(first), \(second)")
        XCTAssert(begins.allSatisfy { [9, 29, 31, 51, 67].contains($0) }, "\(begins)")
      }
    }
  }

  func testMalformedFilesAreRefused() throws {
    let huge = String(repeating: "9", count: 30)
    let cases: [(text: String, words: [String])] = [
      ("", ["is empty"]), ("\n\n", ["give at least one row"]),
      ("# 1 1:1\n", ["give at least one row"]),
      ("1:2 3:4\n", ["line 1, character 1", "'1:2' stands where", "label"]),
      ("1 1:1\n2:2\n", ["line 2, character 1", "label"]),
      ("a 1:1\n", ["line 1, character 1", "the label is 'a'", "number"]),
      ("1 1:1\nno 1:1\n", ["line 2", "the label is 'no'"]),
      ("nan 1:1\n", ["line 1", "the label is 'nan'", "finite"]),
      ("1 1:1\n\ninf 1:1\n", ["line 3", "the label is 'inf'"]),
      ("1e999 1:1\n", ["the label is '1e999'"]), ("0x1 1:1\n", ["the label is '0x1'"]),
      ("1,3 4:0.5\n", ["line 1, character 1", "several labels, '1,3'", "matrix", "labels"]),
      ("1 1:1\n1,2,3 4:0.5\n", ["line 2", "several labels"]), (", 1:1\n", ["several labels"]),
      ("1 1:1 2\n", ["line 1, character 7", "'2' is not index:value", "colon"]),
      ("1 2 1:1\n", ["line 1, character 3", "'2' is not index:value"]),
      ("1 a:1\n", ["line 1, character 3", "'a:1' is not index:value", "whole numbers"]),
      ("1 1.5:1\n", ["'1.5:1' is not index:value"]), ("1 -1:1\n", ["'-1:1' is not index:value"]),
      ("1 +1:1\n", ["'+1:1' is not index:value"]), ("1 :1\n", ["':1' is not index:value"]),
      ("1 1:1 :\n", ["character 7", "':' is not index:value"]),
      ("1 1:\n", ["line 1, character 3", "the value behind '1:' is missing", "without spaces"]),
      ("1 1: 2:1\n", ["line 1, character 3", "the value behind '1:' is missing"]),
      ("1 1 :2\n", ["'1' is not index:value"]),
      ("1 1:a\n", ["line 1, character 3", "the value of '1:a' is not a number"]),
      ("1 1:1,5\n", ["the value of '1:1,5' is not a number"]),
      ("1 1:2:3\n", ["the value of '1:2:3' is not a number"]),
      ("1 1:0x10\n", ["the value of '1:0x10' is not a number"]),
      ("1 1:1-\n", ["the value of '1:1-' is not a number"]),
      ("1 1:--1\n", ["the value of '1:--1' is not a number"]),
      ("1 1:1e\n", ["the value of '1:1e' is not a number"]),
      ("1 1:.\n", ["the value of '1:.' is not a number"]),
      ("1 1:\"1\"\n", ["is not a number"]),
      ("1 1:nan\n", ["line 1, index 1", "not a number (NaN)", "missing values"]),
      ("1 1:1\n1 1:1 2:inf\n", ["line 2, index 2", "infinite"]),
      ("1 0:1 4:-inf\n", ["line 1, index 4", "infinite"]),
      ("1 1:1e300\n", ["line 1, index 1", "beyond the range of float32"]),
      ("1 2:1 1:1\n", ["line 1, character 7", "index 1 follows 2", "ascend"]),
      ("1 1:1 1:1\n", ["line 1, character 7", "index 1 is there twice", "sort"]),
      ("1 1:1 9:1 3:1\n", ["line 1, character 7", "index 9 comes before smaller ones", "ascend"]),
      ("1 1:1 0:1\n", ["character 7", "the index 0 follows 1", "ascend"]),
      ("1 1:1\n1 2:1 3:1 3:2 4:1\n", ["line 2, character 11", "index 3 is there twice"]),
      ("1 2147483648:1\n", ["character 3", "larger than 2147483647", "from 1"]),
      ("1 \(huge):1\n", ["larger than 2147483647"]),
      ("1 1:1 \(huge):1\n", ["character 7", "larger than 2147483647"]),
      ("1 1:1 qid:3\n", ["character 7", "'qid:3' is not index:value"]),
      ("1 qid:a 1:1\n", ["line 1, character 3", "'qid:a' is not qid:NUMBER"]),
      ("1 qid: 1:1\n", ["'qid:' is not qid:NUMBER"]), ("1 q:1\n", ["'q:1' is not qid:NUMBER"]),
      ("1 sid:1 1:1\n", ["'sid:1' is not index:value"]),
      ("1 1:1\u{0}\n", ["line 1, character 3", "is not a number"]),
      ("1 1:1\u{b}2:2\n", ["is not a number"]), ("1;1:1\n", ["label"]),
      ("1 1:١\n", ["is not a number"]), ("1 1:1 //x\n", ["'//x' is not index:value"]),
      ("1 1:\u{1b}[31m\n", ["\\x1b[31m"]), ("[1] 1:1\n", ["the label is '[1]'"]),
    ]
    XCTAssertGreaterThan(cases.count, 50)
    for (text, words) in cases {
      assertFails(.badData, words + (text.isEmpty ? [] : ["train0.svm"]), text) {
        _ = try read([text])
      }
    }
  }

  /// A fault of labels or rows is found where it is, in whichever piece of the file.
  func testLinesAreCounted() throws {
    let line = "1 " + (1...500).map { "\($0):0.\($0)" }.joined(separator: " ") + "\n"
    let text = String(repeating: line, count: 1200)
    XCTAssertGreaterThan(text.utf8.count, ArrayReading.pieceBytes)
    assertFails(.badData, ["line 1202, character 3", "'x' is not index:value"]) {
      _ = try read([text + "\n" + "1 x\n"])
    }
    assertFails(.badData, ["line 1201, index 1", "NaN"]) { _ = try read([text + "1 1:nan\n"]) }
    assertFails(.badData, ["line 1201, character 7", "index 1 is there twice"]) {
      _ = try read([text + "1 1:1 1:1 2:2\n"])
    }
  }
}

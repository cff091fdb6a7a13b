import DTrainDist
import XCTest

@testable import DTrainBase
@testable import DTrainData

/// Tables in text: what is told by looking, and that no cut of the bytes changes a row.
final class TableFormatTests: XCTestCase {
  /// - Parameter columns: those that are read; nil for all.
  private func read(
    _ text: String, _ name: String = "t.csv", columns: Range<Int>? = nil
  ) throws -> (names: [String], texts: [[String]], values: [Double], rows: Int) {
    let directory = try FixtureDirectory()
    let path = try directory.write(Array(text.utf8), name)
    guard case .array(let file) = try FileExamination(DataPath(path: path)) else {
      throw TrainerError(.badData, "an archive")
    }
    let files = [file]
    // Texts as their numbers.
    let plan = ColumnPlan(
      (columns ?? 0..<files[0].columns).map {
        .init(stored: $0..<$0 + 1, texts: StoredArray.texts($0, of: files))
      })
    let source = try ArraySource(files, plan: plan)
    let values = try source.readDoubles(
      0..<source.rows, topology: .solo(), keepsNonFinite: true)
    return (files[0].columnNames, plan.parts.map(\.texts), values, source.rows)
  }

  func testDialectsAreTold() throws {
    let wanted: [Double] = [1, 2.5, -3, 4, 5e-3, 6]
    for (delimiter, name) in [
      (",", "t.csv"), ("\t", "t.tsv"), (";", "t.csv"), ("|", "t.txt"), (" ", "t.dat"),
    ] {
      for header in ["", ["a", "b", "c"].joined(separator: delimiter) + "\n"] {
        for end in ["\n", "\r\n"] {
          for mark in ["", "\u{feff}"] {
            let rows = [["1", "2.5", "-3"], ["4", "5e-3", "6"]]
            var text = mark + header
            text += rows.map { $0.joined(separator: delimiter) }.joined(separator: "\n")
            text = text.replacingEnds(end)
            for last in ["", end] {
              let found = try read(text + last, name)
              XCTAssertEqual(found.values, wanted, text)
              XCTAssertEqual(found.names, header.isEmpty ? [] : ["a", "b", "c"], text)
            }
          }
        }
      }
    }
  }

  func testQuotesCommentsAndBlankLines() throws {
    let found = try read(
      "# made by hand\nname,x,\"a \"\"b\"\"\"\n\n\"Ann, \"\"A\"\"\", 1 ,2\n# later\n\"two\nlines\",3,\"4\"\nplain \"x\",5,6\n"
    )
    XCTAssertEqual(found.names, ["name", "x", "a \"b\""])
    XCTAssertEqual(found.texts, [["Ann, \"A\"", "plain \"x\"", "two\nlines"], []])
    XCTAssertEqual(found.values, [0, 1, 2, 2, 3, 4, 1, 5, 6])
  }

  /// Columns that are not read are passed over, whatever stands in them.
  func testColumnsArePassedOver() throws {
    let found = try read(
      "id,a,b,note\n# x,1,1,1\nx,1,2,y\n\n#,9,9,\n,3,4,\n\"a,\"\"\nb\",5,6,\"z\n,8,\"\r\nsay \"x,7,8,#\r\n-,9,10,",
      columns: 1..<3)
    XCTAssertEqual(found.values, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for short in ["x,1,2\n", "x,1,2,y,z\n", "x,1\n"] {
      XCTAssertThrowsError(try read("id,a,b,note\nx,1,2,y\n" + short, columns: 1..<3), short)
    }
  }

  func testWhatNumPyWritesIsRead() throws {
    let found = try read("# a b\n1.000000000000000000e+00 2.5\n3 4\n", "t.txt")
    XCTAssertEqual(found.names, ["a", "b"])
    XCTAssertEqual(found.values, [1, 2.5, 3, 4])
    XCTAssertEqual(try read("5\n6\n7\n").values, [5, 6, 7])
    XCTAssertEqual(try read("species\na\nb\na\n").texts, [["a", "b"]])
  }

  /// However the bytes are divided among two or three ranks, the same rows begin in the same places.
  func testEveryCutGivesTheSameRows() throws {
    let text =
      "id,text,x\r\n1,\"a\nb\",2\r\n# a \"comment\r\n2,say \"hi,3\r\n\r\n3,\"\"\"q\"\"\n\n\",4\n4,\"x\"\"\",5\n5,y,6\n\"6\",\"\",7"
    let directory = try FixtureDirectory()
    let path = try directory.write(Array(text.utf8), "t.csv")
    let bytes = Array(text.utf8)
    let head = try TextHead(looking: bytes, isWhole: true, name: "t.csv")
    let file = try DataFile(path: path)
    func scan(_ cuts: [Int]) throws -> (rows: Int, firsts: [Int], lines: Int, texts: Set<[UInt8]>) {
      let ends = cuts.map { cut in
        (cut..<bytes.count).first { bytes[$0 - 1] == 0x0a } ?? bytes.count
      }
      var (rows, lines, isInQuote) = (0, 0, false)
      var firsts: [Int] = []
      var texts: Set<[UInt8]> = []
      for (start, end) in zip([head.start] + ends, ends + [bytes.count]) {
        let part = try TextScan(
          file, start..<max(start, end), beginsInQuote: isInQuote, head, collecting: [1], most: 100)
        if let first = part.places.first { firsts.append(first.byte) }
        rows += part.rows
        lines += part.lines
        texts.formUnion(part.texts[0])
        isInQuote = part.endsInQuote
      }
      XCTAssertFalse(isInQuote)
      return (rows, firsts, lines, texts)
    }
    // Where rows begin, one record after the other.
    var begins: [Int] = []
    var record = TextRecord()
    var place = head.start
    bytes.withUnsafeBufferPointer { all in
      while place < all.count {
        switch record.read(all, from: place, isLast: true, head.dialect) {
        case .record(let next):
          begins.append(place)
          place = next
        case .none(let next): place = next
        case .cut: return XCTFail("cut")
        }
      }
    }
    let whole = try scan([])
    XCTAssertEqual(whole.rows, 6)
    XCTAssertEqual(begins.count, 6)
    for first in (head.start + 1)..<bytes.count {
      for second in stride(from: first, to: bytes.count, by: 7) {
        let found = try scan([first, second])
        XCTAssertEqual(found.rows, whole.rows, "\(first), \(second)")
        XCTAssertEqual(found.lines, whole.lines, "\(first), \(second)")
        XCTAssertEqual(found.texts, whole.texts, "\(first), \(second)")
        XCTAssert(found.firsts.allSatisfy { begins.contains($0) }, "\(first), \(second)")
      }
    }
  }

  func testMalformedTablesAreRefused() throws {
    let cases: [(text: String, words: [String])] = [
      ("", ["is empty"]), ("\n\n", ["no rows"]), ("a,b\n", ["names of columns but no rows"]),
      ("a,b\n1,2\n3\n", ["line 3", "1 field", "2"]),
      ("1,2\n3,4,5\n", ["line 2", "3 fields"]),
      ("a,a\n1,2\n", ["two columns called 'a'"]),
      ("a,b\n1,\n", ["line 2, column 1 ('b')", "is empty", "missing values"]),
      ("a,b\n1,NA\n3,4\n", ["line 2, column 1 ('b')", "is 'NA'", "missing values"]),
      ("a,b\n1,nan\n", ["line 2, column 1 ('b')", "nan"]),
      ("a,b\n1,inf\n", ["line 2, column 1 ('b')", "inf"]),
      ("a,b\n1,\"2\n3,4\n", ["quote"]),
      ("a,b\n\"1,5\",2\n\"2,5\",2\n", ["look like numbers"]),
      ("a\u{0}b\n1\n", ["byte 1 is 0"]),
    ]
    for (text, words) in cases {
      let directory = try FixtureDirectory()
      let path = try directory.write(Array(text.utf8), "t.csv")
      XCTAssertThrowsError(
        try DataCatalog.open(.init(data: [path]), topology: .solo()).train.readRows(
          0..<1, topology: .solo()), text
      ) { error in
        let message = "\((error as? AgreedFailure)?.own ?? error)"
        for word in words { XCTAssert(message.contains(word), "\(text): \(message)") }
      }
    }
  }
}

extension String {
  fileprivate func replacingEnds(_ end: String) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end)
  }
}

import DTrainDist
import XCTest

@testable import DTrainBase
@testable import DTrainData

/// Tables in text: what is told by looking, and that no cut of the bytes changes a row.
final class TableFormatTests: XCTestCase {
  /// - Parameters:
  ///   - columns: those that are read; nil for all.
  ///   - change: says what is not told by looking.
  private func read(
    _ text: String, _ name: String = "t.csv", columns: Range<Int>? = nil,
    _ change: (inout DataCatalog.Options) -> Void = { _ in }
  ) throws -> (names: [String], texts: [[String]], values: [Double], rows: Int) {
    let directory = try FixtureDirectory()
    let path = try directory.write(Array(text.utf8), name)
    var options = DataCatalog.Options(data: [])
    change(&options)
    guard
      case .array(let file) = try FileExamination(DataPath(path: path), options: options)
    else {
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

  /// The first row has names or not, as it looks, or as one says.
  func testTheFirstRow() throws {
    let named: [(String, [String])] = [
      ("country,2019,2020\nDE,1,2\nFR,3,4\n", ["country", "2019", "2020"]),
      ("a,7,8,9\nx,1,2,3\ny,4,5,6\n", ["a", "7", "8", "9"]),
      (",0,1\n0,2.5,3\n1,4,5.5\n", []), (",0,1,2\n0,2.5,3,1\n1,4,5.5,2\n", ["", "0", "1", "2"]),
      ("0,1\n0.5,2.0\n1.5,3.0\n", ["0", "1"]), ("0,1\n2,3\n4,5\n", []),
      ("Anna,1,2\nBob,3,4\n", []), ("a,b,\n1,2,\n3,4,\n", ["a", "b", ""]),
    ]
    for (text, names) in named { XCTAssertEqual(try read(text).names, names, text) }
    for (text, names, rows) in [
      ("a,5\nb,6\n", ["a", "5"], 1), ("1,2\n3,4\n", ["1", "2"], 1), ("x\ny\nz\n", ["x"], 2),
    ] {
      let found = try read(text) { $0.hasHeader = true }
      XCTAssertEqual(found.names, names, text)
      XCTAssertEqual(found.rows, rows, text)
    }
    for (text, rows) in [("a,5\nb,6\n", 2), ("x\ny\nz\n", 3), ("# a b\n1 2\n", 1)] {
      let found = try read(text) { $0.hasHeader = false }
      XCTAssertEqual(found.names, [], text)
      XCTAssertEqual(found.rows, rows, text)
    }
    for text in ["city,\nParis,5\nRome,6\n", "x,,y\n1,2,3\n"] {
      assertFails(.badData, ["t.csv: line 1 has no name for column 1", "header no"]) {
        _ = try read(text)
      }
    }
    assertFails(.badData, ["line 2 has 3 fields", "remove the comma at the end of line 2"]) {
      _ = try read("x,y\n1,2,\n3,4,\n")
    }
  }

  func testDelimiters() throws {
    for (text, name, values) in [
      ("1,5;rot\n2,5;blau\n", "t.csv", [1.5, 1, 2.5, 0]),
      ("1,5;rot;x\n2,5;blau;x\n", "t.csv", [1.5, 1, 0, 2.5, 0, 0]),
      ("1,5\trot\n2,5\tblau\n", "t.tsv", [1.5, 1, 2.5, 0]), ("1,5\n2,5\n", "t.tsv", [1.5, 2.5]),
      ("1,\"a;b\"\n2,\"c;d\"\n", "t.csv", [1, 0, 2, 1]),
      ("very good\nnot bad\nvery good\n", "t.csv", [1, 0, 1]),
      ("Iris setosa\nIris virginica\nIris setosa\n", "t.txt", [0, 1, 0]),
      ("type 1\ntype 2\ntype 1\n", "t.csv", [0, 1, 0]),
      ("AAT  0.4 0.3\nACE  0.5 0.2\n", "t.dat", [0, 0.4, 0.3, 1, 0.5, 0.2]),
    ] as [(String, String, [Double])] {
      XCTAssertEqual(try read(text, name).values, values, text)
    }
    let spaced = try read("type 1\ntype 2\n") { $0.delimiter = UInt8(ascii: " ") }
    XCTAssertEqual(spaced.values, [0, 1, 0, 2])
    XCTAssertEqual(
      try read("1:2\n3:4\n") { $0.delimiter = UInt8(ascii: ":") }.values, [1, 2, 3, 4])
    for delimiter in [";", "\t"] {
      let rows = ["a;b;c"] + Array(repeating: "1;2;3", count: 5) + Array(repeating: "1;2", count: 4)
      let text = rows.joined(separator: "\n").replacing(";", with: delimiter)
      assertFails(.badData, ["line 7 has 2 fields where line 1 has 3"]) { _ = try read(text) }
      assertFails(.badData, ["line 2 has 3 fields where line 1 has 1"]) {
        _ = try read("My table\n" + text)
      }
    }
  }

  /// Texts are what stands between delimiters, in quotes or not; names and numbers have no white space around them.
  func testWhiteSpace() throws {
    for text in [
      " a , x \n u,1 \nv , 2\n u,3\n",
      "\" a \",\" x \"\n\" u\",\"1 \"\n\"v \",\" 2\"\n\" u\",\"3\"\n",
    ] {
      let found = try read(text)
      XCTAssertEqual(found.names, ["a", "x"])
      XCTAssertEqual(found.texts, [[" u", "v "], []])
      XCTAssertEqual(found.values, [0, 1, 1, 2, 0, 3])
    }
  }

  /// A table whose first row is longer than what is looked at first.
  func testWideTables() throws {
    let row = (0..<40_000).map { "\(Double($0) + 0.125)" }.joined(separator: ",")
    let names = (0..<40_000).map { "c\($0)" }.joined(separator: ",")
    for text in ["\(names)\n\(row)\n\(row)\n", "\(row)\n\(row)\n", "\(names)\n\(row)"] {
      let found = try read(text)
      XCTAssertEqual(found.values.count, 40_000 * found.rows)
      XCTAssertEqual(found.values[39_999], 39_999.125)
      XCTAssertEqual(found.names.last, text.hasPrefix("c") ? "c39999" : nil)
    }
  }

  /// Texts that are none, and quotes that stay open, are found behind what is looked at first, with their line.
  func testFaultsBehindTheBeginning() throws {
    let rows = String(repeating: "München,1\n", count: 40_000)
    for (bad, words) in [
      ([0x4b, 0xf6, 0x6c, 0x6e], ["column 0 ('city') is not UTF-8", "iconv"]),
      ([0x4b, 0], ["column 0 ('city') has a byte that is 0"]),
      (Array("\"open".utf8), ["quoted field", "not closed"]),
    ] as [([UInt8], [String])] {
      let directory = try FixtureDirectory()
      for rows in [rows, "a,1\n"] {
        let count = rows.count { $0 == "\n" }
        let text = Array("city,x\n".utf8) + Array(rows.utf8) + bad + Array(",1\nb,2\n".utf8)
        let path = try directory.write(text, "t.csv")
        // At the beginning of the file a zero is told by its byte.
        let line = bad.last == 0 && count == 1 ? "byte 12 is 0" : "line \(count + 2)"
        assertFails(.badData, ["t.csv", line] + (bad.last == 0 && count == 1 ? [] : words)) {
          _ = try DataCatalog.open(.init(data: [path]), topology: .solo())
        }
      }
    }
    let directory = try FixtureDirectory()
    let path = try directory.write([0x6b, 0xf6, 0x2c, 0x78, 0x0a, 0x31, 0x2c, 0x32, 0x0a], "n.csv")
    assertFails(.badData, ["n.csv: line 1, the names of the columns are not UTF-8"]) {
      _ = try DataCatalog.open(.init(data: [path]), topology: .solo())
    }
  }

  /// Comments between rows are counted, and first rows that may be none are noted.
  func testWhatIsPassedOver() throws {
    for (text, comments, isDoubtful) in [
      ("# by hand\na,b\n1,2\n#3,4\n# 5\n6,7\n", 2, false), ("u\nv\nw\n", 0, true),
      ("a,\"b\"\n1,\"#\"\n#,2\n3,4\n", 1, false), ("a,b\nx,1\ny,2\n", 0, false),
    ] {
      let directory = try FixtureDirectory()
      let path = try directory.write(Array(text.utf8), "t.csv")
      let array = try DataCatalog.open(.init(data: [path]), topology: .solo()).train.arrays[0]
      let found = array.format.passedOver(of: array)
      XCTAssertEqual(found.comments, comments, text)
      XCTAssertEqual(found.isDoubtfulHeader, isDoubtful, text)
    }
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

import Foundation
import Launching
import XCTest

/// Malformed files that several ranks read together: whichever rank meets the fault, all stop, and one says what and where.
final class MPIMalformedDataTests: XCTestCase {
  /// What may stand in the place of a row `1,2,3`, with words of the message; `,` is the delimiter.
  private static let faults: [(row: String, words: String)] = [
    ("1,2", "2 fields"), ("1", "1 field"), ("1,2,3,4", "4 fields"), ("1,2,", "missing"),
    (",2,3", "missing"), ("1,NA,3", "'NA'"), ("1,?,3", "'?'"), ("1,n/a,3", "'n/a'"),
    ("nan,2,3", "nan"), ("1,2,inf", "inf"), ("1,-inf,3", "inf"), ("1,1e999,3", "inf"),
    ("1,x,3", "'x'"), ("1,1.2.3,3", "'1.2.3'"), ("0x10,2,3", "'0x10'"), ("1,--5,3", "'--5'"),
    ("1,1e,3", "'1e'"), ("1,+-1,3", "'+-1'"), ("1,1_000,3", "'1_000'"),
    ("1,\u{ff11},3", "not a number"),
    ("1,\"2\"x,3", "not a number"), ("1,\"\",3", "missing"), ("1,1d0,3", "'1d0'"),
  ]

  /// What may stand in the place of a line `1 1:2 3:4`.
  private static let sparseFaults: [(line: String, words: String)] = [
    ("1,3 4:0.5", "several labels"), ("x 1:2", "label"), ("nan 1:1", "label"), ("inf 1:1", "label"),
    ("1:2 3:4", "label"), ("1 a:2", "'a:2'"), ("1 -1:2", "'-1:2'"), ("1 1.5:2", "'1.5:2'"),
    ("1 2147483648:1", "2147483648"), ("1 1:", "'1:'"), ("1 1:x", "'1:x'"), ("1 1:nan", "NaN"),
    ("1 1:inf", "infinite"), ("1 1:1e999", "infinite"), ("1 3:1 3:2", "3"), ("1 3:1 2:2", "2"),
    ("1 1 2", "'1'"), ("1 qid:x 1:2", "qid"), ("1 1:2:3", "'1:2:3'"), ("1 1:2,3", "'1:2,3'"),
    ("1 :2", "':2'"), ("1 1:0x1", "'1:0x1'"), ("1 1:2 x", "'x'"), ("one", "'one'"),
  ]

  /// Whole files, and words of what is said of them.
  private static let files: [(name: String, bytes: [UInt8], words: [String])] = {
    let texts: [(String, String, [String])] = [
      ("empty.csv", "", ["is empty"]), ("empty.svm", "", ["is empty"]),
      ("blank.csv", "\n\n", ["no rows"]), ("comment.csv", "# a\n", ["no rows"]),
      ("names.csv", "a,b\n", ["no rows"]), ("names.tsv", "a\tb\n", ["no rows"]),
      ("twice.csv", "a,a\n1,2\n", ["two columns called 'a'"]),
      ("twice.tsv", "a\tb\ta\n1\t2\t3\n", ["two columns called 'a'"]),
      ("nameless.csv", "x,,y\n1,2,3\n", ["line 1", "no name for column 1"]),
      ("nameless.tsv", "x\ty\t\n1\t2\t3\n", ["line 1", "no name for column 2"]),
      ("trailing.csv", "x,y\n1,2,\n3,4,\n", ["line 2", "comma at the end"]),
      ("trailing-names.csv", "x,y,\n1,2\n3,4\n", ["line 2", "at the end of line 1"]),
      ("ragged.csv", "a;b;c\n1;2;3\n1;2\n1;2\n", ["line 3", "2 fields", "semicolon"]),
      ("ragged.tsv", "a\tb\n1\t2\n1\n1\n", ["line 3", "1 field", "tab"]),
      ("title.csv", "My table\na;b\n1;2\n3;4\n", ["line 2", "2 fields", "1"]),
      ("old.csv", "a,b\r1,2\r", ["carriage returns alone"]),
      ("open.csv", "a,b\n1,x\n2,\"y\n3,z\n", ["line 3", "not closed"]),
      ("open-name.csv", "a,\"b\n1,2\n", ["not closed"]),
      ("prices.csv", "x,p\n1,$5\n2,$7\n", ["column 1 ('p')", "look like numbers"]),
      ("percent.csv", "x,p\n1,5%\n2,7%\n", ["column 1 ('p')", "look like numbers"]),
      ("page.csv", "<!DOCTYPE html>\n<html>\n", ["HTML page"]),
      (
        "pointer.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        ["git lfs"]
      ),
      ("a.parquet", "PAR1....", ["Parquet", "two lines"]), ("b.csv", "PAR1....", ["b-text.csv"]),
      ("a.feather", "ARROW1..", ["Feather", "two lines"]), ("c.csv", "FEA1....", ["c-text.csv"]),
      ("unknown", "what is this", ["is neither"]), ("table", "a,b\n1,2\n", ["looks like a table"]),
      ("missing.csv", "x,c\n1,u\n2,\n3,v\n", ["line 3, column 1 ('c')", "is empty"]),
      ("question.csv", "x,c\n1,u\n2,?\n3,v\n", ["line 3, column 1 ('c')", "is '?'"]),
      (
        "large.csv", "x,y\n1,2\n1e39,2\n",
        ["line 3, column 0 ('x')", "beyond the range of float32"]
      ),
      ("large.svm", "1 1:1\n1 1:1e39\n", ["line 2", "beyond the range of float32"]),
    ]
    let latin: [UInt8] = [0x4b, 0xf6, 0x6c, 0x6e]
    let bytes: [(String, [UInt8], [String])] = [
      (
        "latin.csv", Array("c,x\na,1\n".utf8) + latin + Array(",2\n".utf8),
        ["line 3, column 0 ('c')", "iconv"]
      ),
      ("latin-name.csv", latin + Array(",x\n1,2\n".utf8), ["line 1", "not UTF-8"]),
      ("utf16.csv", [0xff, 0xfe, 0x61, 0, 0x2c, 0, 0x62, 0, 0x0a, 0], ["is 0"]),
      ("zero.tsv", Array("a\tb\n1\t2".utf8) + [0, 0x0a], ["byte 7 is 0"]),
      ("cut.csv.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b], ["cut.csv.gz"]),
      ("other.csv.gz", [0x1f, 0x8b, 9, 9, 9, 9], ["other.csv.gz"]),
      ("stream.arrows", [0xff, 0xff, 0xff, 0xff, 0x70, 1, 0, 0], ["stream of Arrow"]),
      ("a.csv.xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], ["xz"]),
      ("a.csv.bz2", Array("BZh91".utf8), ["bzip2"]),
      ("a.csv.zst", [0x28, 0xb5, 0x2f, 0xfd, 0], ["zstd"]),
    ]
    return texts.map { ($0, Array($1.utf8), $2) } + bytes
  }()

  func testLinesOfPairs() throws {
    try refuse { folder in
      [0, 50, 99].flatMap { place in
        Self.sparseFaults.enumerated().map { index, fault in
          var lines = (0..<100).map { "\($0 % 2) 1:2 3:\($0 + 1)" }
          lines[place] = fault.line
          let name = "\(place)-\(index).svm"
          // The format is told by the first line; with a fault there the name tells it.
          return (
            name, Array((lines.joined(separator: "\n") + "\n").utf8),
            ["line \(place + 1)", fault.words]
          )
        }
      }
    }
  }

  func testWholeFiles() throws { try refuse { _ in Self.files } }

  func testTablesInText() throws {
    try refuse { _ in
      var files: [(name: String, bytes: [UInt8], words: [String])] = []
      for (delimiter, ending) in [(",", "csv"), ("\t", "tsv"), (";", "csv")] {
        for place in [0, 511, 998] {
          for (index, fault) in Self.faults.enumerated() {
            var rows = (0..<999).map { "\($0),\($0 * 3),-0.5" }
            rows[place] = fault.row
            // What is told of a table by looking is that most rows have so many fields.
            let text = (["a,b,c"] + rows).joined(separator: "\n").replacing(",", with: delimiter)
            files.append(
              (
                "\(ending)-\(delimiter == ";" ? 1 : 0)-\(place)-\(index).\(ending)",
                Array(text.utf8),
                ["line \(place + 2)", fault.words]
              ))
          }
        }
      }
      XCTAssertGreaterThan(files.count, 200)
      return files
    }
  }

  /// Writes files, and has one and three ranks read each of them.
  private func refuse(
    _ files: (_ folder: String) throws -> [(name: String, bytes: [UInt8], words: [String])]
  ) throws {
    let folder = NSTemporaryDirectory() + "dtrain-malformed-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let wanted = try files(folder).map { file in
      let path = "\(folder)/\(file.name)"
      try Data(file.bytes).write(to: URL(fileURLWithPath: path))
      return (path: path, words: file.words)
    }
    for ranks in [1, 3] {
      print("\(wanted.count) malformed files, N=\(ranks)")
      let outcome = try run(MPIJob(ranks, "mpi-harness", ["refuse-data"] + wanted.map(\.path)))
      XCTAssertEqual(outcome.exitCode, 0, outcome.output + outcome.errors)
      let lines = outcome.output.split(whereSeparator: \.isNewline).filter {
        $0.hasPrefix("refused ")
      }
      XCTAssertEqual(lines.count, wanted.count, "N=\(ranks)")
      for (line, want) in zip(lines, wanted) {
        XCTAssert(line.hasPrefix("refused \(want.path): "), "N=\(ranks): \(line)")
        let message = line.dropFirst("refused \(want.path): ".count)
        for word in want.words + ["; "] {
          XCTAssert(message.contains(word), "N=\(ranks), \(word): \(message)")
        }
      }
    }
  }
}

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

  func testTablesInText() throws {
    let folder = NSTemporaryDirectory() + "dtrain-malformed-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var wanted: [(path: String, words: [String])] = []
    for (delimiter, ending) in [(",", "csv"), ("\t", "tsv"), (";", "csv")] {
      for place in [0, 511, 998] {
        for (index, fault) in Self.faults.enumerated() {
          var rows = (0..<999).map { "\($0),\($0 * 3),-0.5" }
          rows[place] = fault.row
          // What is told of a table by looking is that most rows have so many fields.
          let text = (["a,b,c"] + rows).joined(separator: "\n").replacing(",", with: delimiter)
          let path = "\(folder)/\(ending)-\(delimiter == ";" ? 1 : 0)-\(place)-\(index).\(ending)"
          try Data(text.utf8).write(to: URL(fileURLWithPath: path))
          wanted.append((path, ["line \(place + 2)", fault.words]))
        }
      }
    }
    XCTAssertGreaterThan(wanted.count, 200)
    for ranks in [1, 3] {
      print("\(wanted.count) malformed tables, N=\(ranks)")
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

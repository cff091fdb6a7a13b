import Foundation
import Launching
import XCTest

/// `dtrain convert`: the same bytes for any ranks, what is refused, and that nothing is half-written. That numbers stay
/// what they are is checked in Tests/python/check_conversions.py.
final class ConvertTests: XCTestCase {
  /// A folder with `x.npy` of 20 columns and `y.npy`.
  private func folder(rows: Int = 200) throws -> RunFolder {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: rows)
    return folder
  }

  private func convert(
    _ arguments: [String], in folder: RunFolder, expecting code: Int32 = 0, ranks: Int? = nil,
    file: StaticString = #filePath, line: UInt = #line
  ) throws -> Program.Result {
    let paths = arguments.map {
      $0.hasPrefix("-") || Int($0) != nil || ["train", "test"].contains($0) ? $0 : folder.file($0)
    }
    return try run(["convert"] + paths, expecting: code, ranks: ranks, file: file, line: line)
  }

  func testTheSameBytesForAnyRanks() throws {
    // A block has 8 MiB, so that these are several rounds of two ranks, the last of which has a short one.
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 4)
    var x = [UInt8](repeating: 0, count: 27_000 * 1000)
    for _ in 0..<400_000 { x[numbers.below(x.count)] = UInt8(numbers.below(256)) }
    try folder.write(RunFile.idx([27_000, 10, 100], x), "x.idx")
    try folder.write(RunFile.idx([27_000], (0..<27_000).map { UInt8($0 % 7) }), "y.idx")
    var wanted: [String: [UInt8]] = [:]
    for ranks in [nil, 2, 3, 5] {
      for name in ["a.csv", "a.svm", "a.npz", "a.idx"] {
        let result = try convert(
          ["x.idx", "--labels", "y.idx", "--to", name, "--overwrite"], in: folder, ranks: ranks)
        XCTAssert(result.output.contains("27,000 rows of 1,000 columns of"), result.output)
        for file in [name] + (name == "a.idx" ? ["a-labels.idx"] : []) {
          XCTAssert(result.output.contains("written to \(folder.file(file))"), result.output)
          let bytes = try folder.bytes(file)
          XCTAssert(bytes == wanted[file] ?? bytes, "\(file), N=\(ranks ?? 1)")
          wanted[file] = bytes
        }
      }
    }
    XCTAssert(wanted["a.idx"] == (try folder.bytes("x.idx")))
    XCTAssert(wanted["a-labels.idx"] == (try folder.bytes("y.idx")))
    _ = try convert(["a.npz", "--to", "b.csv"], in: folder, ranks: 2)
    XCTAssert(try folder.bytes("b.csv") == wanted["a.csv"])
  }

  func testRefusals() throws {
    let folder = try folder()
    try folder.write(RunFile.npy("<u2", [3, 2], [UInt8](repeating: 1, count: 12)), "u2.npy")
    try folder.write(Array("a,b\n1,x\n2,y\n".utf8), "t.csv")
    try folder.write(Array("1 1:2\n".utf8), "s.svm")
    try folder.write(Array("a,b\n1,x\n2,\n3,y\n".utf8), "c.csv")
    try folder.write(Array("a,b\n1,5\n2,NA\n".utf8), "n.csv")
    try RunData.writeMNIST(folder, "mnist", train: 30, test: 10)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link.npy"), withDestinationPath: folder.file("x.npy"))
    let before = try folder.files(in: ".").keys.sorted()
    let cases: [(arguments: [String], code: Int32, words: [String])] = [
      (["x.npy", "--to", "a.h5"], 2, ["HDF5 is read but not written", ".npz"]),
      (["x.npy", "--to", "a.parquet"], 2, ["name a file that ends in .npy, .npz, .csv, .tsv"]),
      (["x.npy", "--to", "x.npy"], 2, ["that is the file", "name another file"]),
      (["x.npy", "--to", "x.npy", "--overwrite"], 2, ["that is the file"]),
      (["x.npy", "--to", "link.npy", "--overwrite"], 2, ["that is the file"]),
      (["x.npy", "--to", "y.npy"], 2, ["is there already", "--overwrite"]),
      (["c.csv", "--target", "1", "--to", "a.npz"], 3, ["c.csv: line 3, column 1 ('b') is empty"]),
      (["c.csv", "--target", "1", "--to", "a.svm"], 3, ["c.csv: line 3, column 1 ('b') is empty"]),
      (["n.csv", "--target", "1", "--to", "a.svm"], 3, ["n.csv: line 3, column 1 ('b') is 'NA'"]),
      (["t.csv", "--to", "a.npy"], 3, ["column 1 ('b') holds texts"]),
      (["t.csv", "--to", "a.svm"], 3, ["column 1 ('b') holds texts"]),
      (["x.npy", "--to", "a.svm"], 2, ["begins with one label", "has none", "--target"]),
      (["x.npy", "--labels", "x.npy", "--to", "a.svm"], 2, ["one label", "has 20 a row"]),
      (["u2.npy", "--to", "a.idx"], 2, ["IDX has no uint16", "NPY"]),
      (["mnist", "--to", "a.npy"], 2, ["rows to train and rows to test on", "--part"]),
      (["x.npy", "--to", "a.npy", "--part", "test"], 2, ["brings no rows to test on"]),
      (["x.npy", "--to", "a.csv", "--labels-to", "b.csv"], 2, ["holds labels too"]),
      (["x.npy", "--to", "a.npy", "--labels-to", "b.csv"], 2, ["--labels-to", "ending"]),
      (["x.npy", "--to", "a.npy", "--labels-to", "a.npy"], 2, ["file of the rows"]),
      (["x.npy", "--labels", "u2.npy", "--to", "a.npz"], 3, ["200", "3"]),
      (["none.npy", "--to", "a.npz"], 3, ["none.npy"]),
      (["x.npy", "--to", "none/a.npz"], 7, ["none"]),
      (["s.svm", "--label-column", "0", "--to", "a.csv"], 2, ["targets of its own"]),
    ]
    for (arguments, code, words) in cases {
      for ranks in arguments == cases[0].arguments ? [nil, 3] : [nil] {
        let refused = try convert(arguments, in: folder, expecting: code, ranks: ranks)
        for word in words {
          XCTAssert(
            refused.error.contains(word), "\(arguments): \(word) is not in \(refused.error)")
        }
        XCTAssertEqual(refused.messages.count, 1, refused.error)
      }
    }
    XCTAssertEqual(try folder.files(in: ".").keys.sorted(), before)
  }

  /// Texts are passed on as they stand, those that are missing and those of any number.
  func testTextsAreCopied() throws {
    let folder = try RunFolder()
    let rows = (0..<30_000).map { "k\($0),\($0 % 7 == 3 ? "" : " t\($0 % 5) "),\($0)\n" }.joined()
    try folder.write(Array(("key,city,x\n" + rows).utf8), "t.csv")
    try folder.write(Array("city\nu\n\"\"\nv\n".utf8), "lone.csv")
    try folder.write([UInt8]("c,x\nK".utf8) + [0xf6] + [UInt8](",1\n".utf8), "latin.csv")
    try folder.write(Array(",x\nr1,1\nr2,2\n".utf8), "index.csv")
    for ranks in [nil, 3] {
      _ = try convert(["t.csv", "--to", "t.tsv", "--overwrite"], in: folder, ranks: ranks)
      _ = try convert(["t.tsv", "--to", "back.csv", "--overwrite"], in: folder, ranks: ranks)
      // Blanks at the ends of a text are kept in quotes.
      let wanted = rows.split(separator: "\n").map { line in
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        return "\(fields[0]),\(fields[1].isEmpty ? "" : "\"\(fields[1])\""),\(fields[2])"
      }
      XCTAssert(
        try folder.bytes("back.csv")
          == Array((["key,city,x"] + wanted).joined(separator: "\n").utf8) + [0x0a])
      for (name, text) in [
        ("lone.csv", Array("city\nu\n\"\"\nv\n".utf8)),
        ("latin.csv", try folder.bytes("latin.csv")),
      ] {
        _ = try convert([name, "--to", "copy.csv", "--overwrite"], in: folder, ranks: ranks)
        XCTAssertEqual(try folder.bytes("copy.csv"), text)
      }
      _ = try convert(["index.csv", "--to", "copy.csv", "--overwrite"], in: folder, ranks: ranks)
      XCTAssertEqual(try folder.bytes("copy.csv"), Array("\"\",x\nr1,1\nr2,2\n".utf8))
      let left = try convert(
        ["index.csv", "--to", "copy.npy", "--overwrite"], in: folder, ranks: ranks)
      XCTAssert(left.output.contains("the first column, which has no name"), left.output)
    }
  }

  /// A conversion that is asked to stop leaves nothing.
  func testStopRequest() throws {
    let folder = try RunFolder()
    let header = RunFile.npy("<f4", [4_000_000, 64], [])
    try folder.write(header, "large.npy")
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("large.npy")))
    try handle.truncate(atOffset: UInt64(header.count + 4_000_000 * 256))
    try handle.close()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = ["convert", folder.file("large.npy"), "--to", folder.file("a.csv")]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    func names() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
    for _ in 0..<400 where try names().count == 1 { usleep(25_000) }
    XCTAssertEqual(try names().count, 2, "it has not begun")
    process.terminate()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationReason, .exit)
    XCTAssertEqual(try names(), ["large.npy"])
  }

  /// A fault in the middle of the data, or a full disk, leaves what was there.
  func testNothingIsHalfWritten() throws {
    let folder = try RunFolder()
    let line = "1 " + (1...200).map { "\($0):0.\($0)" }.joined(separator: " ") + "\n"
    try folder.write(Array((String(repeating: line, count: 20_000) + "1 2:x\n").utf8), "bad.svm")
    try folder.write(Array(String(repeating: line, count: 20_000).utf8), "good.svm")
    try folder.write([1, 2, 3], "out.npz")
    for ranks in [1, 3] {
      let refused = try convert(
        ["bad.svm", "--to", "out.npz", "--overwrite"], in: folder, expecting: 3, ranks: ranks)
      XCTAssert(refused.error.contains("line 20001, character 3"), refused.error)
      XCTAssertEqual(refused.messages.count, 1, refused.error)
      let full = try Program.run(
        ["convert", folder.file("good.svm"), "--to", folder.file("out.npz"), "--overwrite"],
        ranks: ranks, limit: "--fsize=10000000")
      XCTAssertEqual(full.status, 7, full.error)
      XCTAssertEqual(full.messages.count, 1, full.error)
      XCTAssertEqual(try folder.bytes("out.npz"), [1, 2, 3])
      XCTAssertEqual(try folder.files(in: ".").count, 3)
    }
  }

  /// A rank that may not have memory for all rows converts them all the same.
  func testDataMayBeLargerThanMemory() throws {
    let folder = try RunFolder()
    let rows = 1_600_000
    // 410 MB of zeros, holes of the file system.
    let header = RunFile.npy("<f4", [rows, 64], [])
    try folder.write(header, "large.npy")
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("large.npy")))
    try handle.truncate(atOffset: UInt64(header.count + rows * 256))
    try handle.close()
    let result = try Program.run(
      ["convert", folder.file("large.npy"), "--to", folder.file("a.npy")],
      limit: "--data=400000000")
    XCTAssertEqual(result.status, 0, result.error)
    XCTAssertEqual(
      try FileManager.default.attributesOfItem(atPath: folder.file("a.npy"))[.size] as? Int,
      rows * 256 + 128)
  }
}

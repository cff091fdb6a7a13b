import DTrainDist
import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainData

/// Files that are wrong in every way thought of: always one error, never a crash, a hang or silence.
final class MalformedDataTests: XCTestCase {
  private let npy = Fixture.npy("<f4", [3, 2], payload: [UInt8](repeating: 0x3f, count: 24))
  private let idx = Fixture.idx(8, [5, 2], payload: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])

  /// Every proper prefix of a file is refused.
  func testEveryTruncation() throws {
    let directory = try FixtureDirectory()
    let archive = Fixture.zip([
      ("x.npy", npy), ("y.npy", Fixture.npy("|u1", [3], payload: [0, 1, 2])),
    ])
    let files: [(String, [UInt8])] = [
      ("npy", npy), ("idx", idx), ("npy.gz", Fixture.gzip(npy)), ("idx.gz", Fixture.gzip(idx)),
      ("stored", archive), ("deflated", Fixture.zip([("x.npy", npy)], deflated: true)),
      ("zip64", Fixture.zip([("x.npy", npy)], zip64: true)),
      ("zip64 record", Fixture.zip([("x.npy", npy)], zip64End: true)),
      ("two members", Fixture.gzip(Array(npy[..<40])) + Fixture.gzip(Array(npy[40...]))),
    ]
    for (name, bytes) in files {
      XCTAssertNoThrow(try readAll(try directory.write(bytes, "file")), name)
      for length in 0..<bytes.count {
        let path = try directory.write(Array(bytes[..<length]), "file")
        assertFails(.badData, ["file"], "\(name) cut at \(length)") { _ = try readAll(path) }
      }
    }
  }

  func testTrailingBytes() throws {
    let directory = try FixtureDirectory()
    for bytes in [
      npy, idx, Fixture.gzip(npy), Fixture.gzip(idx), Fixture.zip([("x.npy", npy)]),
      Fixture.zip([("x.npy", npy)], deflated: true),
    ] {
      let isGzipped = bytes.starts(with: [0x1f, 0x8b])
      for extra in [[0], [0x1f], [0x1f, 0x8b], [1, 2, 3]] as [[UInt8]]
      where !isGzipped || extra != [0] {
        let path = try directory.write(bytes + extra, "file")
        assertFails { _ = try readAll(path) }
      }
    }
  }

  /// Flips every bit: the file is refused, or (where nothing guards the bit) read without a crash.
  func testEveryBitFlip() throws {
    let directory = try FixtureDirectory()
    let member = Fixture.npy("|u1", [3, 4], payload: Array(1...12))
    let files: [(String, Bool, [UInt8])] = [
      ("npy", false, npy), ("idx", false, idx), ("gz", true, Fixture.gzip(member)),
      ("stored", true, Fixture.zip([("x.npy", member)])),
      ("deflated", true, Fixture.zip([("x.npy", member)], deflated: true)),
      ("zip64", true, Fixture.zip([("x.npy", member)], zip64: true)),
      ("zip64 record", true, Fixture.zip([("x.npy", member)], zip64End: true)),
    ]
    for (name, isChecked, bytes) in files {
      let sound = try readAll(try directory.write(bytes, "file")).values
      for place in bytes.indices {
        for bit in 0..<8 {
          var flipped = bytes
          flipped[place] ^= 1 << bit
          let path = try directory.write(flipped, "file")
          do {
            let values = try readAll(path).values
            if isChecked { XCTAssertEqual(values, sound, "\(name): bit \(bit) of byte \(place)") }
          } catch {
            let cause = (error as? AgreedFailure)?.own ?? error
            XCTAssertEqual((cause as? TrainerError)?.kind, .badData, "\(name) \(place) \(cause)")
          }
        }
      }
    }
  }

  func testLyingNPYHeaders() throws {
    let directory = try FixtureDirectory()
    let payload = [UInt8](repeating: 1, count: 24)
    let headers: [(String, String)] = [
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 2), }", "negative"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, -2), }", "negative"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "shape"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3), }", "shape"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), }", "64 bits"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 9), }", "shape"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }", "too long"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 0), }", "no columns"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "single number"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3), }", "tuple"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }", "cut off"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "too long"),
      ("{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }", "objects"),
      ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }", "structured"),
      ("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", "<c8"),
      ("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", "<U3"),
      ("{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", "<f16"),
      ("{'descr': '|f4', 'fortran_order': False, 'shape': (3, 2), }", "byte order"),
      ("{'descr': '', 'fortran_order': False, 'shape': (3, 2), }", "type"),
      ("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (3, 2), }", "True or False"),
      ("{'descr': '<f4', 'fortran_order': False, }", "missing"),
      ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", "repeated"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), 'x': 1}", "unknown"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), } + evil()", "after"),
      ("__import__('os').system('true')", "'{'"), ("", "'{'"), ("{", "string"),
      ("{'descr", "unclosed"), ("{'des\\x63r': '<f4'}", "escaped"),
    ]
    for (header, word) in headers {
      for bytes in [
        Fixture.npy(header: header, payload: payload),
        Fixture.zip([("x.npy", Fixture.npy(header: header, payload: payload))], deflated: true),
      ] {
        let path = try directory.write(bytes, "lying.npy")
        assertFails(.badData, ["lying.npy", word], header) { _ = try readAll(path) }
      }
      // Inside gzip the lie about a size can show only while inflating.
      let path = try directory.write(
        Fixture.gzip(Fixture.npy(header: header, payload: payload)), "lying.npy.gz")
      assertFails(.badData, ["lying.npy.gz"], header) { _ = try readAll(path) }
    }
    var unknown = npy
    unknown[6] = 4
    let path = try directory.write(unknown, "file")
    assertFails(.badData, ["version 4"]) { _ = try readAll(path) }
    let bloated = try directory.write(
      Fixture.npy(
        header: "{'descr': '<f4'" + String(repeating: " ", count: 70_000), version: 2, payload: []),
      "file")
    assertFails(.badData, ["65536"]) { _ = try readAll(bloated) }
    let huge = try directory.write(Array(npy[..<6]) + [2, 0, 0xff, 0xff, 0xff, 0xff], "file")
    assertFails(.badData, ["4294967295"]) { _ = try readAll(huge) }
  }

  func testLyingIDXHeaders() throws {
    let directory = try FixtureDirectory()
    let lies: [(String, [UInt8])] = [
      ("rows", Fixture.idx(8, [6, 2], payload: Array(0..<10))),
      ("long", Fixture.idx(8, [4, 2], payload: Array(0..<10))),
      ("overflow", Fixture.idx(14, [0xffff_ffff, 0xffff_ffff, 0xffff_ffff], payload: [1, 2])),
      ("255 dimensions", [0, 0, 8, 255] + [UInt8](repeating: 0xff, count: 1020)),
      ("empty", Fixture.idx(8, [0, 2], payload: [])),
      ("type", Fixture.idx(0x0a, [1], payload: [0])), ("no dimension", [0, 0, 8, 0, 1]),
    ]
    for (name, bytes) in lies {
      for bytes in [bytes, Fixture.gzip(bytes)] {
        let path = try directory.write(bytes, "file-ubyte")
        assertFails(.badData, ["file-ubyte"], name) { _ = try readAll(path) }
      }
    }
  }

  func testSizesThatNoCompressionReaches() throws {
    let directory = try FixtureDirectory()
    let bomb = Fixture.npy("|u1", [1 << 40, 1 << 10], payload: [0])
    let path = try directory.write(Fixture.gzip(bomb), "bomb.npy.gz")
    assertFails(.badData, ["compressed bytes can hold"]) { _ = try readAll(path) }
    // It holds more than it declares.
    let more = Fixture.npy("|u1", [10, 10], payload: [UInt8](repeating: 7, count: 5_000_000))
    let excess = try directory.write(Fixture.gzip(more), "more.npy.gz")
    assertFails(.badData, ["inflates past its declared size"]) { _ = try readAll(excess) }
  }

  func testGzipMembersAreJoined() throws {
    let directory = try FixtureDirectory()
    let parts =
      Fixture.gzip(Array(npy[..<30])) + Fixture.gzip([]) + Fixture.gzip(Array(npy[30...]))
    XCTAssertEqual(try readAll(try directory.write(parts, "file")).count, 3)
    let garbage = try directory.write(parts + Array("no gzip".utf8), "file")
    assertFails(.badData, ["follow the end"]) { _ = try readAll(garbage) }
  }

  func testArchivesThatDoNotFit() throws {
    let directory = try FixtureDirectory()
    func refuse(_ bytes: [UInt8], _ words: String..., line: UInt = #line) throws {
      let path = try directory.write(bytes, "file.npz")
      assertFails(.badData, ["file.npz"] + words, line: line) { _ = try readAll(path) }
    }
    try refuse(Fixture.gzip(Fixture.zip([("x.npy", npy)])), "gunzip")
    try refuse(Fixture.zip([]), "no member")
    try refuse(
      Fixture.zip([("notes.txt", [1]), ("a.npy", npy), ("b.npy", npy)]), "no member x", "notes.txt")
    try refuse(Fixture.zip([("x.npy", npy), ("x.npy", npy)]), "twice")
    try refuse(Fixture.zip([("x.npy", npy), ("x_train.npy", npy)]), "both")
    try refuse(Fixture.zip([("x.npy", npy), ("X.npy", npy)]), "case")
    try refuse(Fixture.zip([("x.npy", idx)]), "NUMPY")
    try refuse(Fixture.zip([("y.npy", npy), ("x_test.npy", npy)]), "no member x")
    var encrypted = Fixture.zip([("x.npy", npy)])
    let directoryEntry = encrypted.count - 22 - 46 - 5
    encrypted[directoryEntry + 8] |= 1
    try refuse(encrypted, "encrypted")
    var method = Fixture.zip([("x.npy", npy)])
    method[directoryEntry + 10] = 12
    try refuse(method, "method 12")
    var crc = Fixture.zip([("x.npy", npy)])
    crc[directoryEntry + 16] ^= 1
    try refuse(crc, "CRC-32")
  }

  func testOtherFormatsAreNamed() throws {
    let directory = try FixtureDirectory()
    let cases: [(String, [UInt8], String)] = [
      ("a.parquet", Array("PAR1\u{15}\u{4}\u{15}".utf8), "read_parquet(\""),
      ("a.feather", Array("ARROW1\0\0".utf8), "read_feather(\""),
      ("a.arrows", [0xff, 0xff, 0xff, 0xff, 0x70, 1, 0, 0], "open_stream(\""),
      ("a.xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz"),
      ("a.h5", [0x89, 0x48, 0x44, 0x46], "HDF5 file"),
      ("a.bin", [1, 2, 3, 4], "format with format"),
      ("empty", [], "empty"), ("short", [0], "neither"),
    ]
    for (name, bytes, word) in cases {
      let path = try directory.write(bytes, name)
      assertFails(.badData, [name, word]) { _ = try readAll(path) }
    }
    let path = try directory.write(npy, "a.csv")
    XCTAssertEqual(try readAll(path).count, 3, "content comes before the name")
    assertFails(.badData, ["IDX"]) { _ = try readAll(path, format: DataFormat(IDXFormat())) }
  }

  func testFilesThatAreOthers() throws {
    let directory = try FixtureDirectory()
    let torch = Fixture.zip([("archive/data.pkl", [0x80, 2]), ("archive/data/0", [1, 2, 3, 4])])
    let pointer = Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n".utf8)
    for (bytes, word) in [(torch, "torch.save"), (pointer, "git lfs pull")] {
      for name in ["a.npz", "a.npy", "a.pt", "train-images-idx3-ubyte"] {
        let path = try directory.write(bytes, name)
        assertFails(.badData, [name, word]) { _ = try readAll(path) }
      }
      assertFails(.badData, ["m.safetensors", word]) {
        _ = try TensorFile.decode(bytes, name: "m.safetensors")
      }
    }
  }

  func testPagesAndTablesOfUnknownKind() throws {
    let directory = try FixtureDirectory()
    func refuse(_ text: String, _ name: String, _ words: String..., line: UInt = #line) throws {
      let path = try directory.write(Array(text.utf8), name)
      assertFails(.badData, [name] + words, line: line) { _ = try readAll(path) }
    }
    for name in ["page.csv", "page.npy", "page"] {
      try refuse("<!DOCTYPE html>\n<html><body>Not found", name, "an HTML page", "download")
    }
    for table in ["a,b\n1,2\n3,4\n", "1;2\n3;4\n", "1 2\n3 4\n"] {
      try refuse(table, "table", "looks like a table in text", "give format csv")
      XCTAssertEqual(
        try readAll("\(directory.path)/table", format: DataFormat(TableFormat.csv)).count, 2)
    }
    try refuse("word", "word", "is neither")
  }

  /// Carriage returns alone, as old Macintoshes ended lines, would make one row of a table.
  func testOldLineEnds() throws {
    let directory = try FixtureDirectory()
    for text in ["a,b\r1,2\r3,4\r", "1,2\r3,4", "\"a\rb\",c\r1,2\r"] {
      let path = try directory.write(Array(text.utf8), "old.csv")
      assertFails(.badData, ["old.csv", "carriage returns alone", "tr '"]) { _ = try readAll(path) }
    }
    for (text, rows) in [("1,2\r\n3,4\r\n", 2), ("1,2\r", 1), ("1,2", 1)] {
      let path = try directory.write(Array(text.utf8), "new.csv")
      XCTAssertEqual(try readAll(path).count, rows, text)
    }
  }

  /// Fields of 64 bits are counts, however large.
  func testPlacesBeyondTheEnd() throws {
    let directory = try FixtureDirectory()
    let archive = Fixture.zip([("x.npy", npy)], zip64: true)
    let record = archive.count - 22 - 20 - 56
    for (place, field) in [
      ("locator", archive.count - 22 - 20 + 8), ("count", record + 40), ("start", record + 48),
    ] {
      var bytes = archive
      for index in 0..<8 { bytes[field + index] = 0xff }
      let path = try directory.write(bytes, "big.npz")
      assertFails(.badData, ["big.npz", "18446744073709551615"], place) { _ = try readAll(path) }
    }
  }

  func testHeadersThatNumPyDoesNotWrite() throws {
    let directory = try FixtureDirectory()
    let payload = [UInt8](repeating: 0, count: 4 * 60 * 4)
    for (shape, words) in [("(060, 4)", ["begins with 0"]), ("(60, 4)", [])] {
      let path = try directory.write(
        Fixture.npy(
          header: "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }", payload: payload),
        "a.npy")
      if words.isEmpty {
        XCTAssertEqual(try readAll(path).count, 60)
      } else {
        assertFails(.badData, words) { _ = try readAll(path) }
      }
    }
    for minor in [UInt8(1), 9] {
      var bytes = npy
      bytes[7] = minor
      let path = try directory.write(bytes, "b.npy")
      assertFails(.badData, ["version 1.\(minor)"]) { _ = try readAll(path) }
    }
  }

  func testZerosBehindGzippedData() throws {
    let directory = try FixtureDirectory()
    for count in [1, 511, 200_000] {
      let zeros = [UInt8](repeating: 0, count: count)
      let path = try directory.write(Fixture.gzip(npy) + zeros, "a.npy.gz")
      XCTAssertEqual(try readAll(path).count, 3)
      let spoiled = try directory.write(Fixture.gzip(npy) + zeros + [1], "b.npy.gz")
      assertFails(.badData, ["not gzip data"]) { _ = try readAll(spoiled) }
    }
  }

  func testFilesThatAreNoFiles() throws {
    let directory = try FixtureDirectory()
    assertFails(.badData, ["missing.npy", "No such file"]) {
      _ = try readAll("\(directory.path)/missing.npy")
    }
    assertFails(.badData, ["/dev/null is empty"]) { _ = try readAll("/dev/null") }
    assertFails(.badData, ["is a device"]) { _ = try readAll("/dev/zero") }
    assertFails(.badData, ["/proc/cpuinfo holds bytes", "copy it"]) {
      _ = try readAll("/proc/cpuinfo")
    }
    let path = try directory.write(npy, "a.npy")
    assertFails(.badData, ["lacks train-images"]) {
      _ = try open([path], labels: [directory.path + "/."])
    }
  }

  func testFilesThatChangeAfterExamination() throws {
    let directory = try FixtureDirectory()
    for bytes in [npy, Fixture.gzip(npy), Fixture.zip([("x.npy", npy)])] {
      let path = try directory.write(bytes, "file")
      let source = try open([path]).train
      _ = try directory.write(Array(bytes.dropLast()), "file")
      assertFails(.badData, ["had \(bytes.count)"]) {
        _ = try source.readRows(0..<3, topology: .solo())
      }
      try FileManager.default.removeItem(atPath: path)
      assertFails(.badData, ["No such file"]) {
        _ = try source.readRows(0..<3, topology: .solo())
      }
    }
  }

  func testValuesThatCannotBeRows() throws {
    let directory = try FixtureDirectory()
    let bad: [(Double, String)] = [
      (.nan, "NaN"), (.infinity, "infinite"), (-.infinity, "infinite"), (1e39, "float32"),
    ]
    for (value, word) in bad {
      for fortran in [false, true] {
        for place in 0..<12 {
          var values = [Double](repeating: 1, count: 12)
          let (row, column) = (place / 3, place % 3)
          values[fortran ? column * 4 + row : place] = value
          // Later elements are bad too; the first is named.
          values[11] = value
          let bytes = Fixture.npy(
            "<f8", [4, 3], fortran: fortran,
            payload: values.flatMap { Fixture.bytes($0.bitPattern) })
          for bytes in [bytes, Fixture.gzip(bytes)] {
            let path = try directory.write(bytes, "bad.npy")
            assertFails(.badData, ["bad.npy", "row \(row), column \(column) ", word]) {
              _ = try readAll(path)
            }
          }
        }
      }
    }
  }

  func testValuesThatCannotBeLabels() throws {
    let directory = try FixtureDirectory()
    func labels(_ descr: String, _ payload: [UInt8]) throws -> [Int32] {
      let count = 3
      let path = try directory.write(Fixture.npy(descr, [count], payload: payload), "y.npy")
      return try open([path]).train.readLabels(0..<count, topology: .solo())
    }
    func doubles(_ values: Double...) -> [UInt8] { values.flatMap { Fixture.bytes($0.bitPattern) } }
    func integers(_ values: Int64...) -> [UInt8] { values.flatMap { Fixture.bytes($0) } }
    XCTAssertEqual(try labels("<f8", doubles(0, -1, 7)), [0, -1, 7])
    XCTAssertEqual(try labels("<i8", integers(0, -1, 1 << 31 - 1)), [0, -1, Int32.max])
    XCTAssertEqual(try labels("|b1", [0, 1, 2]), [0, 1, 1])
    for payload in [doubles(0, 1.5, 2), doubles(0, 1e20, 2)] {
      assertFails(.badData, ["row 1", "label"]) { _ = try labels("<f8", payload) }
    }
    assertFails(.badData, ["row 1", "NaN"]) { _ = try labels("<f8", doubles(0, .nan, 2)) }
    assertFails(.badData, ["row 2", "label"]) { _ = try labels("<i8", integers(0, 1, 1 << 31)) }
    let matrix = try directory.write(npy, "y.npy")
    assertFails(.badData, ["[3, 2]", "one number a row"]) {
      _ = try open([matrix]).train.readLabels(0..<3, topology: .solo())
    }
  }
}

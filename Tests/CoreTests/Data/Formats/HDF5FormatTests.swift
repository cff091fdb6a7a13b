import DTrainDist
import Foundation
import Launching
import XCTest

@testable import DTrainBase
@testable import DTrainData

/// What h5py writes is read as NumPy's own files are, and what cannot be read is refused by name.
final class HDF5FormatTests: XCTestCase {
  /// The files of `make_hdf5.py`, made once for all tests.
  private nonisolated(unsafe) static var directory: FixtureDirectory?

  override class func tearDown() {
    directory = nil
    super.tearDown()
  }

  private func files() throws -> String {
    if Self.directory == nil {
      let made = try FixtureDirectory()
      try PythonFiles.make("make_hdf5", [made.path])
      Self.directory = made
    }
    return Self.directory!.path
  }

  // MARK: - Sound files

  /// The names of the sound files.
  private func soundNames() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(files())/sound")
      .filter { $0.hasSuffix(".h5") }.map { String($0.dropLast(3)) }.sorted()
  }

  func testTheSameNumbersAsNPY() throws {
    let names = try soundNames()
    XCTAssertGreaterThan(names.count, 35)
    for name in names {
      let wanted = try open(["\(files())/sound/\(name).npy"]).train
      let source = try open(["\(files())/sound/\(name).h5"]).train
      XCTAssertEqual(source.shape, wanted.shape, name)
      XCTAssertEqual(source.storedType, wanted.storedType, name)
      // Ranges that begin and end within chunks, at their ends, and nowhere.
      let rows = wanted.rows
      let ranges = [
        0..<rows, 0..<1, rows - 1..<rows, rows / 3..<rows, rows / 2..<rows / 2 + 2, 1..<1,
      ]
      for range in ranges {
        XCTAssertEqual(
          try source.readDoubles(range, topology: .solo()),
          try wanted.readDoubles(range, topology: .solo()), "\(name), rows \(range)")
      }
      XCTAssertEqual(
        try source.readRows(0..<rows, topology: .solo()).values,
        try wanted.readRows(0..<rows, topology: .solo()).values, name)
    }
  }

  func testEveryRangeOfRows() throws {
    for name in ["images", "chunked", "all"] {
      let wanted = try open(["\(files())/sound/\(name).npy"]).train
      let values = try wanted.readValues(0..<wanted.rows, topology: .solo())
      let source = try open(["\(files())/sound/\(name).h5"]).train
      for low in 0...source.rows {
        for high in stride(from: low, through: source.rows, by: 3) {
          XCTAssertEqual(
            try source.readValues(low..<high, topology: .solo()),
            Array(values[low * source.columns..<high * source.columns]), "\(name) \(low)..<\(high)")
        }
      }
    }
  }

  func testOneColumnAsTargets() throws {
    let whole = try open(["\(files())/sound/scaled.npy"], target: "-1")
    let catalog = try open(["\(files())/sound/scaled.h5"], target: "-1")
    let rows = 3..<29
    XCTAssertEqual(
      try catalog.trainTargets!.readLabels(rows, topology: .solo()),
      try whole.trainTargets!.readLabels(rows, topology: .solo()))
    XCTAssertEqual(
      try catalog.train.readValues(rows, topology: .solo()),
      try whole.train.readValues(rows, topology: .solo()))
  }

  /// The boxes of a rank hold its rows, each once, and no chunk lies in two of them.
  func testTilesHoldWholeChunks() {
    for (shape, chunk) in [
      ([23, 7], [4, 3]), ([23, 7], []), ([9, 4, 5], [2, 3, 2]), ([9, 4, 5], []), ([31], [4]),
      ([5, 300], [64, 7]), ([6, 2, 3, 4], [6, 1, 3, 2]),
    ] {
      for rows in [0..<shape[0], 1..<shape[0] - 1, 3..<4] {
        for elements in [1, 5, 12, 50, 10_000] { checkTiles(shape, chunk, rows, elements) }
      }
    }
  }

  private func checkTiles(_ shape: [Int], _ chunk: [Int], _ rows: Range<Int>, _ elements: Int) {
    let what = "\(shape) in \(chunk), rows \(rows), \(elements) elements"
    let columns = shape.dropFirst().reduce(1, *)
    var tiles = HDF5Tiles(shape: shape, chunk: chunk, rows: rows, elements: elements)
    var seen = [Int](repeating: 0, count: shape[0] * columns)
    // The box in which each chunk was met.
    var boxes: [[Int]: Int] = [:]
    var boxNumber = 0
    while let box = tiles.next() {
      XCTAssertLessThanOrEqual(box.elements, tiles.largest, what)
      let places = tiles.runs(of: box).flatMap { row, column, count in
        row * columns + column..<row * columns + column + count
      }
      XCTAssertEqual(places.count, box.elements, what)
      for place in places {
        seen[place] += 1
        guard !chunk.isEmpty else { continue }
        var rest = place
        let indices = shape.reversed().map { extent in
          defer { rest /= extent }
          return rest % extent
        }
        let met = boxes.updateValue(boxNumber, forKey: zip(indices, chunk.reversed()).map(/))
        XCTAssert(met == nil || met == boxNumber, "\(what): a chunk in two boxes")
      }
      boxNumber += 1
    }
    let wanted = (0..<shape[0]).flatMap {
      [Int](repeating: rows.contains($0) ? 1 : 0, count: columns)
    }
    XCTAssertEqual(seen, wanted, what)
  }

  // MARK: - Refusals

  private struct Refused: Decodable {
    let path: String
    let words: [String]
  }

  func testBadFilesAreRefused() throws {
    let list = try Data(contentsOf: URL(fileURLWithPath: "\(files())/bad.json"))
    let cases = try JSONDecoder().decode([Refused].self, from: list)
    XCTAssertGreaterThan(cases.count, 40)
    for bad in cases {
      assertFails(.badData, bad.words, bad.path) {
        let source = try open(["\(files())/bad/\(bad.path)"]).train
        _ = try source.readRows(0..<source.rows, topology: .solo())
      }
    }
  }

  /// Every byte of a small file is damaged once: it is read, or refused as bad data, and nothing else.
  func testDamagedBytesEndInAnError() throws {
    let directory = try FixtureDirectory()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(files())/sound/latest.h5")))
    var refused = 0
    for place in stride(from: 0, to: bytes.count, by: 3) {
      var changed = bytes
      changed[place] ^= 0xff
      let path = try directory.write(changed, "x.h5")
      do { _ = try readAll(path) } catch {
        let cause = (error as? AgreedFailure)?.own ?? error
        XCTAssertEqual((cause as? TrainerError)?.kind, .badData, "byte \(place): \(cause)")
        refused += 1
      }
    }
    XCTAssertGreaterThan(refused, 100)
  }

  /// A chunk that is damaged is met by who reads it alone.
  func testDamagedChunkIsMetByItsReader() throws {
    let source = try open(["\(files())/bad/checksum.h5:/x"]).train
    _ = try source.readRows(0..<100, topology: .solo())
    _ = try source.readRows(300..<400, topology: .solo())
    assertFails(.badData, ["checksum.h5 ('/x')", "rows 1"]) {
      _ = try source.readRows(190..<230, topology: .solo())
    }
  }

  func testAFileThatChanges() throws {
    let directory = try FixtureDirectory()
    let sound = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(files())/sound/gzip.h5")))
    let path = try directory.write(sound, "x.h5")
    let source = try open([path]).train
    _ = try directory.write(Array(sound.dropLast()), "x.h5")
    assertFails(.badData, ["when it was examined"]) {
      _ = try source.readRows(0..<source.rows, topology: .solo())
    }
  }

  // MARK: - Names

  func testNamesOfArraysBehindTheirFile() throws {
    let sound = try files() + "/sound"
    for name in ["x", "/x", "//x"] {
      XCTAssertEqual(try open(["\(sound)/gzip.h5:\(name)"]).train.shape, [53, 10], name)
    }
    XCTAssertEqual(try open(["\(sound)/[cg][hz]*.h5:/x"]).train.rows, 53 + 53)
    assertFails(.badData, ["no file matches"]) { _ = try open(["\(sound)/none*.h5:/x"]) }
    assertFails(.badData, ["gzip.npy", "omit ':x'"]) { _ = try open(["\(sound)/gzip.npy:x"]) }
    assertFails(.badData, ["cannot open", "none.h5:/x"]) { _ = try open(["\(sound)/none.h5:/x"]) }
    // A name with a colon that exists is no member's.
    let directory = try FixtureDirectory()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(sound)/gzip.npy")))
    let path = try directory.write(bytes, "a:b")
    XCTAssertEqual(try open([path]).train.rows, 53)
    let archive = Fixture.zip([("a.npy", bytes), ("b.npy", Array(bytes))])
    let zip = try directory.write(archive, "c.npz")
    XCTAssertEqual(try open(["\(zip):b"]).train.rows, 53)
    assertFails(.badData, ["no member 'c'", "a, b"]) { _ = try open(["\(zip):c"]) }
  }

  // MARK: - The library

  func testAMissingLibrary() throws {
    assertFails(.badData, ["libhdf5 1.10 or later is not found", "apt-get install", "DTRAIN_HDF5"])
    {
      _ = try HDF5Library(chosen: "", names: ["libno-such.so.1", "libno-such.so.2"])
    }
    assertFails(.badData, ["DTRAIN_HDF5 names /no/such.so", "No such file"]) {
      _ = try HDF5Library(chosen: "/no/such.so")
    }
    assertFails(.badData, ["it is not libhdf5"]) { _ = try HDF5Library(chosen: "libm.so.6") }
    let directory = try FixtureDirectory()
    let path = try directory.write([1, 2, 3], "libhdf5.so")
    assertFails(.badData, [path, "file too short"]) { _ = try HDF5Library(chosen: path) }
    // One that cannot be used is passed over.
    let library = try HDF5Library(chosen: "", names: ["libm.so.6"] + HDF5Library.names)
    XCTAssertGreaterThanOrEqual(library.version[0], 1)
  }
}

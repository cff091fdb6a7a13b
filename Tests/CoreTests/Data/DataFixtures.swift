import CZlib
import DTrainDist
import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainData

/// A directory for one test's files, removed with the value's last use.
final class FixtureDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "dtrain-data-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }
}

/// Bytes of data files, made in code.
enum Fixture {
  /// An NPY file with the header given word for word.
  static func npy(header: String, version: UInt8 = 1, payload: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8) + [0x0a]
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    for index in 0..<(version == 1 ? 2 : 4) {
      bytes.append(UInt8(text.count >> (8 * index) & 0xff))
    }
    return bytes + text + payload
  }

  static func npy(
    _ descr: String, _ shape: [Int], fortran: Bool = false, version: UInt8 = 1, payload: [UInt8]
  ) -> [UInt8] {
    let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    return npy(
      header: "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), "
        + "'shape': (\(extents)), }",
      version: version, payload: payload)
  }

  static func idx(_ code: UInt8, _ shape: [Int], payload: [UInt8]) -> [UInt8] {
    [0, 0, code, UInt8(shape.count)] + shape.flatMap { bytes(UInt32($0), big: true) } + payload
  }

  /// An integer's bytes.
  static func bytes<T: FixedWidthInteger>(_ value: T, big: Bool = false) -> [UInt8] {
    withUnsafeBytes(of: big ? value.bigEndian : value.littleEndian) { Array($0) }
  }

  static func gzip(_ bytes: [UInt8]) -> [UInt8] { compress(bytes, windowBits: 31) }

  static func deflate(_ bytes: [UInt8]) -> [UInt8] { compress(bytes, windowBits: -15) }

  private static func compress(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
    var stream = z_stream()
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 1000)
    var input = bytes
    deflateInit2_(
      &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    let count = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        CZlib.deflate(&stream, Z_FINISH)
        return output.count - Int(stream.avail_out)
      }
    }
    deflateEnd(&stream)
    return Array(output[..<count])
  }

  /// A zip archive; with `zip64`, sizes and offsets stand in 64-bit fields; with `zip64End` only the record at its end has
  /// such fields, and the plain one its numbers too.
  static func zip(
    _ members: [(name: String, content: [UInt8])], deflated: Bool = false, zip64: Bool = false,
    zip64End: Bool = false
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for (name, content) in members {
      let crc = UInt32(content.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) })
      let stored = deflated ? deflate(content) : content
      let offset = bytes.count
      let method = Self.bytes(UInt16(deflated ? 8 : 0))
      let common: [UInt8] = Self.bytes(UInt16(45)) + [0, 0] + method + [0, 0, 0, 0]
      let full = Self.bytes(UInt32.max)
      let sizes =
        zip64
        ? full + full : Self.bytes(UInt32(stored.count)) + Self.bytes(UInt32(content.count))
      let wide = Self.bytes(UInt64(content.count)) + Self.bytes(UInt64(stored.count))
      let localExtra = zip64 ? Self.bytes(UInt16(1)) + Self.bytes(UInt16(16)) + wide : []
      let extra =
        zip64
        ? Self.bytes(UInt16(1)) + Self.bytes(UInt16(24)) + wide + Self.bytes(UInt64(offset)) : []
      let nameLength = Self.bytes(UInt16(name.utf8.count))
      bytes += [0x50, 0x4b, 3, 4] + common + Self.bytes(crc) + sizes + nameLength
      bytes += Self.bytes(UInt16(localExtra.count)) + Array(name.utf8) + localExtra + stored
      directory += [0x50, 0x4b, 1, 2, 45, 3] + common + Self.bytes(crc) + sizes + nameLength
      directory += Self.bytes(UInt16(extra.count)) + [UInt8](repeating: 0, count: 10)
      directory += (zip64 ? full : Self.bytes(UInt32(offset))) + Array(name.utf8) + extra
    }
    let start = bytes.count
    bytes += directory
    let count = UInt64(members.count)
    if zip64 || zip64End {
      let record = bytes.count
      bytes += [0x50, 0x4b, 6, 6] + Self.bytes(UInt64(44)) + [45, 0, 45, 0]
      bytes += Self.bytes(UInt64(0)) + Self.bytes(count) + Self.bytes(count)
      bytes += Self.bytes(UInt64(directory.count)) + Self.bytes(UInt64(start))
      bytes += [0x50, 0x4b, 6, 7, 0, 0, 0, 0] + Self.bytes(UInt64(record)) + [1, 0, 0, 0]
    }
    if zip64 {
      bytes += [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + [UInt8](repeating: 0xff, count: 12) + [0, 0]
    } else {
      bytes +=
        [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + Self.bytes(UInt16(count)) + Self.bytes(UInt16(count))
      bytes += Self.bytes(UInt32(directory.count)) + Self.bytes(UInt32(start)) + [0, 0]
    }
    return bytes
  }
}

extension RowBlock {
  /// The elements as floats.
  var values: [Float] {
    (0..<count * columns).map { index in
      element == .uint8
        ? Float(base.load(fromByteOffset: index, as: UInt8.self))
        : base.load(fromByteOffset: 4 * index, as: Float.self)
    }
  }
}

extension XCTestCase {
  func open(
    _ data: [String], labels: [String] = [], testData: [String] = [], testLabels: [String] = [],
    target: String? = nil, format: DataFormat? = nil
  ) throws -> DataCatalog {
    try DataCatalog.open(
      DataCatalog.Options(
        data: data, labels: labels, testData: testData, testLabels: testLabels,
        target: target, format: format),
      topology: .solo())
  }

  /// Opens a file and reads all its rows.
  func readAll(_ path: String, format: DataFormat? = nil) throws -> RowBlock {
    let source = try open([path], format: format).train
    return try source.readRows(0..<source.rows, topology: .solo())
  }

  /// Asserts that `body` fails with a `TrainerError` of the kind whose message has all the words.
  func assertFails(
    _ kind: TrainerError.Kind = .badData, _ words: [String] = [], _ what: String = "",
    file: StaticString = #filePath, line: UInt = #line, _ body: () throws -> Void
  ) {
    do {
      try body()
      XCTFail("did not fail: \(what)", file: file, line: line)
    } catch {
      let cause = (error as? AgreedFailure)?.own ?? error
      guard let error = cause as? TrainerError else {
        return XCTFail("\(what): unexpected error \(cause)", file: file, line: line)
      }
      XCTAssertEqual(error.kind, kind, "\(what): \(error.message)", file: file, line: line)
      for word in words where !error.message.contains(word) {
        XCTFail("\(what): '\(word)' is not in: \(error.message)", file: file, line: line)
      }
    }
  }
}

import Foundation
import Launching
import XCTest

/// A folder of one test's data files and run directories; it goes away with the value's last use.
final class RunFolder {
  let path: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "/dtrain-run-XXXXXX").utf8CString)
    path = String(cString: try XCTUnwrap(mkdtemp(&template), "mkdtemp"))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of an entry.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, with the folders on its way.
  func write(_ bytes: [UInt8], _ name: String) throws {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// The bytes of a file.
  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  /// The bytes of all files in a directory, by their names there.
  func files(in name: String) throws -> [String: [UInt8]] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: file(name))
    let files = names.filter {
      (try? FileManager.default.contentsOfDirectory(atPath: file("\(name)/\($0)"))) == nil
    }
    return Dictionary(uniqueKeysWithValues: try files.map { ($0, try bytes("\(name)/\($0)")) })
  }

  /// Whether an entry exists.
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// The fields of a JSON file.
  func json(_ name: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(bytes(name)))
    return try XCTUnwrap(value as? [String: Any], name)
  }
}

/// Contents of data files.
enum RunFile {
  /// An NPY file with the header given word for word.
  static func npy(header: String, _ payload: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8) + [0x0a]
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)]
      + text + payload
  }

  /// A row-major NPY file.
  static func npy(_ type: String, _ shape: [Int], _ payload: [UInt8]) -> [UInt8] {
    let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    return npy(
      header: "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }", payload)
  }

  /// A float32 matrix.
  static func floats(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    npy("<f4", shape, values.flatMap { little($0.bitPattern) })
  }

  /// A matrix or vector of float64.
  static func doubles(_ shape: [Int], _ values: [Double]) -> [UInt8] {
    npy("<f8", shape, values.flatMap { little($0.bitPattern) })
  }

  /// The elements of a file of float64 with a header of 128 bytes or fewer.
  static func doubles(of bytes: [UInt8]) -> [Double] {
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    return stride(from: start, to: bytes.count, by: 8).map { place in
      Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << (8 * $1) })
    }
  }

  /// A vector of int64.
  static func integers(_ values: [Int]) -> [UInt8] {
    npy("<i8", [values.count], values.flatMap { little(Int64($0)) })
  }

  /// An IDX file of bytes; `type` is the element code, 8 for bytes.
  static func idx(_ shape: [Int], _ payload: [UInt8], type: UInt8 = 8) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)] + shape.flatMap { little(UInt32($0).byteSwapped) } + payload
  }

  /// A zip archive of files that are stored as they are, as `numpy.savez` writes it.
  static func npz(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, content) in members {
      let facts =
        little(UInt16(20)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0))
        + little(crc32(content)) + little(UInt32(content.count)) + little(UInt32(content.count))
        + little(UInt16(name.utf8.count)) + little(UInt16(0))
      directory +=
        [0x50, 0x4b, 1, 2] + little(UInt16(20)) + facts + little(UInt16(0)) + little(UInt16(0))
        + little(UInt16(0)) + little(UInt32(0)) + little(UInt32(file.count)) + Array(name.utf8)
      file += [0x50, 0x4b, 3, 4] + facts + Array(name.utf8) + content
    }
    let count = UInt16(members.count)
    return file + directory + [0x50, 0x4b, 5, 6] + little(UInt16(0)) + little(UInt16(0))
      + little(count) + little(count) + little(UInt32(directory.count)) + little(UInt32(file.count))
      + little(UInt16(0))
  }

  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { rest, _ in
        rest & 1 == 1 ? rest >> 1 ^ 0xedb8_8320 : rest >> 1
      }
    }
  }

  /// The same bytes compressed by `gzip`.
  static func gzip(_ bytes: [UInt8]) throws -> [UInt8] { try filter(bytes, ["-n", "-c"]) }

  /// Compresses a file on disk, fast; it is then called `path.gz`.
  static func gzip(file path: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
    process.arguments = ["-1", path]
    try process.run()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, "gzip \(path)")
  }

  /// The bytes that a gzip file holds.
  static func gunzip(_ bytes: [UInt8]) throws -> [UInt8] { try filter(bytes, ["-d", "-c"]) }

  private static func filter(_ bytes: [UInt8], _ arguments: [String]) throws -> [UInt8] {
    let folder = try RunFolder()
    try folder.write(bytes, "in.gz")
    try folder.write([], "out")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
    process.arguments = arguments
    process.standardInput = FileHandle(forReadingAtPath: folder.file("in.gz"))
    process.standardOutput = FileHandle(forWritingAtPath: folder.file("out"))
    try process.run()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, "gzip \(arguments)")
    return try folder.bytes("out")
  }

  static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}

/// The same numbers in every test run (SplitMix64; S. Vigna).
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In 0..<bound.
  mutating func below(_ bound: Int) -> Int { Int(bits() >> 11) % bound }

  /// In -1..<1.
  mutating func float() -> Float { Float(Int64(bitPattern: bits()) >> 40) / Float(1 << 23) }
}

/// Data sets to train on.
enum RunData {
  /// The folder of the project.
  static let project: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.path
  }()

  /// The committed images.
  static let mnist = "\(project)/Datasets/mnist"

  /// The first rows of the committed images, as four plain files in folder `name`.
  static func writeMNIST(_ folder: RunFolder, _ name: String, train: Int, test: Int) throws {
    for (prefix, rows) in [("train", train), ("t10k", test)] {
      for (kind, size) in [("images-idx3", 784), ("labels-idx1", 1)] {
        let data = try Data(
          contentsOf: URL(fileURLWithPath: "\(mnist)/\(prefix)-\(kind)-ubyte.gz"))
        let all = try RunFile.gunzip([UInt8](data))
        let header = size == 1 ? 8 : 16
        try folder.write(
          RunFile.idx(
            size == 1 ? [rows] : [rows, 28, 28], Array(all[header..<header + rows * size])),
          "\(name)/\(prefix)-\(kind)-ubyte")
      }
    }
  }

  /// `x.npy` and `y.npy` with 20 columns and three classes, which the first columns tell apart.
  static func writeClasses(_ folder: RunFolder, rows: Int) throws {
    var numbers = SeededNumbers(seed: 20)
    var x: [Float] = []
    var y: [Int] = []
    for row in 0..<rows {
      let label = (row &* 7 &+ row / 3) % 3
      y.append(label)
      for column in 0..<20 { x.append(numbers.float() + (column == label ? 1 : 0)) }
    }
    try folder.write(RunFile.floats([rows, 20], x), "x.npy")
    try folder.write(RunFile.integers(y), "y.npy")
  }

  /// `wild.npy`, whose 13 columns have deviations from 1e-6 to 1e6 around 0 or 1e5, and `target.npy`.
  static func writeRegression(_ folder: RunFolder, rows: Int) throws {
    var numbers = SeededNumbers(seed: 13)
    var x: [Float] = []
    var y: [Float] = []
    for _ in 0..<rows {
      var target: Float = 0
      for column in 0..<13 {
        let value = numbers.float()
        var scale: Float = 1e-6
        for _ in 0..<column { scale *= 10 }
        x.append(value * scale + (column % 3 == 0 ? 1e5 : 0))
        target += value * Float(column % 5 - 2)
      }
      y.append(target)
    }
    try folder.write(RunFile.floats([rows, 13], x), "wild.npy")
    try folder.write(RunFile.floats([rows], y), "target.npy")
  }
}

import Foundation
import Launching
import XCTest

/// The data layer on several ranks: what is read never depends on how many read, or on which nodes.
final class MPIDataTests: XCTestCase {
  func testDescriptionOfTheSameFilesIsTheSameText() throws {
    let folder = try makeFiles()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sets = [
      ["data=\(Self.mnist)"],
      ["data=\(folder)/a.npy", "data=\(folder)/b.npy", "labels=\(folder)/y.npy"],
      ["data=\(folder)/columns.npy", "labels=\(folder)/y.npy", "test=\(folder)/b.npy"],
    ]
    for arguments in sets {
      var reference: String?
      for (ranks, nodes) in [
        (1, "0"), (2, "0"), (3, "0,1,1"), (4, "0,1"), (5, "0,1,2,3,4"), (7, "0,0,0,1,1,2,2"),
        (8, "0"),
      ] {
        for extra in ranks % 2 == 1 || TestTier.isLong ? [[], ["uneven"]] : [["uneven"]] {
          var job = MPIJob(ranks, "mpi-harness", ["describe-data"] + extra + arguments)
          job.environment["DTRAIN_PRETEND_NODES"] = nodes
          let outcome = try run(job)
          XCTAssertEqual(outcome.exitCode, 0, outcome.output + outcome.errors)
          let text = outcome.output.split(whereSeparator: \.isNewline).first {
            $0.hasPrefix("data: ")
          }
          let line = String(try XCTUnwrap(text, outcome.output))
          XCTAssertGreaterThan(line.count, 70, line)
          XCTAssertEqual(line, reference ?? line, "N=\(ranks), nodes \(nodes), \(extra)")
          reference = reference ?? line
        }
      }
    }
  }

  private static let mnist: String = {
    var path = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { path.deleteLastPathComponent() }
    return path.appendingPathComponent("Datasets/mnist").path
  }()

  /// 1,001 rows of 7 columns in two files, the same column by column in one, and labels.
  private func makeFiles() throws -> String {
    let folder = NSTemporaryDirectory() + "dtrain-mpi-data-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    func value(_ row: Int, _ column: Int) -> Float {
      Float((row &* 7919 &+ column &* 104_729) % 10_007) * Float(column + 1) / 1024 - 3
    }
    func write(_ name: String, _ header: String, _ payload: [UInt8]) throws {
      let text = Array(header.utf8) + [0x0a]
      let bytes =
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text + payload
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    func rows(_ range: Range<Int>) -> [UInt8] {
      range.flatMap { row in (0..<7).flatMap { bytes(value(row, $0).bitPattern) } }
    }
    func header(_ type: String, _ shape: String, fortran: String = "False") -> String {
      "{'descr': '\(type)', 'fortran_order': \(fortran), 'shape': \(shape), }"
    }
    try write("a.npy", header("<f4", "(400, 7)"), rows(0..<400))
    try write("b.npy", header("<f4", "(601, 7)"), rows(400..<1001))
    try write(
      "columns.npy", header("<f4", "(1001, 7)", fortran: "True"),
      (0..<7).flatMap { column in (0..<1001).flatMap { bytes(value($0, column).bitPattern) } })
    try write("y.npy", header("<i8", "(1001,)"), (0..<1001).flatMap { bytes(Int64($0 * 31 % 10)) })
    return folder
  }
}

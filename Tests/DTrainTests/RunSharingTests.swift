import Foundation
import Launching
import XCTest

/// The ranks of a run share the rows, the memory and the work.
final class RunSharingTests: XCTestCase {
  func testEveryRowHasOneRank() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    for (ranks, shards) in [(1, 8), (2, 8), (3, 8), (5, 8), (8, 8), (4, 64)] {
      try train(
        ranks,
        [
          "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "1",
          "--shards", "\(shards)",
        ], in: folder, name: "rows of \(shards) shards")
      let summary = try folder.json("run/summary.json")
      let rows = try XCTUnwrap(summary["rows_per_rank"] as? [Int])
      XCTAssertEqual(rows.count, ranks)
      XCTAssertEqual(rows.reduce(0, +), 1001, "N=\(ranks): \(rows)")
      XCTAssertEqual(summary["rows"] as? Int, 1001)
      // No rank holds more than its share of the shards, rounded up, of the largest shard's rows.
      let most = (shards + ranks - 1) / ranks * ((1001 + shards - 1) / shards)
      XCTAssertLessThanOrEqual(rows.max() ?? 0, most, "N=\(ranks): \(rows)")
      let exchange = try XCTUnwrap(summary["seconds_communication"] as? Double)
      XCTAssertGreaterThan(exchange, 0)
      XCTAssertLessThanOrEqual(exchange, try XCTUnwrap(summary["seconds_train"] as? Double))
    }
  }

  /// A rank's peak memory is its rows, three copies of the parameters, and 64 MiB.
  func testMemoryOfARank() throws {
    let folder = try RunFolder()
    let (rows, columns) = (256_000, 256)
    try writeLarge(folder, rows: rows, columns: columns)
    let arguments = [
      "--data", folder.file("large.npy"), "--labels", folder.file("labels.npy"), "--hidden", "32",
      "--epochs", "1", "--batch", "4096", "--shards", "8", "--gradient", "mean",
    ]
    for ranks in [2, 4] {
      try train(ranks, arguments, in: folder, name: "memory")
      let summary = try folder.json("run/summary.json")
      let held = try XCTUnwrap(summary["rows_per_rank"] as? [Int])
      let peaks = try XCTUnwrap(summary["peak_rss_bytes"] as? [Int])
      XCTAssertEqual(peaks.count, ranks)
      let parameters = ((columns + 1) * 32 + 33 * 4) * 4
      for (rank, peak) in peaks.enumerated() {
        let limit = held[rank] * (columns * 4 + 4) + 3 * parameters + 64 << 20
        XCTAssertLessThanOrEqual(
          peak, limit, "N=\(ranks): rank \(rank) took \(peak >> 20) MiB of \(limit >> 20)")
        XCTAssertGreaterThan(
          peak, held[rank] * columns * 4, "N=\(ranks): rank \(rank) holds its rows")
      }
      print(
        "N=\(ranks) memory: \(peaks.map { $0 >> 20 }) MiB for \(held) rows of \(columns * 4) bytes")
    }
  }

  /// It is so too where the parameters outweigh everything else, with ranks that have unequal shards or
  /// none, when a model is read to start from, when the optimizer keeps state, and between nodes.
  func testMemoryOfALargeModel() throws {
    let folder = try RunFolder()
    let (rows, columns, hidden) = (200, 784, 3000)
    var numbers = SeededNumbers(seed: 5)
    try folder.write(
      RunFile.floats([rows, columns], (0..<rows * columns).map { _ in numbers.float() }), "x.npy")
    try folder.write(RunFile.integers((0..<rows).map { $0 % 10 }), "y.npy")
    let parameters = ((columns + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * 10) * 4
    let common = [
      "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--hidden",
      "\(hidden),\(hidden)", "--epochs", "1",
    ]
    try train(1, common, in: folder, out: "first", name: "large model")
    let first = folder.file("first/model.safetensors")
    for (ranks, options, variables) in [
      (1, ["--shards", "8"], [:]), (2, ["--init-model", first], [:]),
      (3, ["--optimizer", "momentum"], [:]), (8, ["--shards", "5"], [:]),
      (3, [], ["DTRAIN_PRETEND_NODES": "0,0,1"]),
    ] as [(Int, [String], [String: String])] {
      try train(ranks, common + options, in: folder, environment: variables, name: "large model")
      let summary = try folder.json("run/summary.json")
      let peaks = try XCTUnwrap(summary["peak_rss_bytes"] as? [Int])
      let limit = rows * (columns * 4 + 4) + 3 * parameters + 64 << 20
      for (rank, peak) in peaks.enumerated() {
        XCTAssertLessThanOrEqual(
          peak, limit,
          "N=\(ranks) \(options): rank \(rank) took \(peak >> 20) MiB of \(limit >> 20)")
      }
      print(
        "N=\(ranks) memory of \(parameters >> 20) MiB of parameters: \(peaks.map { $0 >> 20 }) MiB")
    }
  }

  /// 262 MB of float32 in repeated blocks, which are quick to make, and four classes.
  private func writeLarge(_ folder: RunFolder, rows: Int, columns: Int) throws {
    var numbers = SeededNumbers(seed: 4)
    let block = (0..<1000 * columns).map { _ in numbers.float() }
    let name = folder.file("large.npy")
    try folder.write(RunFile.npy("<f4", [rows, columns], []), "large.npy")
    let file = try XCTUnwrap(FileHandle(forWritingAtPath: name))
    try file.seekToEnd()
    let piece = block.withUnsafeBytes { Data($0) }
    for _ in 0..<rows / 1000 { try file.write(contentsOf: piece) }
    try file.close()
    var labels = Data(RunFile.npy("|u1", [rows], []))
    labels.append(Data((0..<rows).map { UInt8($0 % 4) }))
    try labels.write(to: URL(fileURLWithPath: folder.file("labels.npy")))
  }
}

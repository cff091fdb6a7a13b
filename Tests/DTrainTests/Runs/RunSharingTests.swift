import Foundation
import Launching
import XCTest

/// The ranks of a run share the rows, the memory and the work.
final class RunSharingTests: XCTestCase {
  func testEveryRowHasOneRank() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    for (ranks, shards) in [(1, 8), (2, 8), (3, 8), (5, 8), (8, 8), (4, 64), (5, 3), (7, 2)] {
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
      XCTAssertEqual(rows.count { $0 > 0 }, min(ranks, shards), "N=\(ranks): \(rows)")
      // Only ranks beyond the shards keep copies, no more of them than a shard has.
      let copied = try XCTUnwrap(summary["rows_copied_per_rank"] as? [Int])
      XCTAssertEqual(copied.count, ranks)
      for (own, copies) in zip(rows, copied) where own > 0 { XCTAssertEqual(copies, 0) }
      XCTAssertLessThanOrEqual(copied.max() ?? 0, (1001 + shards - 1) / shards)
      XCTAssertEqual(summary["rows"] as? Int, 1001)
      // No rank holds more than its share of the shards, rounded up, of the largest shard's rows.
      let most = (shards + ranks - 1) / ranks * ((1001 + shards - 1) / shards)
      XCTAssertLessThanOrEqual(rows.max() ?? 0, most, "N=\(ranks): \(rows)")
      let exchange = try XCTUnwrap(summary["seconds_communication"] as? Double)
      XCTAssertGreaterThan(exchange, 0)
      XCTAssertLessThanOrEqual(exchange, try XCTUnwrap(summary["seconds_train"] as? Double))
    }
  }

  /// A gzipped file is opened, and so inflated, by the first rank of each node, which passes it on.
  func testGzippedFilesAreInflatedOnceANode() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    try folder.write(RunFile.gzip(folder.bytes("x.npy")), "x.npy.gz")
    var job = MPIJob(
      5, "dtrain",
      ["mlp", "--data", folder.file("x.npy.gz"), "--labels", folder.file("y.npy"), "--epochs", "1"]
        + ["--out", folder.file("run")])
    job.environment["DTRAIN_PRETEND_NODES"] = "0,0,1,1,1"
    for rank in 0..<5 {
      job.preludes[rank] =
        "set -- strace -f -e trace=openat -o \(folder.path)/opened-\(rank) \"$@\""
    }
    let outcome = try run(job, "gzipped")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    let opened = try (0..<5).map { rank in
      String(decoding: try folder.bytes("opened-\(rank)"), as: UTF8.self)
        .split(separator: "\n").count { $0.contains("x.npy.gz") }
    }
    // Rank 0 also reads the header, to tell the format and to examine the array, before all others know of the file.
    XCTAssertEqual(opened, [3, 0, 1, 0, 0])
  }

  /// What a rank may take: its rows and targets, 4 bytes a row for their order, three copies of the parameters, and
  /// 64 MiB.
  private func limit(rows: Int, rowBytes: Int, layers: [Int]) -> Int {
    let parameters = zip(layers, layers.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 * 4 }
    return rows * (rowBytes + 4 + 4) + 3 * parameters + 64 << 20
  }

  /// A rank's peak memory is what was promised.
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
      for (rank, peak) in peaks.enumerated() {
        let limit = limit(rows: held[rank], rowBytes: columns * 4, layers: [columns, 32, 4])
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
    // The best model so far is a file.
    let stopping = [
      "--optimizer", "adamw", "--learning-rate", "0.0001", "--loss", "squared", "--validation",
      "0.2",
      "--early-stop", "3", "--epochs", "3",
    ]
    for (ranks, options, variables) in [
      (1, ["--shards", "8"], [:]), (2, ["--init-model", first], [:]),
      (3, ["--optimizer", "momentum"], [:]), (8, ["--shards", "5"], [:]),
      (3, [], ["DTRAIN_PRETEND_NODES": "0,0,1"]), (2, stopping, [:]),
    ] as [(Int, [String], [String: String])] {
      try train(ranks, common + options, in: folder, environment: variables, name: "large model")
      let summary = try folder.json("run/summary.json")
      let peaks = try XCTUnwrap(summary["peak_rss_bytes"] as? [Int])
      let limit = limit(
        rows: rows, rowBytes: columns * 4, layers: [columns, hidden, hidden, 10])
      for (rank, peak) in peaks.enumerated() {
        XCTAssertLessThanOrEqual(
          peak, limit,
          "N=\(ranks) \(options): rank \(rank) took \(peak >> 20) MiB of \(limit >> 20)")
      }
      print(
        "N=\(ranks) memory of \(parameters >> 20) MiB of parameters: \(peaks.map { $0 >> 20 }) MiB")
    }
  }

  /// It is so where the rows of a step outweigh the rest, and where rows are so narrow that their labels and
  /// their order do.
  func testMemoryOfBatchesAndNarrowRows() throws {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 6)
    func files(_ name: String, rows: Int, columns: Int) throws {
      let bytes = (0..<4096 * columns).map { _ in UInt8(numbers.below(256)) }
      let all = (0..<rows * columns / bytes.count).flatMap { _ in bytes }
      try folder.write(RunFile.npy("|u1", [rows, columns], all), "\(name).npy")
      try folder.write(
        RunFile.npy("|u1", [rows], (0..<rows).map { UInt8($0 % 2) }), "\(name)-labels.npy")
    }
    try files("batch", rows: 8192, columns: 64)
    try files("wide", rows: 4096, columns: 784)
    try files("narrow", rows: 4096 * 3000, columns: 2)
    let nodes = ["DTRAIN_PRETEND_NODES": "0,1,2"]
    for (name, ranks, rows, columns, hidden, options, variables) in [
      // The activations of all rows would take 130 MiB.
      ("batch", 1, 8192, 64, [1000, 1000], ["--batch", "8192"], [:]),
      ("batch", 4, 8192, 64, [1000, 1000], ["--batch", "8192", "--shards", "8"], [:]),
      // A node's shards are up to 14 subtrees, whose sums travel side by side.
      (
        "batch", 3, 8192, 64, [1000],
        ["--batch", "8192", "--shards", "1000", "--optimizer", "adamw"], nodes
      ),
      // One layer so wide that every row that passes counts.
      ("batch", 1, 8192, 64, [16_000], ["--batch", "600", "--optimizer", "adamw"], [:]),
      // And 110 MiB beside a model that leaves no memory for sums of gradients, at eight ranks in parts of 256 rows.
      ("wide", 2, 4096, 784, [2000, 2000], ["--batch", "4096", "--optimizer", "adamw"], [:]),
      (
        "wide", 8, 4096, 784, [2000, 2000],
        ["--batch", "4096", "--optimizer", "adamw", "--shards", "8"], [:]
      ),
      ("narrow", 1, 4096 * 3000, 2, [], ["--batch", "65536"], [:]),
    ] as [(String, Int, Int, Int, [Int], [String], [String: String])] {
      try train(
        ranks,
        [
          "--data", folder.file("\(name).npy"), "--labels", folder.file("\(name)-labels.npy"),
          "--hidden", hidden.isEmpty ? "none" : hidden.map { "\($0)" }.joined(separator: ","),
          "--epochs", "1", "--gradient", "mean",
        ] + options, in: folder, environment: variables, name: "memory, \(name)")
      let peaks = try XCTUnwrap(folder.json("run/summary.json")["peak_rss_bytes"] as? [Int])
      let limit = limit(
        rows: (rows + ranks - 1) / ranks + 10, rowBytes: columns, layers: [columns] + hidden + [2])
      XCTAssertLessThanOrEqual(peaks.max() ?? .max, limit, "\(name): \(peaks) of \(limit)")
      print("N=\(ranks) memory, \(name): \(peaks.map { $0 >> 20 }) MiB of \(limit >> 20)")
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

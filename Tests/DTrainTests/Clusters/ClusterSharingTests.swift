import Launching
import XCTest

/// Ranks share the rows of a clustering: none holds another's, nor rows times clusters.
final class ClusterSharingTests: XCTestCase {
  /// Bytes a row beside the row itself, as docs/CLUSTERING.md says.
  private static let stated = ["kmeans": 48, "kmedians": 64]

  func testMemoryOfARank() throws {
    let folder = try RunFolder()
    let (rows, columns, clusters) = (1_200_000, 16, 300)
    var numbers = SeededNumbers(seed: 91)
    // Random numbers are slow to make: a few thousand rows over and over, each moved a little.
    let block = (0..<4096 * columns).map { _ in numbers.float() }
    var values: [Float] = []
    values.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let start = row % 4096 * columns
      let shift = Float(row / 4096 % 7)
      for value in block[start..<start + columns] { values.append(value + shift) }
    }
    try folder.write(RunFile.floats([rows, columns], values), "x.npy")
    for command in ["kmeans", "kmedians"] {
      for ranks in [2, 5] {
        try cluster(
          ranks,
          [
            "--data", folder.file("x.npy"), "--clusters", "\(clusters)", "--max-iterations", "2",
            "--init", "k-means-parallel",
          ], in: folder, by: command, name: "memory")
        let summary = try folder.json("run/summary.json")
        let held = try XCTUnwrap(summary["rows_per_rank"] as? [Int])
        XCTAssertEqual(held.reduce(0, +), rows)
        XCTAssertLessThanOrEqual(held.max()! - held.min()!, 1)
        let peaks = try XCTUnwrap(summary["peak_rss_bytes"] as? [Int])
        // Candidates of medians: 15 bytes for an eighth of the elements, and 128 a median. Counts of their bins: a KiB a
        // median.
        let medians =
          command == "kmedians"
          ? held[0] * columns * 15 / 8 + clusters * columns * (1024 + 15 * 128) : 0
        let limit =
          held[0] * (columns * 4 + Self.stated[command]!) + medians + 40 << 20
        for (rank, peak) in peaks.enumerated() {
          XCTAssertLessThanOrEqual(
            peak, limit,
            "\(command), N=\(ranks): rank \(rank) took \(peak >> 20) MiB of \(limit >> 20)")
          XCTAssertGreaterThan(peak, held[rank] * columns * 4)
        }
        print("N=\(ranks) \(command) memory: \(peaks.map { $0 >> 20 }) MiB, at most \(limit >> 20)")
      }
    }
  }
}

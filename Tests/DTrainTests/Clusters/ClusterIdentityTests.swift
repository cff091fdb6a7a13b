import Foundation
import Launching
import XCTest

/// Centers and labels are the same bytes however a run is launched.
final class ClusterIdentityTests: XCTestCase {
  private struct Launch {
    var ranks: Int
    var environment: [String: String] = [:]
    var options: [String] = []

    init(_ ranks: Int, _ environment: [String: String] = [:], _ options: [String] = []) {
      self.ranks = ranks
      self.environment = environment
      self.options = options
    }

    static func nodes(_ ranks: Int, _ pattern: String, _ options: [String] = []) -> Launch {
      Launch(ranks, ["DTRAIN_PRETEND_NODES": pattern], options)
    }
  }

  private static let hasV4: Bool = {
    let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"].allSatisfy(flags.contains)
  }()
  private static let ranks = [1, 2, 3, 4, 5, 7, 8].map { Launch($0) }
  private static let nodes: [Launch] = [
    .nodes(3, "0,1,1"), .nodes(7, "0,0,0,1,1,2,2", ["--pruning", "off"]),
    Launch(3, ["DTRAIN_NO_SHARED_MEMORY": "1"]), Launch(3, ["DTRAIN_CHECKED_COLLECTIVES": "1"]),
  ]
  private static let machines: [Launch] =
    [
      Launch(1, ["DTRAIN_ISA": "v3"], ["--pruning", "on"]), Launch(2, [:], ["--pruning", "off"]),
      Launch(1, [:], ["--blas-kernels", "sandybridge"]),
    ]
    + (hasV4
      ? [
        Launch(2, ["DTRAIN_ISA": "v4"]), Launch(1, [:], ["--blas-kernels", "skylakex"]),
        Launch(2, ["DTRAIN_ISA": "v4"], ["--blas-kernels", "skylakex", "--pruning", "off"]),
      ] : [])
  private static let few: [Launch] =
    [
      Launch(1), .nodes(5, "0,1,1", ["--pruning", "off"]),
      Launch(3, hasV4 ? ["DTRAIN_ISA": "v4"] : [:], hasV4 ? ["--blas-kernels", "skylakex"] : []),
    ] + (TestTier.isLong ? [Launch(2), Launch(8), .nodes(4, "0,1,0,1")] : [])

  func testWideFloats() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 301, columns: 40), "x.npy")
    try check(
      ["--data", folder.file("x.npy"), "--clusters", "7", "--tolerance", "0"],
      Self.ranks + Self.nodes + Self.machines, in: folder, "wide", isDeep: true)
  }

  func testBytes() throws {
    let folder = try RunFolder()
    try RunData.writeMNIST(folder, "mnist", train: 1003, test: 1)
    let images = ["--data", folder.file("mnist/train-images-idx3-ubyte"), "--max-iterations", "20"]
    let many =
      [Launch(1), Launch(7), Launch(2, [:], ["--pruning", "off"])]
      + (TestTier.isLong ? Self.machines : Self.machines.suffix(1))
    try check(images + ["--clusters", "10"], many, in: folder, "images", isDeep: true)
    try check(
      images + ["--clusters", "20", "--init", "random", "--restarts", "2"], Self.few, in: folder,
      "images, random, restarts")
  }

  func testWeights() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 301, columns: 6), "x.npy")
    var numbers = SeededNumbers(seed: 79)
    let weights = (0..<301).map { $0 % 4 == 0 ? 0 : abs(numbers.float()) * 1e-3 }
    try folder.write(RunFile.floats([301], weights), "w.npy")
    let data = ["--data", folder.file("x.npy"), "--clusters", "9", "--max-iterations", "20"]
    let weighted = data + ["--weights", folder.file("w.npy")]
    for (command, options, name) in [
      ("kmeans", weighted, "k-means++"), ("kmeans", weighted, "random"),
      ("kmeans", weighted, "k-means-parallel"), ("kmeans", data, "k-means-parallel"),
      ("kmedians", weighted, "k-means++"), ("kmedians", weighted, "k-means-parallel"),
    ] {
      try check(
        options + ["--init", name, "--restarts", "2"], Self.few, by: command, in: folder,
        "\(command), \(options.count) options, \(name)")
    }
  }

  /// -0 is 0, wherever a row or a start center was.
  func testNegativeZeros() throws {
    let folder = try RunFolder()
    try folder.write(RunFile.floats([3, 2], [-0.0, 5, -0.0, 5, 1, 7]), "x.npy")
    try folder.write(RunFile.floats([3, 2], [-0.0, 5, -0.0, -0.0, 1, 7]), "start.npy")
    for command in ["kmeans", "kmedians"] {
      for seeding in ["random", "k-means++", "k-means-parallel", folder.file("start.npy")] {
        for empty in TestTier.isLong ? ["farthest", "keep"] : ["keep"] {
          try check(
            [
              "--data", folder.file("x.npy"), "--clusters", "3", "--init", seeding, "--empty",
              empty,
            ], [Launch(1), Launch(2)], by: command, in: folder,
            "negative zeros, \(seeding.split(separator: "/").last!), \(empty)")
          let values = try folder.bytes("run/centers.npy").suffix(24)
          let signs = stride(from: 3, to: 24, by: 4).map { values[values.startIndex + $0] }
          XCTAssertFalse(signs.contains(0x80), "\(command) \(seeding): -0")
        }
      }
    }
  }

  /// float64 rows, several files, and bytes, from every seeding that goes by distances.
  func testOtherRows() throws {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 81)
    let doubles = (0..<301 * 5).map { _ in Double(numbers.float()) * 1.000000001 }
    let payload = doubles.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
    }
    try folder.write(RunFile.npy("<f8", [301, 5], payload), "d.npy")
    for part in 0..<3 {
      let values = (0..<100 * 5).map { _ in numbers.float() }
      try folder.write(RunFile.floats([100, 5], values), "part-\(part).npy")
    }
    let bytes = (0..<301 * 40).map { _ in UInt8(truncatingIfNeeded: numbers.bits() >> 40) }
    try folder.write(RunFile.npy("|u1", [301, 40], bytes), "u.npy")
    for command in ["kmeans", "kmedians"] {
      for seeding in ["k-means++", "k-means-parallel"] {
        for (name, data) in [
          ("float64", [folder.file("d.npy")]), ("files", [folder.file("part-*.npy")]),
          ("bytes", [folder.file("u.npy")]),
        ] {
          let outcome = try check(
            ["--data"] + data + ["--clusters", "9", "--init", seeding],
            [Launch(1), Launch(4)], by: command, in: folder, "\(name), \(seeding)")
          let times = outcome.output.components(separatedBy: "read as float32").count - 1
          XCTAssertEqual(times, name == "float64" ? 1 : 0, outcome.output)
        }
      }
    }
  }

  func testNarrowFloats() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 301, columns: 13), "x.npy")
    for (name, options) in [
      ("k-means++", []), ("random", ["--init", "random", "--tolerance", "0"]),
      ("restarts", ["--restarts", "3", "--seed", "9"]),
      ("scaled", ["--scale", "standard", "--init", "k-means-parallel"]),
    ] {
      try check(
        ["--data", folder.file("x.npy"), "--clusters", "9"] + options, Self.few, in: folder,
        "narrow \(name)")
    }
  }

  /// Ties, equal centers and clusters that lose all rows, which then take the farthest ones.
  func testTiesAndEmptyClusters() throws {
    let folder = try RunFolder()
    for columns in [2, 35] {
      let start = try writeTies(folder, columns)
      for empty in ["farthest", "keep"] {
        let outcome = try check(
          [
            "--data", folder.file("x.npy"), "--clusters", "12", "--init", start,
            "--empty", empty,
          ], Self.few, in: folder, "grid of \(columns), \(empty)")
        XCTAssertTrue(
          outcome.errors.contains(empty == "keep" ? "hold no row" : "an empty cluster took"),
          outcome.errors)
      }
    }
  }

  func testMoreRanksThanRows() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 5, columns: 3), "x.npy")
    try folder.write(ClusterRows.wild(rows: 3, columns: 40), "y.npy")
    try folder.write(RunFile.npy("|u1", [4, 2], [0, 0, 9, 9, 255, 255, 0, 1]), "z.npy")
    for (name, clusters) in [("x", "3"), ("y", "3"), ("z", "2")] {
      try check(
        ["--data", folder.file("\(name).npy"), "--clusters", clusters], [Launch(1), Launch(8)],
        in: folder, "more ranks than rows, \(name)")
    }
  }

  /// By k-medians: wide and narrow rows, bytes, all seedings, ties, empty clusters, more ranks than rows.
  func testMedians() throws {
    let folder = try RunFolder()
    let machines =
      [Self.machines[0], Self.machines[1]] + (Self.hasV4 ? [Launch(2, ["DTRAIN_ISA": "v4"])] : [])
    try folder.write(ClusterRows.wild(rows: 301, columns: 40), "x.npy")
    try check(
      ["--data", folder.file("x.npy"), "--clusters", "7", "--tolerance", "0"],
      Self.ranks + Self.nodes + machines, by: "kmedians", in: folder, "wide", isDeep: true)
    try RunData.writeMNIST(folder, "mnist", train: 1003, test: 1)
    try check(
      [
        "--data", folder.file("mnist/train-images-idx3-ubyte"), "--clusters", "10", "--init",
        "random", "--restarts", "2", "--median", "lower", "--scale", "unit",
      ],
      Self.few + [Launch(7), Launch(2, ["DTRAIN_ISA": "v3"], ["--pruning", "off"])],
      by: "kmedians", in: folder, "images", isDeep: true)
    // Enough rows for samples and forecasts.
    try folder.write(ClusterRows.wild(rows: 9000, columns: 3), "many.npy")
    try check(
      ["--data", folder.file("many.npy"), "--clusters", "3", "--max-iterations", "30"], Self.few,
      by: "kmedians", in: folder, "many rows")
    for (columns, empty) in [(2, "farthest"), (35, "keep")] {
      let start = try writeTies(folder, columns)
      try check(
        ["--data", folder.file("x.npy"), "--init", start, "--clusters", "12", "--empty", empty],
        Self.few, by: "kmedians", in: folder, "grid of \(columns), \(empty)")
    }
    try folder.write(ClusterRows.wild(rows: 5, columns: 3), "few.npy")
    try folder.write(RunFile.npy("|u1", [4, 2], [0, 0, 9, 9, 255, 255, 0, 1]), "bytes.npy")
    for name in ["few", "bytes"] {
      try check(
        ["--data", folder.file("\(name).npy"), "--clusters", "2"], [Launch(1), Launch(8)],
        by: "kmedians", in: folder, "more ranks than rows, \(name)")
    }
  }

  /// By direction: wide and narrow rows, bytes, weights, all seedings, restarts, duplicates and opposite rows, more ranks
  /// than rows.
  func testDirections() throws {
    let folder = try RunFolder()
    let cosine = ["--metric", "cosine"]
    try folder.write(ClusterRows.wild(rows: 301, columns: 40), "x.npy")
    try check(
      cosine + ["--data", folder.file("x.npy"), "--clusters", "7", "--tolerance", "0"],
      Self.ranks + Self.nodes + Self.machines, in: folder, "directions", isDeep: true)
    var numbers = SeededNumbers(seed: 83)
    let weights = (0..<301).map { $0 % 4 == 0 ? 0 : abs(numbers.float()) * 1e-3 }
    try folder.write(RunFile.floats([301], weights), "w.npy")
    try folder.write(ClusterRows.wild(rows: 301, columns: 4), "narrow.npy")
    for seeding in ["random", "k-means++", "k-means-parallel"] {
      try check(
        cosine + [
          "--data", folder.file("narrow.npy"), "--weights", folder.file("w.npy"), "--clusters", "9",
          "--init", seeding, "--restarts", "2",
        ], Self.few, in: folder, "weighted directions, \(seeding)")
    }
    let bytes = (0..<301 * 40).map { _ in UInt8(truncatingIfNeeded: numbers.bits() >> 40) }
    try folder.write(RunFile.npy("|u1", [301, 40], bytes), "u.npy")
    try check(
      cosine + ["--data", folder.file("u.npy"), "--clusters", "6"], Self.few, in: folder,
      "directions of bytes")
    let grid = (0..<150 * 2).map { _ in Float(numbers.bits() >> 40 % 2) * 2 - 1 }
    try folder.write(RunFile.floats([150, 2], grid), "grid.npy")
    for empty in ["farthest", "keep"] {
      let outcome = try check(
        cosine + [
          "--data", folder.file("grid.npy"), "--clusters", "1", "--empty", empty,
        ], Self.few, in: folder, "opposite directions, \(empty)")
      XCTAssertFalse(outcome.errors.contains("hold no row"), outcome.errors)
      try check(
        cosine + [
          "--data", folder.file("grid.npy"), "--clusters", "9", "--empty", empty, "--init",
          "random",
        ], Self.few, in: folder, "equal directions, \(empty)")
    }
    try folder.write(ClusterRows.wild(rows: 5, columns: 3), "few.npy")
    try check(
      cosine + ["--data", folder.file("few.npy"), "--clusters", "2"], [Launch(1), Launch(8)],
      in: folder, "more ranks than rows, by direction")
  }

  /// Rows in `x.npy` with many ties, and the path of centers among which two are equal and some that no row
  /// is near.
  private func writeTies(_ folder: RunFolder, _ columns: Int) throws -> String {
    try folder.write(ClusterRows.grid(rows: 150, columns: columns), "x.npy")
    let start = (0..<12 * columns).map { index -> Float in
      let center = index / columns
      return center < 2 ? 1 : center < 6 ? Float((center * 7 + index) % 3) : 50 + Float(center)
    }
    try folder.write(RunFile.floats([12, columns], start), "start.npy")
    return folder.file("start.npy")
  }

  /// Another seed gives other centers: identity is not for want of anything that changes.
  func testSeedsDiffer() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 301, columns: 13), "x.npy")
    let arguments = ["--data", folder.file("x.npy"), "--clusters", "9", "--init", "random"]
    try cluster(1, arguments + ["--seed", "1"], in: folder, out: "one", name: "seed 1")
    try cluster(1, arguments + ["--seed", "2"], in: folder, out: "two", name: "seed 2")
    let isSame = try folder.bytes("one/centers.npy") == folder.bytes("two/centers.npy")
    XCTAssertFalse(isSame, "seeds 1 and 2 give the same centers")
  }

  /// Launches the same run in several ways and compares what it writes with the first way's.
  ///
  /// - Returns: the first run's outcome.
  @discardableResult
  private func check(
    _ arguments: [String], _ launches: [Launch], by command: String = "kmeans",
    in folder: RunFolder, _ name: String, isDeep: Bool = false, line: UInt = #line
  ) throws -> JobOutcome {
    var first: JobOutcome?
    for launch in launches {
      let way = launch.environment.map { "\($0.key)=\($0.value)" }.sorted() + launch.options
      let label = "\(command) identity \(name) \(way.joined(separator: " "))"
      let out = first == nil ? "reference" : "run"
      let outcome = try cluster(
        launch.ranks, arguments + launch.options, in: folder, by: command, out: out,
        environment: launch.environment, name: label, line: line)
      let summary = try folder.json("\(out)/summary.json")
      XCTAssertEqual(summary["ranks"] as? Int, launch.ranks, label, line: line)
      guard first != nil else {
        first = outcome
        if isDeep {
          XCTAssertGreaterThan(try XCTUnwrap(summary["iterations"] as? Int), 5, label, line: line)
        }
        continue
      }
      for file in ["centers.npy", "labels.npy", "config.json"] {
        let isSame = try folder.bytes("run/\(file)") == folder.bytes("reference/\(file)")
        XCTAssertTrue(isSame, "\(label), N=\(launch.ranks): \(file) differs", line: line)
      }
      let reference = try folder.json("reference/summary.json")
      for key in ["objective", "sizes", "iterations", "stopped", "restart", "model_sha256"] {
        XCTAssertEqual(
          summary[key] as? NSObject, reference[key] as? NSObject,
          "\(label), N=\(launch.ranks): \(key)", line: line)
      }
      XCTAssertEqual(
        try objectives(folder, "run"), try objectives(folder, "reference"), label, line: line)
    }
    return try XCTUnwrap(first)
  }

  /// Objective, rows that changed and movement of each iteration.
  private func objectives(_ folder: RunFolder, _ run: String) throws -> [[NSObject?]] {
    try folder.bytes("\(run)/metrics.jsonl").split(separator: 10).map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      return ["iteration", "objective", "changed", "movement"].map { object?[$0] as? NSObject }
    }
  }
}

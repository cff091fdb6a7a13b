import DTrainCore
import Launching
import XCTest

/// What `dtrain kmeans` refuses, on three ranks: one message that says what and where.
final class ClusterInputTests: XCTestCase {
  private func folder() throws -> RunFolder {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 60, columns: 5), "x.npy")
    return folder
  }

  func testRowsThatAreNoNumbers() throws {
    let folder = try folder()
    for (name, value) in [("NaN", Float.nan), ("infinite", -.infinity)] {
      var values = (0..<300).map { Float($0 % 13) }
      values[47 * 5 + 3] = value
      try folder.write(RunFile.floats([60, 5], values), "bad.npy")
      for command in ["kmeans", "kmedians"] {
        try checkRefused(
          name, code: 3, words: ["bad.npy", "row 47", "column 3"],
          ["--data", folder.file("bad.npy"), "--clusters", "3"], by: command, in: folder)
      }
    }
  }

  func testClusters() throws {
    let folder = try folder()
    let data = ["--data", folder.file("x.npy")]
    for (name, code, words, options) in [
      ("K > rows", 3, ["--clusters 61", "60 rows"], ["--clusters", "61"]),
      ("K = 0", 2, ["--clusters", "0"], ["--clusters", "0"]),
      ("K < 0", 2, ["--clusters"], ["--clusters=-2"]),
      (
        "an unknown --init", 2, ["k-means++", "kmeans++"],
        ["--clusters", "3", "--init", "kmeans++"]
      ),
    ] as [(String, Int32, [String], [String])] {
      try checkRefused(name, code: code, words: words, data + options, in: folder)
    }
  }

  func testWeights() throws {
    let folder = try folder()
    let options = ["--data", folder.file("x.npy"), "--weights", folder.file("w.npy")]
    for (name, words, weights) in [
      ("negative", ["w.npy", "row 41", "-2"], (0..<60).map { $0 == 41 ? -2 : 1 }),
      ("NaN", ["w.npy", "row 59"], (0..<60).map { $0 == 59 ? .nan : 1 }),
      ("infinite", ["w.npy", "row 3"], (0..<60).map { $0 == 3 ? .infinity : 1 }),
      ("too few", ["w.npy", "[59]", "60 rows"], [Float](repeating: 1, count: 59)),
      ("zeros", ["w.npy", "all weights are 0"], [Float](repeating: 0, count: 60)),
      ("few positive", ["--clusters 3", "2 rows"], (0..<60).map { $0 < 2 ? 1 : 0 }),
    ] as [(String, [String], [Float])] {
      try folder.write(RunFile.floats([weights.count], weights), "w.npy")
      try checkRefused(
        "weights: \(name)", code: 3, words: words, options + ["--clusters", "3"], in: folder)
    }
  }

  /// Options that make no sense, where they are judged.
  func testConfiguration() throws {
    func check(_ word: String, _ change: (inout ClusterConfiguration) -> Void) {
      var configuration = ClusterConfiguration(clusters: 3)
      XCTAssertNoThrow(try configuration.validate())
      change(&configuration)
      XCTAssertThrowsError(try configuration.validate()) { error in
        XCTAssertEqual((error as? TrainerError)?.kind, .usage)
        XCTAssertTrue("\(error)".contains(word), "\(error)")
      }
    }
    check("clusters") { $0.clusters = 0 }
    check("clusters") { $0.clusters = -1 }
    check("tolerance") { $0.tolerance = -1 }
    check("tolerance") { $0.tolerance = .nan }
    check("max_iterations") { $0.maximumIterations = 0 }
    check("restarts") { $0.restarts = 0 }
    check("restarts") {
      $0.restarts = 2
      $0.seeding = .file("start.npy")
    }
    check("seed") { $0.seed = .max }
  }

  func testStartFiles() throws {
    let folder = try folder()
    func check(_ name: String, _ words: [String], _ bytes: [UInt8]?) throws {
      if let bytes { try folder.write(bytes, "start.npy") }
      let path = folder.file(bytes == nil ? "none.npy" : "start.npy")
      try checkRefused(
        "start file \(name)", code: 3, words: words,
        ["--data", folder.file("x.npy"), "--clusters", "3", "--init", path], in: folder)
    }
    let values = (0..<15).map { Float($0) }
    try check("that is missing", ["none.npy"], nil)
    try check(
      "of two rows", ["start.npy", "2", "3"], RunFile.floats([2, 5], Array(values[..<10])))
    try check(
      "of three columns", ["start.npy", "3 centers of 3 columns", "5 columns"],
      RunFile.floats([3, 3], Array(values[..<9])))
    try check("cut short", ["start.npy"], RunFile.floats([3, 5], values).dropLast(4))
    try check(
      "with NaN", ["start.npy", "row 2", "column 1"],
      RunFile.floats([3, 5], values.map { $0 == 11 ? .nan : $0 }))
  }

  /// Metrics of other commands, scaling with directions, and what has no direction: on whatever rank it is.
  func testMetrics() throws {
    let folder = try folder()
    let data = ["--data", folder.file("x.npy"), "--clusters", "3"]
    for (command, words, options) in [
      ("kmeans", ["--metric l1", "kmedians", "l2 or cosine"], ["--metric", "l1"]),
      ("kmedians", ["--metric l2", "kmeans", "l1"], ["--metric", "l2"]),
      ("kmedians", ["--metric cosine", "kmeans"], ["--metric", "cosine"]),
      ("kmeans", ["'euclidean'", "--metric", "cosine"], ["--metric", "euclidean"]),
      (
        "kmeans", ["--scale standard", "--metric cosine", "omit"],
        ["--metric", "cosine", "--scale", "standard"]
      ),
    ] {
      try checkRefused(
        options.joined(separator: " "), code: 2, words: words, data + options, by: command,
        in: folder)
    }
    for (name, bytes) in [
      ("floats", RunFile.floats([60, 5], (0..<300).map { $0 / 5 == 47 ? 0 : Float($0 + 1) })),
      ("bytes", RunFile.npy("|u1", [60, 5], (0..<300).map { $0 / 5 == 47 ? 0 : 1 })),
    ] {
      try folder.write(bytes, "zero.npy")
      for ranks in [1, 3, 7] {
        try checkRefused(
          "a row of zeros among \(name)", code: 3,
          words: ["zero.npy", "row 47 ", "only zeros", "--metric l2"],
          ["--data", folder.file("zero.npy"), "--clusters", "3", "--metric", "cosine"],
          ranks: ranks, in: folder)
      }
    }
    try folder.write(
      RunFile.floats([3, 5], (0..<15).map { $0 / 5 == 1 ? 0 : 1 }), "start.npy")
    try checkRefused(
      "a center of zeros", code: 3, words: ["start.npy", "center 1 ", "only zeros"],
      data + ["--metric", "cosine", "--init", folder.file("start.npy")], in: folder)
  }

  func testEmptyClusterAsError() throws {
    let folder = try folder()
    try folder.write(
      RunFile.floats([2, 5], [Float](repeating: 0, count: 5) + [Float](repeating: 1e9, count: 5)),
      "start.npy")
    try checkRefused(
      "empty cluster", code: 3, words: ["cluster 1", "iteration 1", "--empty farthest"],
      [
        "--data", folder.file("x.npy"), "--clusters", "2", "--init", folder.file("start.npy"),
        "--empty", "error",
      ], in: folder)
  }

  /// Fewer distinct rows than clusters is no error: the run ends, and says so.
  func testFewDistinctRows() throws {
    let folder = try folder()
    let rows = (0..<90).flatMap { [Float](repeating: Float($0 % 3) / 3, count: 4) }
    try folder.write(RunFile.floats([90, 4], rows), "same.npy")
    try folder.write(RunFile.floats([30, 40], [Float](repeating: 0, count: 1200)), "zero.npy")
    for (data, distinct) in [("same.npy", 3), ("zero.npy", 1)] {
      for seeding in ["random", "k-means++"] {
        let outcome = try cluster(
          3, ["--data", folder.file(data), "--clusters", "5", "--init", seeding], in: folder,
          name: "few distinct rows, \(data), \(seeding)")
        XCTAssertTrue(
          outcome.errors.contains("dtrain: warning: \(5 - distinct) of 5 clusters hold no row")
            && outcome.errors.contains("fewer distinct rows"), outcome.errors)
        let summary = try folder.json("run/summary.json")
        XCTAssertEqual(summary["objective"] as? Double, 0)
        XCTAssertEqual(
          (summary["sizes"] as? [Int])?.sorted(by: >),
          Array(
            [[Int](repeating: 30, count: distinct), [0, 0, 0, 0]].joined()
              .prefix(5)))
      }
    }
  }
}

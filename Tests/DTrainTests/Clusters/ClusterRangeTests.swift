import Foundation
import Launching
import XCTest

/// `--clusters A:B:STEP`: a run for each number of clusters, and a table of them.
final class ClusterRangeTests: XCTestCase {
  private func folder() throws -> RunFolder {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 301, columns: 6), "x.npy")
    return folder
  }

  /// Each run is what it is by itself, for any number of ranks, and the table says what `evaluate` says of it.
  func testRunsOfARange() throws {
    let folder = try folder()
    let data = ["--data", folder.file("x.npy")]
    for (command, metric) in [("kmeans", "l2"), ("kmedians", "l1"), ("kmeans", "cosine")] {
      let data = data + ["--metric", metric]
      for ranks in [1, 3] {
        let outcome = try cluster(
          ranks, data + ["--clusters", "2:8:3"], in: folder, by: command, out: "range-\(ranks)",
          name: "\(command), range")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        let header = try XCTUnwrap(lines.firstIndex { $0.contains("Davies-Bouldin") })
        let numbers = lines[(header + 1)...].prefix(3).map {
          $0.split(separator: " ").first.map(String.init)
        }
        XCTAssertEqual(numbers, ["2", "5", "8"], outcome.output)
      }
      let table = try folder.json("range-3/summary.json")
      let rows = try XCTUnwrap(table["clusterings"] as? [[String: Any]])
      XCTAssertEqual(rows.map { $0["clusters"] as? Int }, [2, 5, 8])
      for (clusters, row) in zip([2, 5, 8], rows) {
        try cluster(
          2, data + ["--clusters", "\(clusters)"], in: folder, by: command, out: "one",
          name: "\(command), K=\(clusters)")
        for ranks in [1, 3] {
          for file in ["centers.npy", "labels.npy", "config.json"] {
            let part = "range-\(ranks)/clusterings/\(clusters)/\(file)"
            XCTAssertTrue(
              try folder.bytes(part) == folder.bytes("one/\(file)"), "\(command): \(part)")
          }
        }
        let evaluation = try run(
          MPIJob(
            1, "dtrain",
            ["evaluate", "--model", folder.file("one"), "--output", folder.file("e.json")] + data),
          "evaluate")
        XCTAssertEqual(evaluation.exitCode, 0, evaluation.errors)
        let figures = try folder.json("e.json")
        for key in [
          "objective", "calinski_harabasz", "davies_bouldin", "simplified_silhouette",
        ] {
          let number = try XCTUnwrap(figures[key] as? Double)
          XCTAssertEqual(row[key] as? Double, number, "\(command), K=\(clusters): \(key)")
        }
      }
      XCTAssertTrue(
        try folder.bytes("range-1/config.json") == folder.bytes("range-3/config.json"), command)
    }
  }

  /// What is finished stays, what was begun goes on, the rest begins.
  func testResume() throws {
    let folder = try folder()
    let options = [
      "--data", folder.file("x.npy"), "--clusters", "3:6", "--tolerance", "0",
      "--checkpoint-every", "1", "--keep", "100",
    ]
    try cluster(2, options, in: folder, out: "whole", name: "range")
    let manager = FileManager.default
    for name in ["whole/summary.json", "whole/clusterings/6"] {
      try manager.removeItem(atPath: folder.file(name))
    }
    let part = "whole/clusterings/5"
    let kept = try folder.bytes("\(part)/centers.npy")
    for name in ["summary.json", "centers.npy", "labels.npy"] {
      try manager.removeItem(atPath: folder.file("\(part)/\(name)"))
    }
    let saved = try checkpoints(folder, part)
    XCTAssertGreaterThan(saved.count, 2)
    for name in saved.dropFirst(2) {
      try manager.removeItem(atPath: folder.file("\(part)/checkpoints/\(name)"))
    }
    let outcome = try run(
      MPIJob(3, "dtrain", ["kmeans", "--resume", folder.file("whole")]), "range, continued")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    XCTAssertTrue(try folder.bytes("\(part)/centers.npy") == kept)
    XCTAssertEqual(
      try folder.json("\(part)/summary.json")["resumed_from"] as? String, saved[1])
    let first = try folder.json("whole/clusterings/3/summary.json")
    XCTAssertEqual(first["ranks"] as? Int, 2, "what was finished was made again")
    let rows = try folder.json("whole/summary.json")["clusterings"] as? [[String: Any]]
    XCTAssertEqual(rows?.map { $0["clusters"] as? Int }, [3, 4, 5, 6])
    let again = try run(
      MPIJob(1, "dtrain", ["kmeans", "--resume", folder.file("whole")]), "range, finished")
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertTrue(again.output.contains("nothing to do"), again.output)
  }

  /// The runs of a range that are there must be of the range's options.
  func testResumeWithOtherOptions() throws {
    let folder = try folder()
    try cluster(
      1, ["--data", folder.file("x.npy"), "--clusters", "2:3"], in: folder, out: "whole",
      name: "range")
    try FileManager.default.removeItem(atPath: folder.file("whole/summary.json"))
    let config = String(decoding: try folder.bytes("whole/config.json"), as: UTF8.self)
    let changed = config.replacingOccurrences(of: #""seed": 0"#, with: #""seed": 1"#)
    XCTAssertNotEqual(changed, config)
    try folder.write(Array(changed.utf8), "whole/config.json")
    let outcome = try run(
      MPIJob(2, "dtrain", ["kmeans", "--resume", folder.file("whole")]), "range, other seed")
    XCTAssertEqual(outcome.exitCode, 2, outcome.errors)
    XCTAssertTrue(outcome.errors.contains("seed was 0 and is 1"), outcome.errors)
  }

  func testRefusals() throws {
    let folder = try folder()
    let data = ["--data", folder.file("x.npy")]
    try folder.write(RunFile.floats([2, 6], (0..<12).map { Float($0) }), "start.npy")
    for (name, code, words, options) in [
      ("falling", 2, ["--clusters 5:2"], ["--clusters", "5:2"]),
      ("from nothing", 2, ["--clusters 0:2"], ["--clusters", "0:2"]),
      ("without steps", 2, ["--clusters 1:2:0"], ["--clusters", "1:2:0"]),
      ("no range", 2, ["1:x"], ["--clusters", "1:x"]),
      (
        "from a file", 2, ["--init", "range"],
        ["--clusters", "2:3", "--init", folder.file("start.npy")]
      ),
      ("beyond the rows", 3, ["--clusters 302", "301 rows"], ["--clusters", "300:302"]),
    ] as [(String, Int32, [String], [String])] {
      try checkRefused("range \(name)", code: code, words: words, data + options, in: folder)
      XCTAssertFalse(folder.has("run/config.json"), name)
    }
    try cluster(1, data + ["--clusters", "2:3"], in: folder, out: "range", name: "range")
    let outcome = try run(
      MPIJob(2, "dtrain", ["evaluate", "--model", folder.file("range")] + data), "evaluate a range")
    XCTAssertEqual(outcome.exitCode, 2)
    XCTAssertTrue(outcome.errors.contains("range/clusterings/"), outcome.errors)
  }
}

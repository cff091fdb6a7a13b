import Foundation
import Launching
import XCTest

/// Sweeps: every point has the bytes of its run alone, on any number of ranks in groups of any size.
final class SweepTests: XCTestCase {
  private func classes(_ folder: RunFolder, rows: Int = 600) throws -> SweepCase {
    try RunData.writeClasses(folder, rows: rows)
    return SweepCase(
      method: "mlp",
      arguments: [
        "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "3",
        "--optimizer", "sgd", "--batch", "50", "--validation", "0.2",
      ],
      swept: ["--hidden", "8;6,4", "--learning-rate", "0.02:0.5:log:2"],
      points: [
        ["--hidden", "8", "--learning-rate", "0.02"], ["--hidden", "8", "--learning-rate", "0.5"],
        ["--hidden", "6,4", "--learning-rate", "0.02"],
        ["--hidden", "6,4", "--learning-rate", "0.5"],
      ])
  }

  /// `sweep.json` without what was typed.
  private func record(_ folder: RunFolder, _ name: String = "sweep") throws -> NSDictionary {
    var record = try folder.json("\(name)/sweep.json")
    record["arguments"] = nil
    return record as NSDictionary
  }

  func testPointsHaveTheBytesOfRunsAlone() throws {
    let folder = try RunFolder()
    let test = try classes(folder)
    try makeAlone(test, in: folder)
    var records: [NSDictionary] = []
    for (ranks, groupSize) in [(1, 1), (2, 1), (3, 1), (4, 2), (3, 3)] {
      let outcome = try sweep(test, ranks: ranks, groupSize: groupSize, in: folder)
      try expectTheSame(test, in: folder, "N=\(ranks) in groups of \(groupSize)")
      records.append(try record(folder))
      XCTAssertTrue(outcome.output.contains("validation accuracy"), outcome.output)
    }
    for record in records { XCTAssertEqual(record, records[0]) }
    // Without memory in common, and over nodes.
    try sweep(
      test, ranks: 3, in: folder,
      environment: ["DTRAIN_NO_SHARED_MEMORY": "1", "DTRAIN_PRETEND_NODES": "0,0,1"])
    try expectTheSame(test, in: folder, "no shared memory")
    try sweep(
      test, ranks: 4, groupSize: 2, in: folder, environment: ["DTRAIN_PRETEND_NODES": "0,1,0,0"])
    try expectTheSame(test, in: folder, "nodes")
    // The ranking is by the score that is chosen by, and the report has all points.
    let ranking = try XCTUnwrap(record(folder)["ranking"] as? [String])
    let points = try XCTUnwrap(record(folder)["points"] as? [[String: Any]])
    let scores = Dictionary(
      uniqueKeysWithValues: try points.map { point in
        let score = try XCTUnwrap(point["score"] as? [String: Any])
        XCTAssertEqual(score["name"] as? String, "validation_accuracy")
        return (try XCTUnwrap(point["name"] as? String), try XCTUnwrap(score["value"] as? Double))
      })
    let ranked = ranking.compactMap { scores[$0] }
    XCTAssertEqual(ranked.count, 4)
    XCTAssertEqual(ranked, ranked.sorted(by: >))
    XCTAssertGreaterThan(ranked[0], ranked[3])
    let report = String(decoding: try folder.bytes("sweep/report.html"), as: UTF8.self)
    for index in 0..<4 { XCTAssertTrue(report.contains(SweepCase.name(index))) }
  }

  /// Whatever the rows come in: texts in rows and in labels, missing values, test rows whose texts are others, numbers
  /// that lose an offset, sparse lines, weights.
  func testFormsOfData() throws {
    let folder = try RunFolder()
    var numbers = SeededNumbers(seed: 4)
    let kinds = ["red", "green", "blue"]
    func table(_ rows: Int, _ labels: [String]) -> [UInt8] {
      var lines = ["a,kind,b,label,other"]
      for row in 0..<rows {
        let b = row % 9 == 4 ? "" : "\(Double(numbers.float()) + 1e9)"
        let label = labels[row % labels.count]
        lines.append("\(numbers.float()),\(kinds[numbers.below(3)]),\(b),\(label),\(row)")
      }
      return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
    try folder.write(table(90, ["no", "yes", "maybe"]), "train.csv")
    try folder.write(table(30, ["yes"]), "test.csv")
    var sparse: [String] = []
    for row in 0..<80 { sparse.append("\(row % 2 == 0 ? -1 : 1) 1:\(row) 4:\(numbers.float())") }
    try folder.write(Array((sparse.joined(separator: "\n") + "\n").utf8), "a.svm")
    let values = (0..<120).map { 1e12 + Double($0 % 7) + Double(numbers.float()) }
    try folder.write(RunFile.doubles([40, 3], values), "x.npy")
    try folder.write(
      RunFile.gzip(RunFile.doubles([40], (0..<40).map { Double($0 % 5) / 3 })), "y.npy")
    try folder.write(RunFile.doubles([40], (0..<40).map { Double($0 % 3) }), "w.npy")
    try folder.write(RunFile.floats([3], [1, 2, 3]), "c.npy")
    try RunData.writeMNIST(folder, "mnist", train: 60, test: 20)
    func file(_ name: String) -> String { folder.file(name) }
    let mlp: [[String]] = [
      [
        "--data", file("train.csv"), "--target", "label", "--drop", "other", "--test-data",
        file("test.csv"), "--missing", "mean", "--class-weights", file("c.npy"),
      ],
      ["--data", file("a.svm")], ["--data", file("a.svm"), "--targets", "numbers"],
      ["--data", file("x.npy"), "--labels", file("y.npy"), "--weights", file("w.npy")],
      ["--data", file("mnist")],
    ]
    for data in mlp {
      let test = SweepCase(
        method: "mlp", arguments: data + ["--epochs", "1"], swept: ["--hidden", "4;none"],
        points: [["--hidden", "4"], ["--hidden", "none"]])
      try makeAlone(test, in: folder)
      try sweep(test, ranks: 2, in: folder)
      try expectTheSame(test, in: folder, "\(data)")
    }
    let clusters = [
      ["--data", file("x.npy"), "--weights", file("w.npy")], ["--data", file("mnist")],
    ]
    for data in clusters {
      let test = SweepCase(
        method: "kmedians", arguments: data, swept: ["--clusters", "2,4"],
        points: [["--clusters", "2"], ["--clusters", "4"]])
      try makeAlone(test, in: folder)
      try sweep(test, ranks: 3, in: folder)
      try expectTheSame(test, in: folder, "\(data)")
    }
  }

  func testClusters() throws {
    let folder = try RunFolder()
    try folder.write(ClusterRows.wild(rows: 500, columns: 5), "x.npy")
    let test = SweepCase(
      method: "kmeans", arguments: ["--data", folder.file("x.npy"), "--scale", "standard"],
      swept: ["--clusters", "2:6:linear:3", "--init", "random,k-means++"],
      points: [2, 4, 6].flatMap { count in
        ["random", "k-means++"].map { ["--clusters", "\(count)", "--init", $0] }
      })
    try makeAlone(test, in: folder)
    for (ranks, groupSize) in [(1, 1), (4, 2)] {
      let outcome = try sweep(test, ranks: ranks, groupSize: groupSize, in: folder)
      try expectTheSame(test, in: folder, "N=\(ranks)")
      XCTAssertTrue(
        outcome.output.contains("compare only objectives of points that have the same --clusters"),
        outcome.output)
      // The table has the options of the points.
      XCTAssertTrue(outcome.output.contains("clusters       init\n"), outcome.output)
    }
  }

  /// Eight points read hardly more than one run.
  func testRowsAreReadOnce() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 60_000)
    func read(_ arguments: [String], _ out: String) throws -> Int {
      var job = MPIJob(
        2, "dtrain",
        arguments + [
          "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "1",
          "--hidden", "4", "--quiet", "--out", folder.file(out),
        ])
      for rank in 0..<2 {
        // What a process read that is waited for counts as read by the one who waited.
        job.preludes[rank] = """
          set -- bash -c '"$@"; code=$?; cat /proc/$$/io > \(folder.path)/io-\(rank); exit $code' - "$@"
          """
      }
      let outcome = try run(job, "bytes read")
      XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
      return try (0..<2).reduce(0) { sum, rank in
        let text = String(decoding: try folder.bytes("io-\(rank)"), as: UTF8.self)
        let line = try XCTUnwrap(text.split(separator: "\n").first { $0.hasPrefix("rchar: ") })
        return sum + (try XCTUnwrap(Int(line.dropFirst(7))))
      }
    }
    let one = try read(["mlp"], "one")
    let all = try read(
      ["sweep", "mlp", "--learning-rate", "1e-4:1e-1:log:4", "--decay", "1e-5,1e-3"], "all")
    print("bytes read: \(one) by one run, \(all) by a sweep of 8 points")
    XCTAssertGreaterThan(one, 60_000 * 20 * 4)
    XCTAssertLessThanOrEqual(Double(all), 1.1 * Double(one))
  }

  /// A point that diverges is recorded, ends nothing, and comes last.
  func testADivergingPoint() throws {
    let folder = try RunFolder()
    let base = try classes(folder)
    let test = SweepCase(
      method: "mlp", arguments: base.arguments, swept: ["--learning-rate", "1e4,0.5,0.02"],
      points: [["--learning-rate", "1e4"]] + [["--learning-rate", "0.5"]]
        + [["--learning-rate", "0.02"]])
    _ = try run(
      ["mlp"] + test.arguments + test.points[0] + ["--out", folder.file("away")], expecting: 5)
    try makeAlone(
      SweepCase(
        method: "mlp", arguments: test.arguments, swept: [],
        points: [test.points[1], test.points[1], test.points[2]]), in: folder)
    for groupSize in [1, 2] {
      let outcome = try sweep(test, ranks: 2, groupSize: groupSize, in: folder)
      XCTAssertTrue(outcome.output.contains("diverged"), outcome.output)
      try expectTheSame(test, in: folder, points: [1, 2], "beside a point that diverged")
      let points = try XCTUnwrap(record(folder)["points"] as? [[String: Any]])
      XCTAssertEqual(
        points.map { $0["state"] as? String }, ["diverged", "finished", "finished"])
      let ranking = try XCTUnwrap(record(folder)["ranking"] as? [String])
      XCTAssertEqual(ranking.last, "point-0001")
    }
  }
}

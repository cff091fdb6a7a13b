import Foundation
import Glibc
import Launching
import XCTest

/// Sweeps that are killed or stopped, and those that stop points early.
final class SweepResumeTests: XCTestCase {
  /// Six points that take a while, of which one diverges.
  private func test(_ folder: RunFolder, more: [String] = []) throws -> SweepCase {
    try RunData.writeClasses(folder, rows: 600)
    let rates = ["0.01", "0.03", "1e4", "0.1", "0.3", "0.6"]
    return SweepCase(
      method: "mlp",
      arguments: [
        "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "64",
        "--optimizer", "sgd", "--batch", "20", "--hidden", "32", "--validation", "0.2",
        "--checkpoint-every", "5", "--schedule", "cosine",
      ],
      swept: ["--learning-rate", rates.joined(separator: ",")] + more,
      points: rates.map { ["--learning-rate", $0] })
  }

  /// The bytes that a finished sweep has in any case: all but times and what was typed.
  private func results(_ folder: RunFolder, _ name: String) throws -> [String: [UInt8]] {
    var results = try folder.files(in: name).filter {
      $0.key.hasSuffix("config.json") || $0.key.hasSuffix("model.safetensors")
    }
    var record = try folder.json("\(name)/sweep.json")
    XCTAssertEqual(record["finished"] as? Bool, true)
    record["arguments"] = nil
    results["sweep.json"] = [UInt8](
      try JSONSerialization.data(withJSONObject: record, options: .sortedKeys))
    return results
  }

  /// Begins a sweep, kills or stops it once a number of points have some file, and continues it on other ranks.
  private func interrupt(
    _ test: SweepCase, in folder: RunFolder, _ signal: Int32, to rank: Int?,
    once file: String, of count: Int, then ranks: Int, codes: Set<Int32>
  ) throws {
    try? FileManager.default.removeItem(atPath: folder.file("sweep"))
    var job = MPIJob(
      2, "dtrain",
      ["sweep", "mlp"] + test.arguments + test.swept + ["--out", folder.file("sweep"), "--quiet"])
    job.environment["OMPI_MCA_odls_base_sigkill_timeout"] = "0"
    job.attack = { running in
      let points = test.points.indices.count { folder.has("sweep/\(SweepCase.name($0))/\(file)") }
      return points >= count && running.send(signal, to: rank)
    }
    let first = try run(job, "interrupted sweep")
    XCTAssertTrue(codes.contains(first.exitCode), "\(first.exitCode): \(first.errors)")
    let before = try folder.json("sweep/sweep.json")
    XCTAssertEqual(before["finished"] as? Bool, false, "it was over already")
    let kept = try test.points.indices.filter {
      folder.has("sweep/\(SweepCase.name($0))/summary.json")
    }.map { name in
      let path = "sweep/\(SweepCase.name(name))/summary.json"
      return (path, try folder.bytes(path))
    }
    let again = try run(
      MPIJob(ranks, "dtrain", ["sweep", "--resume", folder.file("sweep"), "--quiet"]),
      "continued sweep")
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertEqual(again.output, "")
    for (path, bytes) in kept {
      XCTAssertTrue(try folder.bytes(path) == bytes, "\(path) was finished and is another")
    }
  }

  func testKilledAndStoppedSweepsGoOn() throws {
    let folder = try RunFolder()
    let test = try test(folder)
    try sweep(test, ranks: 1, in: folder, out: "whole")
    let whole = try results(folder, "whole")
    XCTAssertEqual(whole.keys.count { $0.hasSuffix("model.safetensors") }, 5)
    let cases: [(Int32, Int?, String, Int, Int, Set<Int32>)] = [
      (SIGKILL, nil, "checkpoints", 1, 3, [137]), (SIGTERM, 1, "summary.json", 1, 1, [75]),
      (SIGKILL, 1, "summary.json", 2, 2, [137]),
    ]
    for (signal, rank, file, count, ranks, codes) in TestTier.isLong ? cases : cases.dropLast() {
      try interrupt(
        test, in: folder, signal, to: rank, once: file, of: count, then: ranks, codes: codes)
      XCTAssertTrue(try results(folder, "sweep") == whole, "signal \(signal) to \(rank ?? -1)")
    }
  }

  /// Half of the points go on after 16 epochs, half of these after 32; those have the bytes of a run that was never
  /// stopped, by any number of ranks, and after a kill.
  func testHalving() throws {
    let folder = try RunFolder()
    let test = try test(folder, more: ["--halving", "2"])
    let outcome = try sweep(test, ranks: 1, in: folder, out: "whole")
    for words in ["round 1 of 3: 6 points to epoch 16", "3 points to epoch 32", "to the end"] {
      XCTAssertTrue(outcome.output.contains(words), outcome.output)
    }
    let whole = try results(folder, "whole")
    let points = try XCTUnwrap(folder.json("whole/sweep.json")["points"] as? [[String: Any]])
    let lengths = points.compactMap { $0["epochs"] as? Int }
    XCTAssertEqual(lengths.count { $0 == 64 }, 2, "\(lengths)")
    XCTAssertEqual(lengths.count { $0 == 32 }, 1, "\(lengths)")
    XCTAssertEqual(lengths.count { $0 == 16 }, 2, "\(lengths)")
    XCTAssertEqual(points[2]["state"] as? String, "diverged")
    XCTAssertEqual(points.count { $0["state"] as? String == "paused" }, 3)
    // Their time is the whole time, too, which is more than that of training.
    let last =
      String(
        decoding: try folder.bytes(
          "whole/\(SweepCase.name(lengths.firstIndex(of: 16)!))/metrics.jsonl"),
        as: UTF8.self
      ).split(separator: "\n").last ?? ""
    let line = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
    XCTAssertGreaterThan(
      try XCTUnwrap(line?["seconds_total"] as? Double), try XCTUnwrap(line?["seconds"] as? Double))
    let report = String(decoding: try folder.bytes("whole/report.html"), as: UTF8.self)
    XCTAssertFalse(report.contains("stopped on request"))
    // No point that went on was worse, when that was decided, than one that did not.
    func score(_ index: Int, at epoch: Int) throws -> Double {
      let text = String(
        decoding: try folder.bytes("whole/\(SweepCase.name(index))/metrics.jsonl"), as: UTF8.self)
      let line = text.split(separator: "\n")[epoch - 1]
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try XCTUnwrap(object?["validation_accuracy"] as? Double)
    }
    let compared = [0, 1, 3, 4, 5]
    let stopped = compared.filter { lengths[$0] == 16 }
    let continued = compared.filter { lengths[$0] > 16 }
    XCTAssertGreaterThanOrEqual(
      try continued.map { try score($0, at: 16) }.min() ?? 0,
      try stopped.map { try score($0, at: 16) }.max() ?? 1)
    let finished = compared.filter { lengths[$0] == 64 }
    for index in finished {
      _ = try run(
        ["mlp"] + test.arguments + test.points[index]
          + ["--out", folder.file("alone/\(SweepCase.name(index))"), "--quiet"])
    }
    try expectTheSame(test, in: folder, out: "whole", points: finished, "halving")
    try sweep(test, ranks: 4, groupSize: 2, in: folder)
    XCTAssertTrue(try results(folder, "sweep") == whole)
    try interrupt(
      test, in: folder, SIGKILL, to: nil, once: "stopped.json", of: 4, then: 3, codes: [137])
    XCTAssertTrue(try results(folder, "sweep") == whole)
    try interrupt(
      test, in: folder, SIGTERM, to: 1, once: "checkpoints", of: 1, then: 2, codes: [75])
    XCTAssertTrue(try results(folder, "sweep") == whole, "stopped in the first round")
  }

  /// A stop, or a kill, that falls on the end of a round leaves a point that has all epochs of the round, but is not
  /// recorded as paused there. Continued, the sweep records it.
  func testStopsAtTheEndOfARound() throws {
    let folder = try RunFolder()
    let test = try test(folder, more: ["--halving", "2"])
    try sweep(test, ranks: 2, in: folder, out: "sweep")
    let whole = try results(folder, "sweep")
    let points = try XCTUnwrap(folder.json("sweep/sweep.json")["points"] as? [[String: Any]])
    let paused = test.points.indices.filter { points[$0]["state"] as? String == "paused" }
    XCTAssertEqual(paused.count, 3)
    for (number, index) in paused.enumerated() {
      let path = "sweep/\(SweepCase.name(index))/stopped.json"
      var stop = try folder.json(path)
      stop["reason"] = "request"
      // The one was stopped, the others killed.
      if number == 0 {
        try folder.write([UInt8](JSONSerialization.data(withJSONObject: stop)), path)
      } else {
        try FileManager.default.removeItem(atPath: folder.file(path))
      }
    }
    let again = try run(
      MPIJob(1, "dtrain", ["sweep", "--resume", folder.file("sweep"), "--quiet"]), "continued")
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertTrue(try results(folder, "sweep") == whole)
  }
}

import Launching
import XCTest

/// A run that was stopped anywhere and continued on another number of ranks ends in the bytes of one that
/// was not.
final class ResumeIdentityTests: XCTestCase {
  /// Each case runs once to its end with all its checkpoints kept, and is then continued from some of them:
  /// in the middle of an epoch, at its end, on other ranks.
  private func check(
    _ test: ResumeCase, in folder: RunFolder, every interval: String, from places: [Double],
    line: UInt = #line
  ) throws {
    try begin(
      test, ranks: 3, in: folder, out: "whole",
      checkpoints: ["--checkpoint-every", interval, "--keep", "1000"], line: line)
    let names = try checkpoints(folder, "whole")
    XCTAssertGreaterThan(names.count, 3, "\(test.name): \(names)", line: line)
    for (turn, place) in (TestTier.isLong ? places[...] : places.prefix(1)).enumerated() {
      let ranks = [2, 1, 5, 4][(turn + test.name.utf8.count) % 4]
      let index = Int(Double(names.count - 1) * place)
      try cut("whole", behind: index, to: "run", in: folder)
      try resume(test, ranks: ranks, in: folder, out: "run", like: "whole", line: line)
      let summary = try folder.json("run/summary.json")
      XCTAssertEqual(summary["resumed_from"] as? String, names[index], test.name, line: line)
    }
  }

  func testOptimizersAndSchedules() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let table: [(String, [String])] = [
      ("sgd", ["--learning-rate", "0.01"]),
      ("momentum", ["--optimizer", "momentum", "--learning-rate", "0.002"]),
      ("nesterov", ["--optimizer", "nesterov", "--learning-rate", "0.002", "--warmup", "30"]),
      ("adam", ["--optimizer", "adam", "--learning-rate", "0.003", "--weight-decay", "0.01"]),
      ("adamw", ["--optimizer", "adamw", "--learning-rate", "0.003", "--weight-decay", "0.01"]),
      ("lars", ["--optimizer", "lars", "--learning-rate", "0.1", "--schedule", "cosine"]),
    ]
    for (name, options) in table {
      // 7 does not divide the 21 steps of an epoch by chance: checkpoints fall inside and at ends.
      try check(
        .mlp(name, folder, options), in: folder, every: "7steps",
        from: [0.4, 0, 0.7, 1])
    }
  }

  func testWhatElseARunRemembers() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    try check(
      .mlp(
        "early stopping", folder,
        ["--validation", "0.2", "--early-stop", "2", "--learning-rate", "0.05", "--epochs", "12"]),
      in: folder, every: "5steps", from: [0.8, 0.5])
    try check(
      .mlp(
        "few evaluations, deep", folder,
        ["--evaluate-every", "3", "--hidden", "16,8", "--seed", "5", "--scale", "standard"]),
      in: folder, every: "1", from: [1, 0.34])
    for loss in [["squared"], ["huber", "--huber-delta", "0.3"]] {
      let regression = ResumeCase(
        name: "regression, \(loss[0])", command: "mlp",
        arguments: [
          "--data", folder.file("wild.npy"), "--labels", folder.file("target.npy"), "--scale",
          "standard", "--learning-rate", "0.0005", "--batch", "50", "--epochs", "3",
          "--init-scale", "0.02", "--loss",
        ] + loss)
      try check(regression, in: folder, every: "10steps", from: [0.6])
    }
  }

  /// On ranks that sit on other nodes, or cannot share memory.
  func testOtherNodes() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("other nodes", folder, ["--optimizer", "adamw"])
    try begin(
      test, ranks: 2, in: folder, out: "whole",
      checkpoints: ["--checkpoint-every", "9steps", "--keep", "9"])
    for environment in [
      ["DTRAIN_PRETEND_NODES": "0,0,1,1,2"], ["DTRAIN_NO_SHARED_MEMORY": "1"],
    ] {
      try cut("whole", behind: 4, to: "run", in: folder)
      try resume(
        test, ranks: 5, in: folder, out: "run", like: "whole", environment: environment)
      // Saved as often, and as many kept, as was asked of the run at its beginning.
      XCTAssertEqual(try checkpoints(folder, "run"), try checkpoints(folder, "whole"))
    }
    try cut("whole", behind: 4, to: "run", in: folder)
    try resume(
      test, ranks: 3, in: folder, out: "run", like: "whole", ["--checkpoint-every", "never"])
    XCTAssertEqual(
      try checkpoints(folder, "run").prefix(5), try checkpoints(folder, "whole").prefix(5))
    XCTAssertLessThan(
      try checkpoints(folder, "run").count, try checkpoints(folder, "whole").count)
  }

  /// Checkpoints that the clock asks for change nothing, and serve as well.
  func testCheckpointsByTheClock() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp(
      "by the clock", folder, ["--epochs", "4000", "--evaluate-every", "1000"])
    try begin(
      test, ranks: 1, in: folder, out: "never", checkpoints: ["--checkpoint-every", "never"])
    XCTAssertEqual(try checkpoints(folder, "never"), [])
    try begin(
      test, ranks: 3, in: folder, out: "whole",
      checkpoints: ["--checkpoint-every", "0.05s", "--keep", "999"])
    try expectSame(test, in: folder, "whole", "never")
    XCTAssertGreaterThan(try checkpoints(folder, "whole").count, 1)
    try cut("whole", behind: 0, to: "run", in: folder)
    try resume(test, ranks: 2, in: folder, out: "run", like: "never")
  }

  func testKMeans() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    try check(
      .cluster("k-means", "kmeans", folder, []), in: folder, every: "1", from: [0.5, 1, 0])
    try check(
      .cluster(
        "k-means, restarts", "kmeans", folder,
        ["--restarts", "3", "--init", "random", "--scale", "standard"]),
      in: folder, every: "2", from: [0.2, 0.6, 0.95])
    try check(
      .cluster(
        "k-means by direction", "kmeans", folder, ["--metric", "cosine", "--restarts", "2"]),
      in: folder, every: "1", from: [0.3, 0.7, 1])
    try checkEmptyClusters("k-means, empty clusters", "kmeans", in: folder)
  }

  func testKMedians() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    try check(
      .cluster("k-medians", "kmedians", folder, ["--restarts", "2", "--init", "random"]),
      in: folder, every: "1", from: [0.3, 0.6, 1])
    // Bytes have histograms of their own, and the lower median a rule of its own.
    let values = (0..<4500).map { (index: Int) in UInt8((index * index * 31 + index / 7) % 251) }
    try folder.write(RunFile.idx([900, 5], values), "bytes")
    let bytes = ResumeCase(
      name: "k-medians of bytes", command: "kmedians",
      arguments: [
        "--data", folder.file("bytes"), "--clusters", "10", "--median", "lower", "--tolerance", "0",
        "--save-labels",
      ])
    try check(bytes, in: folder, every: "1", from: [0.5, 0.9, 0])
    try checkEmptyClusters("k-medians, empty clusters", "kmedians", in: folder)
  }

  /// More clusters than distinct rows: in each iteration empty ones take rows, or cannot.
  private func checkEmptyClusters(_ name: String, _ command: String, in folder: RunFolder) throws {
    try folder.write(ClusterRows.grid(rows: 400, columns: 2), "grid.npy")
    let overfull = ResumeCase(
      name: name, command: command,
      arguments: [
        "--data", folder.file("grid.npy"), "--clusters", "9", "--init", "random", "--tolerance",
        "0", "--save-labels", "--restarts", "4",
      ])
    try check(overfull, in: folder, every: "1", from: [0.3, 0.7])
  }

  /// A finished run goes on when more is asked of it, as if that had been asked at first.
  func testMoreOfAFinishedRun() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let short = ResumeCase.mlp("short", folder, ["--evaluate-every", "4", "--epochs", "2"])
    let long = ResumeCase.mlp("long", folder, ["--evaluate-every", "4", "--epochs", "5"])
    try begin(long, ranks: 1, in: folder, out: "long")
    try begin(short, ranks: 3, in: folder, out: "run")
    let rest = try run(
      resumption(short, ranks: 2, in: folder, out: "run"), "nothing to do")
    XCTAssertEqual(rest.exitCode, 0, rest.errors)
    XCTAssertTrue(folder.has("run/summary.json"))
    try resume(long, ranks: 2, in: folder, out: "run", like: "long", ["--epochs", "5"])

    let some = ResumeCase.cluster("some", "kmeans", folder, ["--max-iterations", "3"])
    let more = ResumeCase.cluster("more", "kmeans", folder, ["--max-iterations", "9"])
    try begin(more, ranks: 1, in: folder, out: "more")
    try begin(some, ranks: 3, in: folder, out: "few")
    try resume(more, ranks: 2, in: folder, out: "few", like: "more", ["--max-iterations", "9"])
  }
}

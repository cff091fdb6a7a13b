import Launching
import XCTest

/// What nodes hold alike is compared: memory that goes bad, or another processor's kernels, do not end in a
/// model.
final class ReplicaTests: XCTestCase {
  /// A bit flips on one node: two nodes cannot tell which, of three the two that agree name the third.
  func testACorruptedNodeIsNoticed() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("corrupted", folder, ["--optimizer", "momentum"])
    for (ranks, nodes, fault, words) in [
      (2, "0,1", "1:5:0", ["rank 0 on ", "rank 1 on ", "disagree"]),
      (3, "0,1,2", "1:5:0", ["differ: rank 1 on ", "against the others"]),
      (5, "0,0,1,1,2", "4:30:0", ["differ: rank 4 on ", "against the others"]),
    ] {
      for checkpoints in ["7steps", "never"] {
        var job = MPIJob(
          ranks, "dtrain",
          [test.command] + test.arguments
            + [
              "--out", folder.file("run"), "--overwrite", "--quiet", "--checkpoint-every",
              checkpoints,
            ])
        job.environment = ["DTRAIN_PRETEND_NODES": nodes, "DTRAIN_TEST_CORRUPT": fault]
        let outcome = try run(job, "a bit flips at \(fault) on nodes \(nodes)")
        XCTAssertEqual(outcome.exitCode, 6, outcome.errors)
        let messages = outcome.messages(of: "dtrain")
        XCTAssertEqual(messages.count, 1, outcome.errors)
        for word in words + ["the copies of the parameters after step"] {
          XCTAssertTrue((messages.first ?? "").contains(word), "'\(word)' in \(outcome.errors)")
        }
        // Nothing of it is saved: what is there is from before.
        let saved = try self.checkpoints(folder, "run")
        XCTAssertTrue(
          saved.allSatisfy { $0 < "step-\(String(repeating: "0", count: 10))30" }, "\(saved)")
        XCTAssertFalse(folder.has("run/summary.json"))
      }
    }
  }

  /// What else a checkpoint holds is compared before it is saved, too.
  func testACorruptedNodeIsNoticedInAllThatIsSaved() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    for (test, interval, fault, what) in [
      (
        ResumeCase.mlp("optimizer", folder, ["--optimizer", "momentum"]), "7steps", "2:7:1",
        "optimizer.0 after step 7"
      ),
      (
        .cluster("k-means", "kmeans", folder, []), "1", "2:2:0", "centers after iteration 2"
      ),
      (
        .cluster("k-medians", "kmedians", folder, []), "1", "2:2:0", "centers after iteration 2"
      ),
    ] {
      var job = MPIJob(
        3, "dtrain",
        [test.command] + test.arguments
          + ["--out", folder.file("run"), "--overwrite", "--quiet", "--checkpoint-every", interval])
      job.environment = ["DTRAIN_PRETEND_NODES": "0,1,2", "DTRAIN_TEST_CORRUPT": fault]
      let outcome = try run(job, "\(test.name), a bit flips at \(fault)")
      XCTAssertEqual(outcome.exitCode, 6, outcome.errors)
      XCTAssertTrue(
        (outcome.messages(of: "dtrain").first ?? "").contains(
          "the copies of the \(what) differ: rank 2 on "), outcome.errors)
      XCTAssertFalse(folder.has("run/summary.json"))
    }
  }

  func testDifferentKernelsAreRefused() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("kernels", folder, [])
    var job = MPIJob(
      3, "dtrain", [test.command] + test.arguments + ["--out", folder.file("run"), "--quiet"])
    // As where OpenBLAS takes other kernels than it is asked for: the rank counts as started anew with them.
    job.preludes[1] = "export DTRAIN_PREPARED=$$ OPENBLAS_CORETYPE=sandybridge"
    let outcome = try run(job, "other kernels on one rank")
    XCTAssertEqual(outcome.exitCode, 2, outcome.errors)
    let messages = outcome.messages(of: "dtrain")
    XCTAssertEqual(messages.count, 1, outcome.errors)
    for word in ["on rank 0", "on rank 1", "round differently", "give --blas-kernels CLASS"] {
      XCTAssertTrue((messages.first ?? "").contains(word), outcome.errors)
    }
    XCTAssertFalse(folder.has("run/config.json"))
  }
}

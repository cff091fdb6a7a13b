import Foundation
import Glibc
import Launching
import XCTest

/// Runs that are killed again and again, at random moments, and continued on random numbers of ranks, end
/// in the bytes of runs that were left alone.
final class KillCampaignTests: XCTestCase {
  /// What was done, for the line at the end and for the promises about the campaign itself.
  private struct Tally {
    var kills = 0, afterCheckpoint = 0, insideSave = 0, ofLauncher = 0, runs = 0, fresh = 0
  }

  /// When a life ends.
  private enum Moment: CaseIterable {
    case anywhere, afterACheckpoint, insideASave
  }

  private static let kills = TestTier.isLong ? 200 : 20
  /// A run is let alone after so many kills.
  private static let killsOfARun = 5

  func testKillsAtRandomMoments() throws {
    let seed =
      ProcessInfo.processInfo.environment["DTRAIN_TEST_SEED"].flatMap { UInt64($0) }
      ?? UInt64.random(in: 0..<1_000_000)
    print("kill campaign: DTRAIN_TEST_SEED=\(seed)")
    var numbers = SeededNumbers(seed: seed)
    let folder = try RunFolder()
    let cases = try Self.cases(folder)
    for (index, test) in cases.enumerated() {
      try begin(test, ranks: 1 + index, in: folder, out: "reference-\(index)")
    }
    var tally = Tally()
    while tally.kills < Self.kills {
      let index = tally.runs % cases.count
      try liveAndDie(cases[index], in: folder, like: "reference-\(index)", &numbers, &tally)
      tally.runs += 1
    }
    print("kill campaign: \(tally)")
    XCTAssertGreaterThanOrEqual(tally.afterCheckpoint * 2, tally.kills, "seed \(seed): \(tally)")
    XCTAssertGreaterThanOrEqual(tally.insideSave * 10, tally.kills, "seed \(seed): \(tally)")
    XCTAssertGreaterThan(tally.ofLauncher, 0, "seed \(seed): \(tally)")
  }

  private static func cases(_ folder: RunFolder) throws -> [ResumeCase] {
    try ResumeCase.writeRows(folder)
    try folder.write(ClusterRows.wild(rows: 3000, columns: 8), "rows.npy")
    let clusters = [
      "--data", folder.file("rows.npy"), "--clusters", "25", "--tolerance", "0", "--init", "random",
      "--restarts", "25", "--save-labels",
    ]
    return [
      .mlp(
        "kills", folder, ["--optimizer", "adamw", "--epochs", "1000", "--evaluate-every", "100"]),
      ResumeCase(name: "kills", command: "kmeans", arguments: clusters),
      ResumeCase(name: "kills", command: "kmedians", arguments: clusters),
    ]
  }

  /// One run through all its lives to its end.
  private func liveAndDie(
    _ test: ResumeCase, in folder: RunFolder, like reference: String,
    _ numbers: inout SeededNumbers, _ tally: inout Tally
  ) throws {
    try? FileManager.default.removeItem(atPath: folder.file("run"))
    var kills = 0
    while true {
      let ranks = [1, 2, 3, 5][numbers.below(4)]
      let hasCheckpoint = try !checkpoints(folder, "run").isEmpty
      if !hasCheckpoint { tally.fresh += 1 }
      var job =
        hasCheckpoint
        ? resumption(test, ranks: ranks, in: folder, out: "run")
        : MPIJob(
          ranks, "dtrain",
          [test.command] + test.arguments + ["--out", folder.file("run"), "--overwrite", "--quiet"])
      job.arguments += ["--checkpoint-every", test.command == "mlp" ? "50steps" : "3"]
      // Killed ranks are all there is to wait for.
      job.environment["OMPI_MCA_odls_base_sigkill_timeout"] = "0"
      let before = Self.unfinished(folder)
      var killed: (hasSaved: Bool, wasLauncher: Bool)?
      let isSpared = kills >= Self.killsOfARun || tally.kills >= Self.kills
      if !isSpared {
        // A fifth of the kills at least are of mpirun, and a fifth aimed at a save: then of the rank that saves.
        let isLauncherDue = tally.ofLauncher * 5 < tally.kills
        let moment: Moment =
          isLauncherDue
          ? [.anywhere, .afterACheckpoint][numbers.below(2)]
          : tally.insideSave * 5 < tally.kills
            ? .insideASave : Moment.allCases[numbers.below(3)]
        let victim =
          isLauncherDue ? ranks : moment == .insideASave ? 0 : numbers.below(ranks + 1)
        job.attack = killer(
          moment, of: victim == ranks ? nil : victim, in: folder,
          delay: Double(numbers.below(1000)) / 1000
        ) { killed = ($0, victim == ranks) }
      }
      let outcome = try run(job, "\(test.command) in life \(kills + 1)")
      guard let killed, outcome.exitCode != 0 else {
        // It came to its end, perhaps a moment before its killer.
        XCTAssertEqual(outcome.exitCode, 0, "\(test.command): \(outcome.errors)")
        return try expectSame(test, in: folder, "run", reference)
      }
      kills += 1
      tally.kills += 1
      if killed.hasSaved { tally.afterCheckpoint += 1 }
      if killed.wasLauncher { tally.ofLauncher += 1 }
      // What an earlier life left does not count.
      if let left = Self.unfinished(folder), left != before { tally.insideSave += 1 }
    }
  }

  /// Which checkpoint is being written, or was when its process died; nil for none.
  private static func unfinished(_ folder: RunFolder) -> String? {
    var status = stat()
    let path = folder.file("run/checkpoints/.dtrain-tmp-checkpoint")
    guard stat(path, &status) == 0 else { return nil }
    // Numbers of files are used again: the time of the last change tells them apart.
    return "\(status.st_ino) \(status.st_ctim.tv_sec) \(status.st_ctim.tv_nsec)"
  }

  /// Sends SIGKILL at the given moment, and tells whether there was a checkpoint then.
  private func killer(
    _ moment: Moment, of rank: Int?, in folder: RunFolder, delay: Double,
    _ killed: @escaping (_ hasSaved: Bool) -> Void
  ) -> (RunningJob) -> Bool {
    let left = Self.unfinished(folder)
    let old = Set((try? checkpoints(folder, "run")) ?? [])
    var due: Double?
    return { running in
      let saved = (try? self.checkpoints(folder, "run")) ?? []
      switch moment {
      case .anywhere:
        guard running.seconds > 0.2 + delay else { return false }
      case .afterACheckpoint:
        // Behind one of this life's own.
        if due == nil, !old.isSuperset(of: saved) { due = running.seconds + delay / 3 }
        guard let due, running.seconds >= due else { return false }
      case .insideASave:
        guard !saved.isEmpty else { return false }
        // Saves are short: look closely for a while.
        var isSaving = false
        for _ in 0..<2000 where !isSaving {
          if let now = Self.unfinished(folder) { isSaving = now != left }
        }
        guard isSaving else { return false }
      }
      guard running.send(SIGKILL, to: rank) else { return false }
      killed(!saved.isEmpty)
      return true
    }
  }
}

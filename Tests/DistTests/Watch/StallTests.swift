import Foundation
import Launching
import XCTest

@testable import DTrainDist

/// A job that stands still says where and ends; one that works slowly does not; none outlives its launcher.
final class StallTests: XCTestCase {
  func testStoppedRankEndsTheJobWithAReport() throws {
    let cases = [
      ("0,0,0", 0, ["each of ranks 1-2 waits in MPI_Barrier"]),
      // The node without a stopped rank says that it is not to blame.
      (
        "0,0,1", 1,
        ["rank 0 waits in MPI_Barrier", "rank 2 waits in MPI_Barrier", "all ranks here wait"]
      ),
      ("0,0,0", 1, ["each of ranks 0,2 waits in MPI_Barrier"]),
    ]
    for (nodes, culprit, others) in TestTier.isLong ? cases[...] : cases[..<2] {
      var job = MPIJob(3, "mpi-harness", ["stops", "\(culprit)"])
      job.environment["DTRAIN_PRETEND_NODES"] = nodes
      job.timeout = 40
      let outcome = try run(job)
      XCTAssertEqual(outcome.exitCode, 86, outcome.errors)
      let messages = outcome.messages(of: "mpi-harness")
      let count = Set(nodes.split(separator: ",")).count
      XCTAssertEqual(messages.count, 2 * count, outcome.errors)
      XCTAssertEqual(
        messages.count { $0.contains("for 1 s; after 3 s the job ends") }, count, outcome.errors)
      XCTAssertEqual(
        messages.count { $0.contains("for 3 s: the job ends (exit code 86)") }, count,
        outcome.errors)
      for words in others + [
        "rank \(culprit) is stopped (process ", "step 5, while counting sheep",
      ] {
        XCTAssertTrue(outcome.errors.contains(words), "'\(words)' in: \(outcome.errors)")
      }
    }
  }

  /// A node that cannot speak for itself is named by the others, which hear nothing of it.
  func testNodeThatSaysNothingIsNamed() throws {
    let cases = [(4, "0,0,1,2", 2), (3, "0,1,2", 0), (3, "0,1,2", 1)]
    for (ranks, nodes, culprit) in TestTier.isLong ? cases[...] : cases[..<1] {
      var job = MPIJob(ranks, "mpi-harness", ["stops", "\(culprit)"])
      job.environment["DTRAIN_PRETEND_NODES"] = nodes
      job.timeout = 40
      let outcome = try run(job)
      XCTAssertEqual(outcome.exitCode, 86, outcome.errors)
      let messages = outcome.messages(of: "mpi-harness")
      XCTAssertEqual(messages.count, 4, outcome.errors)
      let named = outcome.errors.components(separatedBy: "rank \(culprit) on ").dropFirst()
      XCTAssertEqual(named.count, 4, outcome.errors)
      XCTAssertTrue(named.allSatisfy { $0.contains("says nothing: stopped, dead") }, outcome.errors)
      let others = outcome.errors.components(separatedBy: "says nothing").count - 1
      XCTAssertEqual(others, 4, "a node that spoke was not heard: \(outcome.errors)")
    }
  }

  /// One rank works, and the others, on other nodes too, wait for longer than the job may stand still.
  func testSlowWorkIsNoStall() throws {
    for nodes in ["0,0,0,0", "0,1,1,2"] {
      var job = MPIJob(4, "mpi-harness", ["works", "4.5", "0.1"])
      job.environment["DTRAIN_PRETEND_NODES"] = nodes
      job.timeout = 40
      let outcome = try run(job)
      XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
      XCTAssertFalse(outcome.errors.contains("no progress"), outcome.errors)
    }
  }

  func testRanksDieWithTheLauncher() throws {
    var job = MPIJob(4, "mpi-harness", ["kills-launcher"])
    job.timeout = 40
    // One of its own, in which nobody else leaves anything.
    job.mounts = "mount -t tmpfs none /dev/shm"
    job.epilogue = "sleep 1; echo in /dev/shm: $(ls -A /dev/shm) end"
    let outcome = try run(job)
    XCTAssertEqual(outcome.exitCode, 137, outcome.errors)
    XCTAssertLessThan(outcome.seconds, 8)
    XCTAssertTrue(outcome.output.contains("in /dev/shm: end\n"), outcome.output)
  }

  /// Ranks that are still connecting have files there, whose names go with them.
  func testRanksThatConnectLeaveNothing() throws {
    var job = MPIJob(4, "mpi-harness", ["topology"])
    job.timeout = 40
    job.mounts = "mount -t tmpfs none /dev/shm"
    job.epilogue = "sleep 1; echo in /dev/shm: $(ls -A /dev/shm) end"
    // The others wait for it.
    job.preludes[3] = "sleep 3"
    job.attack = { running in
      guard let first = running.ranks[0], let mpirun = running.parent(of: first),
        let files = try? FileManager.default.contentsOfDirectory(
          atPath: "/proc/\(first)/root/dev/shm"),
        files.contains(where: { $0.hasPrefix("vader_segment.") })
      else { return false }
      return kill(mpirun, SIGKILL) == 0
    }
    let outcome = try run(job)
    XCTAssertEqual(outcome.exitCode, 137, outcome.errors)
    XCTAssertTrue(outcome.output.contains("in /dev/shm: end\n"), outcome.output)
  }

  // MARK: - The words

  private typealias Entry = StallReport.Entry

  func testRanksInTheSamePlaceShareALine() {
    let waiting = (0..<6).map { rank in
      Entry(
        rank: rank, process: Int32(100 + rank), phase: "training", step: 7, calls: 12,
        function: "MPI_Sendrecv", state: "R")
    }
    var entries = waiting
    entries[2] = Entry(rank: 2, process: 102, phase: "training", step: 6, calls: 9, state: "R")
    entries[4].state = nil
    let report = StallReport(host: "here", entries: entries)
    XCTAssertEqual(
      report.lines,
      [
        "rank 2 is missing: it works after call 9, step 6, while training",
        "rank 4 is gone (process 104): last seen in MPI_Sendrecv, call 12, step 7, while training",
        "each of ranks 0-1,3,5 waits in MPI_Sendrecv, call 12, step 7, while training",
      ])
    let advice = StallAdvice(longWork: "wait", networkCheck: "ping")
    func remedy(_ entries: [Entry], _ advice: StallAdvice = advice) -> String {
      StallReport(host: "here", entries: entries).remedy(advice)
    }
    XCTAssertEqual(remedy(entries), "if that is work that takes so long, wait")
    XCTAssertTrue(remedy(waiting).hasSuffix("look at the network between the nodes ('ping')"))
    XCTAssertTrue(remedy(waiting, StallAdvice()).hasSuffix("the network between the nodes"))
    entries[4].state = "T"
    XCTAssertTrue(remedy(entries).contains("kill -CONT"))
    entries[4].state = "D"
    XCTAssertTrue(remedy(entries).contains("device"))
  }

  func testRanksAreListedAsRanges() {
    for (ranks, words) in [
      ([3], "rank 3"), ([0, 1], "each of ranks 0-1"), ([0, 2, 3, 4, 9], "each of ranks 0,2-4,9"),
    ] {
      XCTAssertEqual(StallReport.name(ranks), words)
    }
  }

  func testASlotHoldsWhatWasWritten() {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: ProgressSlot.size, alignment: 8)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: ProgressSlot.size)
    defer { memory.deallocate() }
    let slot = ProgressSlot(at: memory)
    let long = String(repeating: "read ", count: 40)
    for (function, phase, shown): (StaticString, String, String) in [
      ("MPI_Allreduce", "reading x.npy", "reading x.npy"), ("", "", ""),
      ("a name of more than twenty-four letters", long, String(long.prefix(128))),
    ] {
      slot.setFunction(function)
      slot.phase = phase
      slot.step = -1
      slot.process = 4711
      slot.isWaiting = true
      XCTAssertEqual(slot.function, String("\(function)".prefix(24)))
      XCTAssertEqual(slot.phase, shown)
      XCTAssertEqual(slot.step, -1)
      XCTAssertEqual(slot.process, 4711)
      XCTAssertTrue(slot.isWaiting)
    }
  }

  func testPatience() {
    let limits = StallLimits(warning: 10, timeout: nil, connection: 30)
    XCTAssertEqual(limits.times(in: .running).warning, 10)
    XCTAssertNil(limits.times(in: .running).timeout)
    XCTAssertEqual(limits.times(in: .connecting).timeout, 30)
    XCTAssertEqual(StallLimits().times(in: .running).warning, 60)
    XCTAssertEqual(StallLimits().times(in: .starting).timeout, 300)
  }
}

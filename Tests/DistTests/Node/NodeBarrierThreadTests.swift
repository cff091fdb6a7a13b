import Foundation
import XCTest

@testable import DTrainDist

/// The protocols of a node's shared memory with threads for ranks: plain data written before a barrier
/// and read after it. To be run under the thread sanitizer, which sees the fences that x86 forgives:
/// `swift test --sanitize=thread --filter NodeBarrierThreadTests`.
final class NodeBarrierThreadTests: XCTestCase {
  private static let rounds = 2_000

  /// Memory that threads share as ranks share a mapping: no reference counts, no exclusivity checks.
  private struct Shared: @unchecked Sendable {
    let flags: UnsafeMutableRawPointer
    let words: UnsafeMutablePointer<UInt32>
    let floats: UnsafeMutablePointer<Float>
    /// What went wrong, counted by each participant on its own.
    let faults: UnsafeMutablePointer<Int>

    init(participants: Int, words wordCount: Int = 1, floats floatCount: Int = 1) {
      let bytes = participants * NodeBarrier.bytesPerParticipant
      flags = .allocate(byteCount: bytes, alignment: 64)
      flags.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      words = .allocate(capacity: wordCount)
      words.initialize(repeating: 0, count: wordCount)
      floats = .allocate(capacity: floatCount)
      floats.initialize(repeating: 0, count: floatCount)
      faults = .allocate(capacity: participants)
      faults.initialize(repeating: 0, count: participants)
    }

    func deallocate() {
      flags.deallocate()
      words.deallocate()
      floats.deallocate()
      faults.deallocate()
    }
  }

  /// Runs one thread a participant, waits for all, and fails on any fault that they counted.
  private func run(
    _ participants: Int, _ shared: Shared,
    _ body: @escaping @Sendable (Int, inout NodeBarrier) -> Void
  ) {
    let threads = (0..<participants).map { participant in
      let done = DispatchSemaphore(value: 0)
      let thread = Thread {
        var barrier = NodeBarrier(
          memory: shared.flags, participant: participant, participants: participants)
        body(participant, &barrier)
        done.signal()
      }
      thread.stackSize = 1 << 20
      thread.start()
      return done
    }
    for (participant, done) in threads.enumerated() {
      XCTAssertEqual(
        done.wait(timeout: .now() + 120), .success, "thread \(participant) of \(participants) hangs"
      )
    }
    for participant in 0..<participants {
      XCTAssertEqual(shared.faults[participant], 0, "thread \(participant) of \(participants)")
    }
  }

  /// One barrier a round over two generations of plain words: what everyone wrote before is what
  /// everyone reads after, and the words that they brought are combined.
  func testWritesBeforeAreReadAfter() {
    for participants in 2...8 {
      // Odd and even rounds have words of their own: a reader of round r is done before anyone can
      // pass the barrier of round r + 1, after which words of r's parity are written again.
      let shared = Shared(participants: participants, words: 2 * participants)
      run(participants, shared) { participant, barrier in
        var random = UInt32(participant &+ 1)
        for round in 1...UInt32(Self.rounds) {
          let generation = Int(round & 1) * participants
          shared.words[generation + participant] = round &* 31 &+ UInt32(participant)
          // Sometimes late, so that all orders of arrival occur.
          random = random &* 1_664_525 &+ 1_013_904_223
          if random >> 28 == 0 { sched_yield() }
          let raised = barrier.wait(
            word: round % UInt32(participants) == UInt32(participant) ? 1 << (round % 32) : 0)
          if raised != 1 << (round % 32) { shared.faults[participant] += 1 }
          for peer in 0..<participants
          where shared.words[generation + peer] != round &* 31 &+ UInt32(peer) {
            shared.faults[participant] += 1
          }
        }
      }
      shared.deallocate()
    }
  }

  /// A training step as `TreeExchange.reduce` orders it: each rank reads all parameters and writes its
  /// slots, a barrier, each reduces its slice of all slots by the tree's plan and updates that slice of
  /// the parameters, a barrier. The result has the bits of one thread that does everything.
  func testStepsOfAnExchange() {
    let (leaves, count, steps) = (8, 300, 400)
    let expected = serialSteps(leaves, count, steps)
    for participants in 2...8 {
      let shared = Shared(participants: participants, floats: count * (leaves + 1))
      run(participants, shared) { participant, barrier in
        let parameters = shared.floats
        let slots = (0..<leaves).map { shared.floats + count * ($0 + 1) }
        let own = TreeExchange.leaves(of: participant, ranks: participants, leaves: leaves)
        let slice = participant * count / participants..<(participant + 1) * count / participants
        let plan = Self.plan(leaves)
        let executor = PlanExecutor(add: plainAdd)
        for step in 0..<steps {
          for leaf in own { Self.gradient(parameters, into: slots[leaf], leaf, step, count) }
          // One rank in turn raises a flag that prevents the update, as a loss that is not finite does.
          let isBad = step % 7 == 6 && step % participants == participant
          let flags = barrier.wait(word: isBad ? 2 : 0)
          if (flags != 0) != (step % 7 == 6) { shared.faults[participant] += 1 }
          if flags == 0 {
            executor.run(plan, inputs: slots.map { UnsafePointer($0) }, range: slice) {
              Self.update(parameters, $1, $2)
            }
          }
          if barrier.wait(word: flags) != flags { shared.faults[participant] += 1 }
        }
      }
      let found = (0..<count).map { shared.floats[$0].bitPattern }
      XCTAssertTrue(found == expected.map(\.bitPattern), "\(participants) participants")
      shared.deallocate()
    }
  }

  private func serialSteps(_ leaves: Int, _ count: Int, _ steps: Int) -> [Float] {
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: count * (leaves + 1))
    memory.initialize(repeating: 0, count: count * (leaves + 1))
    defer { memory.deallocate() }
    let slots = (0..<leaves).map { memory + count * ($0 + 1) }
    let executor = PlanExecutor(add: plainAdd)
    for step in 0..<steps {
      for leaf in 0..<leaves { Self.gradient(memory, into: slots[leaf], leaf, step, count) }
      if step % 7 == 6 { continue }
      executor.run(Self.plan(leaves), inputs: slots.map { UnsafePointer($0) }, range: 0..<count) {
        Self.update(memory, $1, $2)
      }
    }
    return Array(UnsafeBufferPointer(start: memory, count: count))
  }

  private static func plan(_ leaves: Int) -> ReductionPlan {
    ReductionTree(leaves: leaves).plan(from: (0..<leaves).map { $0..<$0 + 1 }, to: [0..<leaves])
  }

  /// A leaf's contribution depends on parameters that other ranks updated.
  private static func gradient(
    _ parameters: UnsafePointer<Float>, into slot: UnsafeMutablePointer<Float>, _ leaf: Int,
    _ step: Int, _ count: Int
  ) {
    for index in 0..<count {
      let other = parameters[(index * 7 + leaf) % count]
      slot[index] = other * 0.1 + Float((leaf * 31 + step * 17 + index * 13) % 101) * 0.01
    }
  }

  private static func update(
    _ parameters: UnsafeMutablePointer<Float>, _ elements: Range<Int>, _ sum: UnsafePointer<Float>
  ) {
    for index in elements {
      parameters[index] -= 0.3 * sum[index - elements.lowerBound]
    }
  }
}

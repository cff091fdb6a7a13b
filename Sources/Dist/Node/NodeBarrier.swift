internal import CLinux
import Glibc
import Synchronization

/// A barrier among the ranks of a node through flags in shared memory, which also combines a word.
///
/// Each rank writes only its own cache lines. A wait spins briefly, then yields the processor, so that
/// more ranks than cores still make progress. x86 would forgive missing fences; the protocol is run as
/// threads under the thread sanitizer.
public struct NodeBarrier {
  /// Bytes of shared memory per participant: two flags (for odd and even rounds) on lines of their own,
  /// with the neighbour line left free for the prefetcher.
  public static let bytesPerParticipant = 256

  private let flags: UnsafeMutableRawPointer
  private let participant: Int
  private let participants: Int
  private let spins: Int
  private var round: UInt32 = 0

  /// A barrier over zeroed shared memory.
  ///
  /// - Parameters:
  ///   - memory: `participants` times ``bytesPerParticipant`` bytes, zeroed, aligned to 64.
  ///   - participant: this rank's number, in `0..<participants`.
  public init(memory: UnsafeMutableRawPointer, participant: Int, participants: Int) {
    flags = memory
    self.participant = participant
    self.participants = participants
    spins = participants > sysconf(Int32(_SC_NPROCESSORS_ONLN)) ? 20 : 4000
  }

  private func flag(_ participant: Int, parity: UInt32) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (flags + participant * Self.bytesPerParticipant + Int(parity) * 128)
      .assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// Waits for all participants, and returns the bitwise or of the words they brought.
  ///
  /// Everything written before by any participant is visible after. A round's flag holds the round
  /// number above the word; it is not reused before the round after next, which no participant can
  /// reach before all have read this one.
  public mutating func wait(word: UInt32 = 0) -> UInt32 {
    guard participants > 1 else { return word }
    return Progress.waiting(in: "the node's barrier") { meet(word) }
  }

  private mutating func meet(_ word: UInt32) -> UInt32 {
    round &+= 1
    let parity = round & 1
    let own = UInt64(round) << 32 | UInt64(word)
    flag(participant, parity: parity).pointee.store(own, ordering: .releasing)
    var combined = word
    for peer in 0..<participants where peer != participant {
      let peerFlag = flag(peer, parity: parity)
      var attempts = 0
      while true {
        let seen = peerFlag.pointee.load(ordering: .acquiring)
        if UInt32(truncatingIfNeeded: seen >> 32) == round {
          combined |= UInt32(truncatingIfNeeded: seen)
          break
        }
        attempts += 1
        if attempts > spins { sched_yield() } else { linux_cpu_relax() }
      }
    }
    return combined
  }
}

import Synchronization

/// What this rank tells the watchdogs of its node. Main thread only; a few stores each.
public enum Progress {
  /// This rank's slot: in memory of its own, until the ranks of the node share a page.
  private(set) nonisolated(unsafe) static var slot = makeOwnSlot()
  /// The address of the name that the slot holds. Atomic because ranks can be threads, in tests.
  private static let namedFunction = Atomic<UInt>(0)

  private static func makeOwnSlot() -> ProgressSlot {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: ProgressSlot.size, alignment: 128)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: ProgressSlot.size)
    return ProgressSlot(at: memory)
  }

  /// Goes on in another slot.
  static func move(to next: ProgressSlot) {
    next.rank = slot.rank
    next.calls = slot.calls
    next.step = slot.step
    next.phase = slot.phase
    namedFunction.store(0, ordering: .relaxed)
    next.beats = slot.beats &+ 1
    next.process = slot.process
    slot = next
  }

  /// Says that work goes on: to be called in loops that run for long without any communication, at
  /// least every second.
  @inline(__always)
  public static func beat() { slot.beats &+= 1 }

  /// Says which step of its work begins.
  @inline(__always)
  public static func begin(step: Int) {
    slot.step = step
    beat()
  }

  /// Runs a call that waits for other ranks.
  @inline(__always)
  static func waiting<R, E: Error>(
    in function: StaticString, _ call: () throws(E) -> R
  ) throws(E) -> R {
    let own = slot
    let address = UInt(bitPattern: function.utf8Start)
    if namedFunction.load(ordering: .relaxed) != address {
      own.setFunction(function)
      namedFunction.store(address, ordering: .relaxed)
    }
    own.calls &+= 1
    own.beats &+= 1
    own.isWaiting = true
    defer {
      own.isWaiting = false
      own.beats &+= 1
    }
    return try call()
  }
}

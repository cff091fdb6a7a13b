internal import CMPI
import Glibc

/// What a rank calls on a communicator, as far as all ranks of it must call the same.
struct CollectiveCall: Equatable {
  /// The function of ``Communicator``, as a message names it.
  enum Function: String {
    case barrier, agree, broadcast, allReduce, allGather, gather, split, splitByNode, free
    case broadcastBytes = "broadcast(bytes:)"
    case allGatherBytes = "allGather(bytes:)"
  }
  let function: Function
  var op: ReductionKind?
  var element: MPIScalarKind?
  /// Elements a rank; nil where ranks may differ, and for calls without elements.
  var count: Int?
  /// The rank of the communicator that gives or takes; nil for calls without one.
  var root: Int?
}

/// The ranks of a communicator make different collective calls: a mistake in the program.
struct CollectiveMismatch: CustomStringConvertible {
  /// What one rank calls.
  struct Entry {
    let call: CollectiveCall
    /// The rank in the world.
    let rank: Int
  }

  /// The code with which the job ends; EX_SOFTWARE of sysexits.h.
  static let exitCode: Int32 = 70

  /// By rank of the communicator.
  let entries: [Entry]

  /// Nil where all calls are the same.
  init?(_ entries: [Entry]) {
    guard let first = entries.first, entries.contains(where: { $0.call != first.call }) else {
      return nil
    }
    self.entries = entries
  }

  /// One line, and an indented one for each group of ranks that make the same call, in order of their first ranks.
  var description: String {
    let isRenumbered = entries.enumerated().contains { $0 != $1.rank }
    let headline =
      "the \(entries.count) ranks of a communicator make different collective calls, where all must make the "
      + "same" + (isRenumbered ? " (ranks are numbered as in the world):" : ":")
    let groups = entries.grouped(by: \.call).map { call, entries in
      "  \(StallReport.name(entries.map(\.rank).sorted())) calls \(words(call))"
    }
    return ([headline] + groups).joined(separator: "\n")
  }

  private func words(_ call: CollectiveCall) -> String {
    var words = call.function.rawValue + (call.op.map { "(\($0))" } ?? "")
    if let element = call.element {
      words += " of " + (call.count.map { "\($0) " } ?? "") + "\(element)"
    }
    if let root = call.root {
      words += " \(call.function == .gather ? "to" : "from") rank \(entries[root].rank)"
    }
    return words
  }
}

#if DTRAIN_CHECKED_COLLECTIVES
  /// In an optimised build that can check: whether it does.
  private let isRequested = getenv("DTRAIN_CHECKED_COLLECTIVES") != nil
#endif

extension Communicator {
  /// Whether the ranks compare what they call before each collective call: in debug builds; in builds with the
  /// compilation condition `DTRAIN_CHECKED_COLLECTIVES`, if the environment variable of this name is set on all ranks.
  /// A constant elsewhere, for which nothing remains of the comparison.
  @inline(__always)
  package static var checksCollectives: Bool {
    #if DEBUG
      true
    #elseif DTRAIN_CHECKED_COLLECTIVES
      isRequested
    #else
      false
    #endif
  }

  /// Ends the job with a message unless all ranks are about to make the same call; itself collective.
  ///
  /// It is the same exchange before every collective call, so that ranks also meet in it that go on to different ones.
  /// A rank that calls nothing, or on another communicator, is left to the watchdog.
  ///
  /// - Parameters:
  ///   - function: where the watchdog sees this rank wait.
  ///   - isAsleep: whether the rank waits without keeping a core busy.
  @inline(__always)
  func expectSame(
    _ call: @autoclosure () -> CollectiveCall, before function: StaticString,
    isAsleep: Bool = false
  ) throws(MPIError) {
    if Self.checksCollectives { try compare(call(), before: function, isAsleep: isAsleep) }
  }

  private func compare(
    _ call: CollectiveCall, before function: StaticString, isAsleep: Bool
  ) throws(MPIError) {
    guard let handle, size > 1 else { return }
    var own = [CollectiveMismatch.Entry(call: call, rank: Progress.slot.rank)]
    var entries = [CollectiveMismatch.Entry](repeating: own[0], count: size)
    let length = Int32(MemoryLayout<CollectiveMismatch.Entry>.stride)
    try check(
      function,
      own.withUnsafeMutableBytes { own in
        entries.withUnsafeMutableBytes { entries in
          // Blocking and non-blocking calls do not match each other, so all ranks begin with the same.
          Self.wait(isAsleep: isAsleep) {
            MPI_Iallgather(
              own.baseAddress, length, MPI_BYTE, entries.baseAddress, length, MPI_BYTE, handle, &$0)
          }
        }
      })
    guard let mismatch = CollectiveMismatch(entries) else { return }
    if isRoot {
      MPIRuntime.abort("\(mismatch)", code: CollectiveMismatch.exitCode)
    } else {
      MPIRuntime.awaitAbort()
    }
    _exit(CollectiveMismatch.exitCode)
  }

  /// Begins a non-blocking call and waits until it is done.
  ///
  /// - Parameter isAsleep: leaves the core to others meanwhile, and returns up to half a millisecond late.
  static func wait(isAsleep: Bool, for begin: (inout MPI_Request?) -> Int32) -> Int32 {
    var request: MPI_Request?
    var code = begin(&request)
    if !isAsleep { return code == MPI_SUCCESS ? MPI_Wait(&request, nil) : code }
    var isOver: Int32 = 0
    var attempts = 0
    while code == MPI_SUCCESS {
      code = MPI_Test(&request, &isOver, nil)
      if isOver != 0 { break }
      attempts += 1
      if attempts < 16 { sched_yield() } else { usleep(UInt32(min(400, 2 * attempts))) }
    }
    return code
  }
}

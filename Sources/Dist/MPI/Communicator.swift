internal import CMPI

/// A group of ranks that communicate among themselves; the wrapper of `MPI_Comm`.
///
/// Communicators are plain values: copying one copies the handle, not the group. Those made by
/// ``split(color:key:)`` live until the job ends (`MPI_Comm_free` is collective, so no `deinit` can
/// call it) or until ``free()``. Every call that communicates blocks, must be made by all ranks of
/// the group (except send and receive), and only from the thread that runs
/// ``MPIRuntime/run(program:limits:advice:_:)``.
///
/// In debug builds each collective call first compares what the ranks of the group call: function, operator,
/// element type, count and root. Where these differ, one message says which ranks call what, and the job ends
/// with exit code 70. Release builds compare nothing: such a program hangs, fails in MPI, or is silently wrong.
public struct Communicator {
  /// The C handle; nil for the group of one that needs no MPI.
  let handle: OpaquePointer?
  /// This process's number in the group, in `0..<size`.
  public let rank: Int
  /// How many ranks the group has, at least 1.
  public let size: Int

  /// A group of this process alone, which works without MPI.
  public static var solo: Communicator { Communicator(handle: nil, rank: 0, size: 1) }

  /// Whether this is rank 0, which reads what one rank reads and prints what one rank prints.
  public var isRoot: Bool { rank == 0 }
}

extension Communicator {
  /// Wraps a handle. The corresponding C functions are `MPI_Comm_rank` and `MPI_Comm_size`.
  init(handle: OpaquePointer) throws(MPIError) {
    var rank: Int32 = 0
    var size: Int32 = 0
    try check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(handle, MPI_ERRORS_RETURN))
    try check("MPI_Comm_rank", MPI_Comm_rank(handle, &rank))
    try check("MPI_Comm_size", MPI_Comm_size(handle, &size))
    self.init(handle: handle, rank: Int(rank), size: Int(size))
  }

  /// Splits the group into one group per color; within each, ranks are ordered by key, then by rank.
  ///
  /// - Parameter color: at least 0, or nil for a rank that joins no group and receives nil.
  /// The corresponding C function is `MPI_Comm_split`.
  public func split(color: Int?, key: Int) throws(MPIError) -> Communicator? {
    guard let handle else { return color == nil ? nil : self }
    try expectSame(CollectiveCall(function: .split), before: "MPI_Comm_split")
    var part: OpaquePointer? = nil
    let colorCode = color.map { Int32($0) } ?? MPI_UNDEFINED
    try check("MPI_Comm_split", MPI_Comm_split(handle, colorCode, Int32(key), &part))
    guard color != nil, let part else { return nil }
    return try Communicator(handle: part)
  }

  /// Splits the group into one group per node, ordered by rank.
  ///
  /// The corresponding C function is `MPI_Comm_split_type` with `MPI_COMM_TYPE_SHARED`.
  public func splitByNode() throws(MPIError) -> Communicator {
    guard let handle else { return self }
    try expectSame(CollectiveCall(function: .splitByNode), before: "MPI_Comm_split_type")
    var part: OpaquePointer? = nil
    try check(
      "MPI_Comm_split_type",
      MPI_Comm_split_type(
        handle, Int32(MPI_COMM_TYPE_SHARED), Int32(rank), MPI_INFO_NULL, &part))
    return try Communicator(handle: part!)
  }

  /// Releases a group made by a split; collective over the group.
  ///
  /// The corresponding C function is `MPI_Comm_free`.
  public func free() throws(MPIError) {
    guard handle != nil else { return }
    try expectSame(CollectiveCall(function: .free), before: "MPI_Comm_free")
    var released = handle
    try check("MPI_Comm_free", MPI_Comm_free(&released))
  }
}

@available(*, unavailable)
extension Communicator: Sendable {}

internal import CMPI
import Glibc

/// Calls that all ranks of a group make. `Examples/Dist/Sources/collectives` is a program with them.
extension Communicator {
  /// The largest number of elements passed to one MPI call, whose counts are 32-bit; longer transfers
  /// are cut into pieces. Lowered by tests.
  package nonisolated(unsafe) static var elementsPerCall = Int(Int32.max)

  /// Passes an MPI function consecutive pieces of a buffer: where one starts, its length, type, and the handle of the
  /// group.
  @inline(__always)
  func inPieces<T: MPIScalar>(
    of buffer: UnsafeMutableBufferPointer<T>, to function: StaticString,
    _ call: (UnsafeMutablePointer<T>, Int32, OpaquePointer, OpaquePointer) -> Int32
  ) throws(MPIError) {
    guard let handle, let base = buffer.baseAddress else { return }
    try forEachPiece(of: buffer.count) { (offset, length) throws(MPIError) in
      try check(function, call(base + offset, length, T.scalarKind.datatype, handle))
    }
  }

  /// Calls `body` with consecutive ranges of at most ``elementsPerCall`` elements that cover `count`.
  @inline(__always)
  func forEachPiece(
    of count: Int, _ body: (_ offset: Int, _ length: Int32) throws(MPIError) -> Void
  ) throws(MPIError) {
    var offset = 0
    while offset < count {
      let length = min(count - offset, Self.elementsPerCall)
      try body(offset, Int32(length))
      offset += length
    }
  }

  /// Waits until every rank has called it. The corresponding C function is `MPI_Barrier`.
  public func barrier() throws(MPIError) {
    guard let handle else { return }
    try expectSame(CollectiveCall(function: .barrier), before: "MPI_Barrier")
    try check("MPI_Barrier", MPI_Barrier(handle))
  }

  /// Waits until every rank has called it, asleep: while one rank reads or writes, the cores of the others are free.
  ///
  /// The corresponding C functions are `MPI_Ibarrier` and `MPI_Test`. Returns up to half a millisecond late.
  func barrierAsleep() throws(MPIError) {
    guard let handle else { return }
    try expectSame(CollectiveCall(function: .agree), before: "MPI_Ibarrier", isAsleep: true)
    try check("MPI_Ibarrier", Self.wait(isAsleep: true) { MPI_Ibarrier(handle, &$0) })
  }

  /// Copies `buffer` of rank `root` to every rank; all pass the same count.
  ///
  /// The corresponding C function is `MPI_Bcast`.
  public func broadcast<T: MPIScalar>(
    _ buffer: UnsafeMutableBufferPointer<T>, from root: Int = 0
  ) throws(MPIError) {
    precondition((0..<size).contains(root), "broadcast from rank \(root) of \(size)")
    try expectSame(
      CollectiveCall(
        function: .broadcast, element: T.scalarKind, count: buffer.count, root: root),
      before: "MPI_Bcast")
    try inPieces(of: buffer, to: "MPI_Bcast") { MPI_Bcast($0, $1, $2, Int32(root), $3) }
  }

  /// Copies `values` of rank `root` to every rank; all pass the same count. See `MPI_Bcast`.
  public func broadcast<T: MPIScalar>(_ values: inout [T], from root: Int = 0) throws(MPIError) {
    try withBuffer(&values) { (buffer) throws(MPIError) in try broadcast(buffer, from: root) }
  }

  /// The value that rank `root` passes, on every rank. See `MPI_Bcast`.
  public func broadcast<T: MPIScalar>(_ value: T, from root: Int = 0) throws(MPIError) -> T {
    var box = [value]
    try broadcast(&box, from: root)
    return box[0]
  }

  /// The bytes that rank `root` passes, of any length, on every rank. See `MPI_Bcast`.
  public func broadcast(bytes: [UInt8], from root: Int = 0) throws(MPIError) -> [UInt8] {
    try expectSame(
      CollectiveCall(function: .broadcastBytes, root: root), before: "MPI_Bcast")
    let count = try broadcast(bytes.count, from: root)
    var copy = rank == root ? bytes : [UInt8](repeating: 0, count: count)
    try broadcast(&copy, from: root)
    return copy
  }

  /// The text that rank `root` passes, on every rank. See `MPI_Bcast`.
  package func broadcast(_ text: String, from root: Int = 0) throws(MPIError) -> String {
    String(decoding: try broadcast(bytes: Array(text.utf8), from: root), as: UTF8.self)
  }

  /// Combines the ranks' buffers element by element, in place, on every rank; all pass the same count.
  ///
  /// Integers combine exactly. Floating-point sums are added in the library's order, which depends on
  /// the number of ranks: see ``TreeExchange`` for sums that must not.
  /// The corresponding C function is `MPI_Allreduce` with `MPI_IN_PLACE`.
  public func allReduce<T: MPIScalar>(
    _ buffer: UnsafeMutableBufferPointer<T>, _ op: ReduceOp<T>
  ) throws(MPIError) {
    try expectSame(
      CollectiveCall(
        function: .allReduce, op: op.kind, element: T.scalarKind, count: buffer.count),
      before: "MPI_Allreduce")
    try inPieces(of: buffer, to: "MPI_Allreduce") {
      MPI_Allreduce(MPI_IN_PLACE, $0, $1, $2, op.handle, $3)
    }
  }

  /// Combines the ranks' arrays element by element, in place. See `MPI_Allreduce`.
  public func allReduce<T: MPIScalar>(
    _ values: inout [T], _ op: ReduceOp<T>
  ) throws(MPIError) {
    try withBuffer(&values) { (buffer) throws(MPIError) in try allReduce(buffer, op) }
  }

  /// The combination of one value from each rank, on every rank. See `MPI_Allreduce`.
  public func allReduce<T: MPIScalar>(_ value: T, _ op: ReduceOp<T>) throws(MPIError) -> T {
    var box = [value]
    try allReduce(&box, op)
    return box[0]
  }

  /// The ranks' values in rank order, on every rank; all pass the same count.
  ///
  /// The corresponding C function is `MPI_Allgather`.
  public func allGather<T: MPIScalar>(_ values: [T]) throws(MPIError) -> [T] {
    guard let handle else { return values }
    try expectSame(
      CollectiveCall(function: .allGather, element: T.scalarKind, count: values.count),
      before: "MPI_Allgather")
    guard let filler = values.first else { return [] }
    var all = [T](repeating: filler, count: values.count * size)
    if values.count <= Self.elementsPerCall / size {
      try values.withUnsafeBufferPointer { (mine) throws(MPIError) in
        try withBuffer(&all) { (everyone) throws(MPIError) in
          try check(
            "MPI_Allgather",
            MPI_Allgather(
              mine.baseAddress, Int32(mine.count), T.scalarKind.datatype, everyone.baseAddress,
              Int32(mine.count), T.scalarKind.datatype, handle))
        }
      }
      return all
    }
    // Offsets beyond 32 bits: one broadcast a rank.
    all.replaceSubrange(rank * values.count..<(rank + 1) * values.count, with: values)
    try withBuffer(&all) { (buffer) throws(MPIError) in
      for source in 0..<size {
        let part = source * values.count..<(source + 1) * values.count
        try broadcast(UnsafeMutableBufferPointer(rebasing: buffer[part]), from: source)
      }
    }
    return all
  }

  /// One value from each rank in rank order, on every rank. See `MPI_Allgather`.
  public func allGather<T: MPIScalar>(_ value: T) throws(MPIError) -> [T] {
    try allGather([value])
  }

  /// The ranks' byte strings, of any lengths, in rank order, on every rank.
  ///
  /// - Complexity: two broadcasts a rank; for messages, not for data.
  public func allGather(bytes: [UInt8]) throws(MPIError) -> [[UInt8]] {
    try expectSame(CollectiveCall(function: .allGatherBytes), before: "MPI_Bcast")
    var all: [[UInt8]] = []
    for source in 0..<size { all.append(try broadcast(bytes: bytes, from: source)) }
    return all
  }

  /// The ranks' values in rank order on rank `root`, and nil elsewhere; counts may differ by rank.
  ///
  /// Built from sends, so that offsets beyond 32 bits need no special case.
  public func gather<T: MPIScalar>(_ values: [T], to root: Int = 0) throws(MPIError) -> [[T]]? {
    precondition((0..<size).contains(root), "gather to rank \(root) of \(size)")
    try expectSame(
      CollectiveCall(function: .gather, element: T.scalarKind, root: root), before: "MPI_Allgather")
    let counts = try allGather(values.count)
    guard rank == root else {
      try values.withUnsafeBufferPointer { (buffer) throws(MPIError) in
        try send(buffer, to: root, tag: .gather)
      }
      return nil
    }
    var all: [[T]] = []
    for source in 0..<size {
      if source == rank {
        all.append(values)
        continue
      }
      let count = counts[source]
      let part = UnsafeMutableBufferPointer<T>.allocate(capacity: count)
      defer { part.deallocate() }
      try receive(part, from: source, tag: .gather)
      all.append(Array(part))
    }
    return all
  }

  /// `withUnsafeMutableBufferPointer` with a typed error.
  @inline(__always)
  func withBuffer<T, R>(
    _ values: inout [T], _ body: (UnsafeMutableBufferPointer<T>) throws(MPIError) -> R
  ) throws(MPIError) -> R {
    try values.withUnsafeMutableBufferPointer { (buffer) throws(MPIError) in try body(buffer) }
  }
}

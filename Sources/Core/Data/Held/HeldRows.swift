import Glibc

/// All rows of a source as they are stored, `[rows, columns]` in this machine's byte order, in memory that the ranks of
/// a node share. They are read from their files once, and then by any group of ranks as if from the files.
///
/// Safe to send: nothing is written once the rows are read.
package final class HeldRows: @unchecked Sendable {
  /// The type of the numbers; texts are the numbers of their places in the plan, NaN where they are missing.
  let type: ScalarType
  /// Which columns of the files are held, in which order.
  let plan: ColumnPlan
  private let memory: SharedBuffer

  /// The bytes of a row.
  var rowBytes: Int { plan.width * type.size }

  /// The numbers of a row.
  func row(_ row: Int) -> UnsafeMutableRawPointer { memory.base + row * rowBytes }

  /// Reads each rank's part of the rows, and gives every node all of them; collective over `topology.world`.
  ///
  /// - Throws: `TrainerError`, agreed by all ranks, where rows cannot be read or memory is short.
  /// - Complexity: O(rows · columns) memory a node, or a rank where the ranks of a node share none.
  init(reading source: ArraySource, topology: NodeTopology) throws {
    let world = topology.world
    (type, plan) = (source.type, source.plan.asStored)
    let stored = try source.planned(plan)
    let rowBytes = stored.columns * type.size
    let (byteCount, isTooLong) = stored.rows.multipliedReportingOverflow(by: rowBytes)
    try world.require(
      !isTooLong, .inputOutput, "\(source.name): \(stored.rows) rows are more than memory can hold")
    let sharing: NodeTopology
    (memory, sharing) = try Self.memory(byteCount, of: source.name, on: topology)
    func start(_ rank: Int) -> Int { rank * stored.rows / world.size }
    let own = start(world.rank)..<start(world.rank + 1)
    let place = memory.base + own.lowerBound * rowBytes
    try ArrayReading(stored, rows: own, topology: topology)
      .read(into: .success(own.isEmpty ? nil : .stored(place, type, CopiedTexts())))
    try sharing.node.barrier()
    guard sharing.nodeCount > 1 else { return }
    // The ranks of a node are neighbours, and so are their rows.
    let leaders = try world.split(color: sharing.node.isRoot ? 0 : nil, key: world.rank)
    if let leaders {
      var first = 0
      for (node, size) in sharing.nodeSizes.enumerated() {
        let bytes = start(first) * rowBytes..<start(first + size) * rowBytes
        try leaders.broadcast(
          UnsafeMutableBufferPointer(
            start: (memory.base + bytes.lowerBound).assumingMemoryBound(to: UInt8.self),
            count: bytes.count), from: node)
        first += size
      }
      try leaders.free()
    }
    try sharing.node.barrier()
  }

  /// Memory that the ranks of a node share, or else each rank's own, and which ranks share it; collective.
  private static func memory(
    _ byteCount: Int, of name: String, on topology: NodeTopology
  ) throws -> (SharedBuffer, NodeTopology) {
    var reasons: [String] = []
    for sharing in [topology, topology.separated()] {
      let share = SharedBuffer.pages(byteCount / sharing.node.size + 1)
      let owned = sharing.node.rank * share..<(sharing.node.rank + 1) * share
      switch try SharedBuffer.allocate(byteCount: byteCount, owned: owned, on: sharing) {
      case .buffer(let memory): return (memory, sharing)
      case .unavailable(let reason): reasons.append(reason)
      }
    }
    throw topology.world.failure(
      .inputOutput, "no memory holds all rows of \(name): \(reasons.last ?? "")")
  }
}

extension ColumnPlan {
  /// The same columns, as numbers from which those of this plan can be made: texts by their places, and missing values
  /// kept as NaN where something stands for them.
  fileprivate var asStored: ColumnPlan {
    ColumnPlan(
      parts.map { part in
        Part(
          stored: part.stored, texts: part.texts,
          fill: part.fill.isEmpty ? [] : part.stored.map { _ in .nan })
      })
  }
}

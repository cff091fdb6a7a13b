/// A reduction whose bits do not depend on the number of ranks: vectors, the leaves, are added along one
/// fixed tree, and the sum is passed to an update of what the node shares.
///
/// A leaf's vector is not written down whole. What it is computed from stands in memory that the ranks of
/// its node share, so that each of them can compute any tile of any leaf of the node: in
/// ``reduce(flags:active:skipping:partial:update:)`` each rank takes some tiles, adds up all leaves of
/// the node in them while they are in its cache, and on a single node updates them at once. The vectors'
/// work is thus shared evenly even where the leaves are not, and no rank holds a vector of sums.
///
/// Between nodes the sums of a chunk of tiles go to buffers that the node shares; slice i of the chunk is
/// then combined by the ranks with local number i of all nodes, by recursive halving and doubling
/// (R. Thakur, R. Rabenseifner, W. Gropp, 2005) over `MPI_Sendrecv`, with neighbours first, so that the
/// additions stay those of the tree; where a node's leaves are not a whole subtree, its partial
/// subtrees travel side by side.
/// `Examples/Dist/Sources/reduction` is a program with it.
///
/// - Complexity: per rank of a node with r ranks on k nodes, for n elements: n/r elements of each leaf
///   are computed, and 2·n/r·(k-1)/k travel over the network in 2·log2(k) messages a chunk.
public final class TreeExchange {
  /// The tree over all leaves.
  public let tree: ReductionTree
  /// The parts in which the vectors are computed.
  public let tiles: VectorTiles
  /// Elements that travel between nodes at a time where a node's leaves are one subtree; fewer of each subtree where
  /// they are several, so that all buffers together take about 6 MiB.
  package nonisolated(unsafe) static var chunkLength = 1 << 18
  /// Fewer would not be worth a message.
  private static let minimumChunkLength = 1 << 14

  /// Writes the sum over some leaves of the node, along the tree, of a tile's elements.
  public typealias Partial = (
    _ leaves: Range<Int>, _ tile: Int, _ destination: UnsafeMutablePointer<Float>
  ) throws -> Void
  /// Takes consecutive elements of the sum over all leaves.
  public typealias Update = (_ elements: Range<Int>, _ sum: UnsafePointer<Float>) -> Void

  /// Seconds spent waiting for ranks of the node.
  public private(set) var secondsWaiting = 0.0
  /// Seconds spent in messages to other nodes, and waiting for theirs.
  public private(set) var secondsExchanging = 0.0

  private let topology: NodeTopology
  private let memory: SharedBuffer
  private var arrival: NodeBarrier
  private let chunks: [Range<Int>]
  /// The maximal subtrees of the node's leaves; all of the tree on a single node.
  private let nodePieces: [Range<Int>]
  /// Where the node gathers a chunk of each of its subtrees; two, so that one may still be read while the
  /// next is written. Empty on a single node.
  private let gathered: [[UnsafeMutablePointer<Float>]]
  /// What the ranks of other nodes with the same local number do together; nil on a single node and on
  /// surplus ranks.
  private let network: NodeExchange?
  /// A tile's sum on its way to the update.
  private let sum = FloatBuffer()

  /// Either the exchange, or why a node cannot share memory, the same on all ranks.
  public enum Setup {
    /// Ready for the first step.
    case ready(TreeExchange)
    /// The reason; the caller may go on with ``NodeTopology/separated()``.
    case unavailable(String)
  }

  /// Which leaves each rank provides: as even as possible, contiguous in rank order.
  public static func leaves(of rank: Int, ranks: Int, leaves: Int) -> Range<Int> {
    rank * leaves / ranks..<(rank + 1) * leaves / ranks
  }

  /// Sets up the exchange; collective over the topology's world.
  ///
  /// - Parameters:
  ///   - leaves: the number of vectors that are added, at least 1; independent of the number of ranks.
  ///   - tiles: the parts of the vectors; the same on all ranks.
  ///   - add: the vector addition to use.
  /// - Throws: ``MPIError``.
  public static func setUp(
    leaves: Int, tiles: VectorTiles, on topology: NodeTopology, add: @escaping VectorAdd
  ) throws -> Setup {
    let tree = ReductionTree(leaves: leaves)
    let isSingle = topology.nodeCount == 1
    let runs = topology.nodeRuns(leaves: leaves)
    let pieces = tree.maximalSubtrees(of: runs[topology.nodeIndex])
    let bufferCount = isSingle ? 0 : pieces.count
    // The same on all nodes.
    let most = runs.reduce(1) { max($0, tree.maximalSubtrees(of: $1).count) }
    let chunks = tiles.chunks(
      of: max(Self.chunkLength / most, min(Self.chunkLength, Self.minimumChunkLength)))
    let flagBytes = SharedBuffer.pages(NodeBarrier.bytesPerParticipant * topology.node.size)
    let longest = chunks.reduce(0) { max($0, tiles.elements(of: $1).count) }
    let pieceBytes = SharedBuffer.pages(longest * 4)
    let byteCount = flagBytes + 2 * bufferCount * pieceBytes
    let allocation = try SharedBuffer.allocate(
      byteCount: byteCount, owned: topology.node.rank == 0 ? 0..<byteCount : 0..<0, on: topology)
    switch allocation {
    case .unavailable(let reason):
      return .unavailable(reason)
    case .buffer(let memory):
      let gathered = (0..<2).map { parity in
        (0..<bufferCount).map { piece in
          (memory.base + flagBytes + (parity * bufferCount + piece) * pieceBytes)
            .bindMemory(to: Float.self, capacity: longest)
        }
      }
      let isCounterpart = topology.node.rank < topology.slicers
      let group = try topology.world.split(
        color: isSingle || !isCounterpart ? nil : topology.node.rank, key: topology.nodeIndex)
      let network = group.map {
        NodeExchange(tree: tree, runs: runs, group: $0, executor: PlanExecutor(add: add))
      }
      return .ready(
        TreeExchange(
          tree: tree, tiles: tiles, topology: topology, memory: memory, chunks: chunks,
          nodePieces: pieces, gathered: gathered, network: network))
    }
  }

  private init(
    tree: ReductionTree, tiles: VectorTiles, topology: NodeTopology, memory: SharedBuffer,
    chunks: [Range<Int>], nodePieces: [Range<Int>],
    gathered: [[UnsafeMutablePointer<Float>]], network: NodeExchange?
  ) {
    self.tree = tree
    self.tiles = tiles
    self.topology = topology
    self.memory = memory
    self.chunks = chunks
    self.nodePieces = nodePieces
    self.gathered = gathered
    self.network = network
    arrival = NodeBarrier(
      memory: memory.base, participant: topology.node.rank, participants: topology.node.size)
    sum.reserve(tiles.longest)
  }

  /// The tiles that this rank computes of some: even parts for the ranks of a node.
  private func share(of tiles: Range<Int>) -> Range<Int> {
    self.tiles.share(topology.node.rank, of: topology.node.size, in: tiles)
  }

  /// The tiles that this rank computes in a step.
  public private(set) lazy var ownTiles: [Int] =
    topology.nodeCount == 1 ? Array(share(of: 0..<tiles.count)) : chunks.flatMap { share(of: $0) }

  /// Sums the leaves and passes the sum to `update`, in parts that together with those of the other ranks
  /// of the node are the whole vector.
  ///
  /// `partial` is called when all ranks of the node have called this, so it may read what they wrote
  /// before. The function returns when every rank of the node has finished its reading and updating.
  ///
  /// - Parameters:
  ///   - flags: bits that this rank raises.
  ///   - active: the leaves that take part in this step, the same on all ranks.
  ///   - skipping: bits that, when any rank raises one, prevent all updates.
  ///   - partial: computes a tile of some of the node's leaves, at least one of them active. What it throws is
  ///     thrown at once, while other ranks wait: it must end the job.
  ///   - update: called with elements that no other rank of the node is given.
  /// - Returns: the flags of all ranks of all nodes, the same on every rank.
  public func reduce(
    flags: UInt32 = 0, active: ActiveLeaves = .all, skipping: UInt32 = 0, partial: Partial,
    update: Update
  ) throws -> UInt32 {
    var flags = arrive(flags)
    if topology.nodeCount > 1 {
      flags = try reduceBetweenNodes(
        flags, active: active, skipping: skipping, partial: partial, update: update)
    } else if flags & skipping == 0, active.contains(anyOf: 0..<tree.leaves) {
      for tile in ownTiles {
        try partial(0..<tree.leaves, tile, sum.base)
        update(tiles.elements(of: tile), sum.base)
      }
    }
    return arrive(flags)
  }

  private func reduceBetweenNodes(
    _ flags: UInt32, active: ActiveLeaves, skipping: UInt32, partial: Partial,
    update: Update
  ) throws -> UInt32 {
    var flags = flags
    let used = nodePieces.map { active.contains(anyOf: $0) }
    for (index, chunk) in chunks.enumerated() {
      let buffers = gathered[index % 2]
      let elements = tiles.elements(of: chunk)
      // Other nodes may not know yet; what is sent to them then is of no use.
      for tile in flags & skipping == 0 ? share(of: chunk) : 0..<0 {
        let offset = tiles.offsets[tile] - elements.lowerBound
        for (piece, leaves) in nodePieces.enumerated() where used[piece] {
          try partial(leaves, tile, buffers[piece] + offset)
        }
      }
      flags = arrive(flags)
      guard let network else { continue }
      let slice = topology.slice(of: elements.count, alignment: 16)
      let span = Span(.exchange)
      let total = try network.reduce(
        slice, pieces: buffers.map { UnsafePointer($0 + slice.lowerBound) }, flags: &flags,
        active: active)
      secondsExchanging += span.end()
      guard let total, flags & skipping == 0, !slice.isEmpty else { continue }
      update(
        elements.lowerBound + slice.lowerBound..<elements.lowerBound + slice.upperBound, total)
    }
    return flags
  }

  /// Calls `body` with the tiles that `reduce` will have this rank compute, and nothing else: for leaves that do not
  /// stand in memory all at once. Like `partial` of `reduce` it is called when all ranks of the node have called
  /// this, and when the function returns they have all finished.
  ///
  /// - Parameter skipping: bits that, when a rank of the node raises one, prevent all calls.
  /// - Returns: the flags of all ranks of the node.
  public func visit(
    flags: UInt32, skipping: UInt32, _ body: (_ tile: Int) throws -> Void
  ) rethrows -> UInt32 {
    let flags = arrive(flags)
    if flags & skipping == 0 { try ownTiles.forEach(body) }
    return arrive(flags)
  }

  /// Calls `partial` as `reduce` does, for every leaf and without any exchange: for measuring.
  public func computeOnly(_ partial: Partial) rethrows {
    for tile in ownTiles {
      for leaves in nodePieces { try partial(leaves, tile, sum.base) }
    }
  }

  /// Waits for all ranks of the node, and returns the bits that any of them raises.
  private func arrive(_ flags: UInt32) -> UInt32 {
    let span = Span(.wait)
    defer { secondsWaiting += span.end() }
    return arrival.wait(word: flags)
  }

  /// Waits for all ranks of the node, whose writes to shared memory are visible after.
  public func synchronize() { _ = arrival.wait() }
}

extension NodeTopology {
  /// How many ranks of each node exchange with other nodes: as many as the smallest node has.
  var slicers: Int { nodeSizes.min() ?? 1 }

  /// This rank's slice of `count` elements among the ranks that exchange with other nodes; starts at
  /// multiples of `alignment`.
  func slice(of count: Int, alignment: Int) -> Range<Int> {
    node.rank < slicers
      ? Self.slice(node.rank, of: slicers, count: count, alignment: alignment) : 0..<0
  }

  /// One of `parts` parts of `count` elements; starts at multiples of `alignment`.
  public static func slice(_ part: Int, of parts: Int, count: Int, alignment: Int) -> Range<Int> {
    let blocks = (count + alignment - 1) / alignment
    return min(
      part * blocks / parts * alignment, count)..<min(
        (part + 1) * blocks / parts * alignment, count)
  }

  /// The leaves that each node's ranks provide together.
  func nodeRuns(leaves: Int) -> [Range<Int>] {
    var first = 0
    return nodeSizes.map { size in
      let lower = first * leaves / world.size
      first += size
      return lower..<first * leaves / world.size
    }
  }
}

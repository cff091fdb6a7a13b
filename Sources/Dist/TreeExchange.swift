/// The deterministic reduction of a training step: partial vectors of virtual shards are added along
/// one fixed tree, and every rank applies the sum to its slice of what the node shares.
///
/// A step is: each rank writes the sums of its own ``pieces`` to their ``slot(_:)``s, then all call
/// ``reduce(flags:isPresent:skipping:update:)``. On a node, each rank reads its slice straight out of
/// all ranks' slots. Between nodes, slice i of every node is combined by the ranks with local number i,
/// by recursive halving and doubling (R. Thakur, R. Rabenseifner, W. Gropp, 2005) over `MPI_Sendrecv`,
/// with neighbours first, so that the additions stay those of the tree; where a node's leaves are not
/// a whole subtree, its partial subtrees travel side by side.
///
/// - Complexity: per rank of a node with r ranks on k nodes, for n elements: n reads and n/r writes on
///   the node, 2·n/r·(k-1)/k elements over the network in 2·log2(k) messages.
public final class TreeExchange {
  /// The tree over all virtual shards.
  public let tree: ReductionTree
  /// The elements of the vector that is reduced.
  public let count: Int
  /// The leaves that this rank computes; contiguous over ranks in the topology's order.
  public let ownLeaves: Range<Int>
  /// The subtrees whose sums this rank provides, one slot each; empty for a rank without leaves.
  public let pieces: [Range<Int>]
  /// The elements of the node's shared vectors that this rank updates; empty for a rank beyond the
  /// size of the smallest node.
  public let slice: Range<Int>

  private let topology: NodeTopology
  private let memory: SharedBuffer
  private let executor: PlanExecutor
  private var arrival: NodeBarrier
  /// The slots of all ranks of the node and the subtrees they hold.
  private let slots: [UnsafeMutablePointer<Float>]
  private let slotTrees: [Range<Int>]
  private let ownSlots: Range<Int>
  /// What the ranks of other nodes with the same local number do together; nil on a single node and on
  /// surplus ranks.
  private let network: NodeExchange?
  private let nodePieces: [Range<Int>]
  private let fullPlan: ReductionPlan

  /// Either the exchange, or why a node cannot share memory, the same on all ranks.
  public enum Setup {
    /// Ready for the first step.
    case ready(TreeExchange)
    /// The reason; the caller may go on with ``NodeTopology/separated()``.
    case unavailable(String)
  }

  /// Which leaves each rank computes: as even as possible, contiguous in rank order.
  public static func leaves(of rank: Int, ranks: Int, leaves: Int) -> Range<Int> {
    rank * leaves / ranks..<(rank + 1) * leaves / ranks
  }

  /// Sets up the exchange; collective over the topology's world.
  ///
  /// - Parameters:
  ///   - leaves: the number of virtual shards, at least 1.
  ///   - count: the elements of the vector, at least 1.
  ///   - add: the vector addition to use.
  /// - Throws: ``MPIError``.
  public static func setUp(
    leaves: Int, count: Int, on topology: NodeTopology, add: @escaping VectorAdd
  ) throws -> Setup {
    let tree = ReductionTree(leaves: leaves)
    let firstRank = topology.nodeSizes[..<topology.nodeIndex].reduce(0, +)
    let isAlone = topology.world.size == 1
    var slotTrees: [Range<Int>] = []
    var ownSlots = 0..<0
    for local in 0..<topology.node.size {
      let run = Self.leaves(of: firstRank + local, ranks: topology.world.size, leaves: leaves)
      var subtrees = tree.maximalSubtrees(of: run)
      // Alone, the last addition of the tree is left to the exchange, which adds while it updates.
      if isAlone, run.count >= 2 {
        let middle = ReductionTree.split(run)
        subtrees = [run.lowerBound..<middle, middle..<run.upperBound]
      }
      if local == topology.node.rank {
        ownSlots = slotTrees.count..<slotTrees.count + subtrees.count
      }
      slotTrees += subtrees
    }
    // Each slot starts on a page, so that its owner touches it first.
    let flagBytes = NodeBarrier.bytesPerParticipant * topology.node.size
    let headerBytes = SharedBuffer.pages(flagBytes)
    let slotBytes = SharedBuffer.pages(count * 4)
    let owned =
      topology.node.rank == 0
      ? 0..<headerBytes + ownSlots.upperBound * slotBytes
      : headerBytes + ownSlots.lowerBound * slotBytes..<headerBytes + ownSlots.upperBound
        * slotBytes
    let allocation = try SharedBuffer.allocate(
      byteCount: headerBytes + slotTrees.count * slotBytes, owned: owned, on: topology)
    switch allocation {
    case .unavailable(let reason):
      return .unavailable(reason)
    case .buffer(let memory):
      return .ready(
        try TreeExchange(
          tree: tree, count: count, topology: topology, memory: memory,
          executor: PlanExecutor(add: add), slotTrees: slotTrees, ownSlots: ownSlots,
          slotBase: memory.base + headerBytes, slotBytes: slotBytes))
    }
  }

  private init(
    tree: ReductionTree, count: Int, topology: NodeTopology, memory: SharedBuffer,
    executor: PlanExecutor, slotTrees: [Range<Int>], ownSlots: Range<Int>,
    slotBase: UnsafeMutableRawPointer, slotBytes: Int
  ) throws {
    self.tree = tree
    self.count = count
    self.topology = topology
    self.memory = memory
    self.executor = executor
    self.slotTrees = slotTrees
    self.ownSlots = ownSlots
    slots = slotTrees.indices.map {
      (slotBase + $0 * slotBytes).bindMemory(to: Float.self, capacity: count)
    }
    pieces = Array(slotTrees[ownSlots])
    ownLeaves = Self.leaves(
      of: topology.world.rank, ranks: topology.world.size, leaves: tree.leaves)
    arrival = NodeBarrier(
      memory: memory.base, participant: topology.node.rank, participants: topology.node.size)
    slice = topology.slice(of: count, alignment: 16)

    let isSingle = topology.nodeCount == 1
    let runs = topology.nodeRuns(leaves: tree.leaves)
    nodePieces =
      isSingle ? [0..<tree.leaves] : tree.maximalSubtrees(of: runs[topology.nodeIndex])
    fullPlan = tree.plan(from: slotTrees, to: nodePieces)
    let isCounterpart = topology.node.rank < topology.slicers
    let group = try topology.world.split(
      color: isSingle || !isCounterpart ? nil : topology.node.rank, key: topology.nodeIndex)
    network = group.map {
      NodeExchange(tree: tree, runs: runs, group: $0, executor: executor)
    }
  }

  /// Where this rank writes the sum of its piece `index`: `count` floats, starting on a page.
  public func slot(_ index: Int) -> UnsafeMutablePointer<Float> {
    slots[ownSlots.lowerBound + index]
  }

  /// Sums all pieces and passes this rank's slice of the sum, block by block, to `update`.
  ///
  /// Nobody's `update` starts before every rank of the node has called this, and it returns only when
  /// every rank of the node has updated its slice.
  ///
  /// - Parameters:
  ///   - flags: bits that this rank raises.
  ///   - isPresent: whether a leaf takes part in this step; nil when all do. The same on all ranks.
  ///   - skipping: bits that, when any rank raises one, prevent all updates.
  ///   - update: called with consecutive elements of ``slice`` and their sums.
  /// - Returns: the flags of all ranks of all nodes, the same on every rank.
  public func reduce(
    flags: UInt32 = 0, isPresent: ((Int) -> Bool)? = nil, skipping: UInt32 = 0,
    update: (_ elements: Range<Int>, _ sum: UnsafePointer<Float>) -> Void
  ) throws(MPIError) -> UInt32 {
    var flags = arrival.wait(word: flags)
    let plan =
      isPresent == nil ? fullPlan : tree.plan(from: slotTrees, to: nodePieces, isPresent: isPresent)
    let inputs = slots.map { UnsafePointer($0) }
    if let network {
      try network.reduce(
        slice, flags: &flags, isPresent: isPresent, skipping: skipping,
        local: { chunk, store in executor.run(plan, inputs: inputs, range: chunk, store) },
        update: update)
    } else if topology.nodeCount == 1, flags & skipping == 0 {
      executor.run(plan, inputs: inputs, range: slice) { _, elements, sum in update(elements, sum) }
    }
    return arrival.wait(word: flags)
  }

  /// Waits for all ranks of the node, whose writes to shared memory are visible after.
  public func synchronize() { _ = arrival.wait() }
}

extension SharedBuffer {
  /// Bytes rounded up to whole pages.
  static func pages(_ bytes: Int) -> Int { (bytes + pageSize - 1) / pageSize * pageSize }
}

extension NodeTopology {
  /// How many ranks of each node take a slice: as many as the smallest node has.
  var slicers: Int { nodeSizes.min() ?? 1 }

  /// This rank's slice of `count` elements; starts at multiples of `alignment`.
  public func slice(of count: Int, alignment: Int) -> Range<Int> {
    guard node.rank < slicers else { return 0..<0 }
    let blocks = (count + alignment - 1) / alignment
    let lower = node.rank * blocks / slicers * alignment
    let upper = (node.rank + 1) * blocks / slicers * alignment
    return min(lower, count)..<min(upper, count)
  }

  /// The leaves that each node's ranks compute together.
  func nodeRuns(leaves: Int) -> [Range<Int>] {
    var first = 0
    return nodeSizes.map { size in
      let lower = first * leaves / world.size
      first += size
      return lower..<first * leaves / world.size
    }
  }

  /// The same ranks with each one a node of its own: what remains where memory cannot be shared.
  public func separated() -> NodeTopology {
    NodeTopology(
      world: world, node: .solo, nodeIndex: world.rank,
      nodeSizes: [Int](repeating: 1, count: world.size))
  }
}

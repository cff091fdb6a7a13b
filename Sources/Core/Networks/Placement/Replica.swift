/// What a node shares: a copy of the parameters and of the optimizer's state, of which each rank updates a
/// part, and the rows of a step, of which each rank writes its own.
final class Replica {
  /// The parameters, `[parameterCount]`.
  let parameters: UnsafeMutablePointer<Float>
  /// The optimizer's vectors, of the same length.
  let state: [UnsafeMutablePointer<Float>]
  /// Doubles for numbers that ranks tell each other, such as norms of blocks.
  let scratch: UnsafeMutablePointer<Double>
  /// What each rank of the node keeps of a pass.
  let activations: [NodeActivations]
  /// The passes in which the node makes a step.
  let passes: Int
  private let buffers: [SharedBuffer]

  /// The vectors of state as tensors, which leave nothing in this process's memory but what it updates: one rank of a
  /// node reads the state of all.
  func stateTensors(_ names: [String], count: Int, ranks: Int) -> [TensorView] {
    names.enumerated().map { index, name in
      let buffer = buffers[1 + index]
      let bytes = UnsafeRawBufferPointer(start: buffer.base, count: count * 4)
      return TensorView(name, byteCount: bytes.count) { (body) throws(SystemCallFailure) in
        for start in stride(from: 0, to: bytes.count, by: ResumePoint.pieceBytes) {
          let piece = start..<min(start + ResumePoint.pieceBytes, bytes.count)
          try body(UnsafeRawBufferPointer(rebasing: bytes[piece]))
          if ranks > 1 { buffer.release(piece) }
        }
      }
    }
  }

  /// What a run needs.
  struct Demand {
    let network: Network
    let stateVectors: Int
    /// Doubles of scratch.
    let scratch: Int
    let plan: BatchPlan

    /// The bytes of a vector of parameters.
    var vectorBytes: Int { network.parameterCount * 4 }
    /// Bytes of the promised memory that are free for what a step needs beside these vectors: of three copies of
    /// the parameters those that are not used, and a part of 64 MiB.
    private func room(_ fixed: Int) -> Int {
      fixed << 20 + max(2 - stateVectors, 0) * vectorBytes / 2
    }
    /// For the activations of a node's ranks.
    private var activationRoom: Int { room(12) }
    /// For the sums that a rank keeps from pass to pass.
    var sumRoom: Int { room(4) }

    /// What the ranks of this node keep of a pass, in as few passes as there is room for, or else at most one part
    /// of each rank.
    func layout(on topology: NodeTopology) -> PassLayout {
      let first = topology.nodeSizes[..<topology.nodeIndex].reduce(0, +)
      let shards = (0..<topology.node.size).map {
        TreeExchange.leaves(
          of: first + $0, ranks: topology.world.size, leaves: plan.shardRows.count)
      }
      let most = shards.map { plan.partCount(of: $0) }.max() ?? 1
      var passes = 1
      while true {
        let rows = shards.map { plan.capacity($0, passes: passes) }
        let bytes = rows.map { Activations.byteCount(network, rows: $0) }
        if passes >= most || bytes.reduce(0, +) <= activationRoom {
          return PassLayout(passes: passes, shards: shards, rows: rows, bytes: bytes)
        }
        passes *= 2
      }
    }
  }

  /// The passes of a step on a node, and of each of its ranks the shards, and the rows and bytes of a pass.
  struct PassLayout {
    let passes: Int
    let shards: [Range<Int>]
    let rows: [Int]
    let bytes: [Int]
  }

  private init(
    _ demand: Demand, _ layout: PassLayout, buffers: [SharedBuffer], on topology: NodeTopology
  ) {
    self.buffers = buffers
    let count = demand.network.parameterCount
    let vectors = buffers[...demand.stateVectors].map {
      $0.base.bindMemory(to: Float.self, capacity: count)
    }
    parameters = vectors[0]
    state = Array(vectors.dropFirst())
    let scratch = buffers[demand.stateVectors + 1]
    self.scratch = scratch.base.bindMemory(to: Double.self, capacity: scratch.byteCount / 8)
    var base = buffers[demand.stateVectors + 2].base
    passes = layout.passes
    activations = layout.shards.indices.map { rank in
      defer { base += layout.bytes[rank] }
      return NodeActivations(
        shards: layout.shards[rank],
        activations: Activations(at: base, demand.network, rows: layout.rows[rank]))
    }
    let own = topology.node.rank
    activations[own].activations.setOnes(demand.network, rows: layout.rows[own])
  }

  /// The replica and the exchange that updates it, on a topology whose nodes can share memory.
  struct Placement {
    let topology: NodeTopology
    let replica: Replica
    let exchange: TreeExchange
    /// Why ranks of a node do not share memory, if they do not.
    let separationReason: String?
  }

  /// Allocates everything that a node shares; where a node cannot share memory, every rank keeps a copy
  /// of its own and all exchange goes through MPI, with the same bits. Collective.
  static func place(
    _ demand: Demand, on topology: NodeTopology, add: @escaping VectorAdd
  ) throws -> Placement {
    try checkMemory(demand, on: topology)
    var reason: String?
    if let shared = try allocate(demand, on: topology, add: add, failure: &reason) { return shared }
    if topology.world.size > 1,
      let separate = try allocate(demand, on: topology.separated(), add: add, failure: &reason)
    {
      return separate
    }
    throw topology.world.failure(.inputOutput, reason ?? "there is not enough memory")
  }

  /// Refuses a model that a node cannot hold: pages of shared memory are taken on touch, and a node that
  /// runs out kills some process instead of saying so. Collective.
  private static func checkMemory(_ demand: Demand, on topology: NodeTopology) throws {
    let count = demand.network.parameterCount
    let vectors = 1 + demand.stateVectors
    let (vectorBytes, isTooLarge) = count.multipliedReportingOverflow(by: 4 * vectors)
    let rowBytes = isTooLarge ? 0 : demand.layout(on: topology).bytes.reduce(0, +)
    try topology.world.agree {
      guard let available = ProcessMemory.availableBytes else { return }
      try require(
        !isTooLarge && vectorBytes + rowBytes <= available, .inputOutput,
        "a model of \(count) parameters needs \(vectorBytes >> 20) MiB on this node for \(vectors) "
          + "vectors of parameters and state and \(rowBytes >> 20) MiB for the rows of a step, but "
          + "\(available >> 20) MiB are free; use smaller layers or a larger machine")
    }
  }

  /// Allocates the memory of a topology's nodes; collective.
  ///
  /// - Parameter failure: the first reason why some node could not have it, which the placement keeps.
  /// - Returns: nil where some node cannot have it, on all ranks.
  private static func allocate(
    _ demand: Demand, on topology: NodeTopology, add: @escaping VectorAdd,
    failure: inout String?
  ) throws -> Placement? {
    let node = topology.node
    let slice = NodeTopology.slice(
      node.rank, of: node.size, count: demand.network.parameterCount, alignment: 16)
    let vector = (bytes: demand.vectorBytes, owned: slice.lowerBound * 4..<slice.upperBound * 4)
    let scratch = max(demand.scratch, 1) * 8
    let layout = demand.layout(on: topology)
    let rowStart = layout.bytes[..<node.rank].reduce(0, +)
    let parts =
      [(bytes: Int, owned: Range<Int>)](repeating: vector, count: 1 + demand.stateVectors)
      + [
        (scratch, node.rank == 0 ? 0..<scratch : 0..<0),
        (layout.bytes.reduce(0, +), rowStart..<rowStart + layout.bytes[node.rank]),
      ]
    var buffers: [SharedBuffer] = []
    for part in parts {
      switch try SharedBuffer.allocate(byteCount: part.bytes, owned: part.owned, on: topology) {
      case .buffer(let buffer): buffers.append(buffer)
      case .unavailable(let reason):
        failure = failure ?? reason
        return nil
      }
    }
    let setup = try TreeExchange.setUp(
      leaves: demand.plan.shardRows.count, tiles: demand.network.parameterTiles, on: topology,
      add: add)
    switch setup {
    case .ready(let exchange):
      return Placement(
        topology: topology, replica: Replica(demand, layout, buffers: buffers, on: topology),
        exchange: exchange, separationReason: failure)
    case .unavailable(let reason):
      failure = failure ?? reason
      return nil
    }
  }
}

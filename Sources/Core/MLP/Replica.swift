import DTrainDist

/// A node's copy of the parameters and of the optimizer's state, in memory that its ranks share; each
/// rank updates its slice.
final class Replica {
  /// The parameters, `[parameterCount]`.
  let parameters: UnsafeMutablePointer<Float>
  /// The optimizer's vectors, of the same length.
  let state: [UnsafeMutablePointer<Float>]
  /// Doubles for numbers that ranks tell each other, such as norms of blocks.
  let scratch: UnsafeMutablePointer<Double>
  private let buffers: [SharedBuffer]

  private init(buffers: [SharedBuffer], count: Int) {
    self.buffers = buffers
    let vectors = buffers.dropLast().map { $0.base.bindMemory(to: Float.self, capacity: count) }
    parameters = vectors[0]
    state = Array(vectors.dropFirst())
    scratch = buffers[buffers.count - 1].base
      .bindMemory(to: Double.self, capacity: buffers[buffers.count - 1].byteCount / 8)
  }

  /// The replica and the exchange that updates it, on a topology whose nodes can share memory.
  struct Placement {
    let topology: NodeTopology
    let replica: Replica
    let exchange: TreeExchange
    /// Why ranks of a node do not share memory, if they do not.
    let warning: String?
  }

  /// Allocates everything that a node shares; where a node cannot share memory, every rank keeps a copy
  /// of its own and all exchange goes through MPI, with the same bits. Collective.
  static func place(
    count: Int, stateVectors: Int, scratch: Int, shards: Int, on topology: NodeTopology,
    add: @escaping VectorAdd
  ) throws -> Placement {
    try checkMemory(count: count, stateVectors: stateVectors, on: topology)
    switch try allocate(
      count: count, stateVectors: stateVectors, scratch: scratch, shards: shards, on: topology,
      add: add)
    {
    case .success(let (replica, exchange)):
      return Placement(topology: topology, replica: replica, exchange: exchange, warning: nil)
    case .failure(let reason):
      let alone = topology.separated()
      guard topology.node.size < topology.world.size || topology.world.size > 1,
        case .success(let (replica, exchange)) = try allocate(
          count: count, stateVectors: stateVectors, scratch: scratch, shards: shards, on: alone,
          add: add)
      else {
        throw topology.world.unanimous(
          TrainerError(.inputOutput, "not enough memory for the model: \(reason)"))
      }
      return Placement(
        topology: alone, replica: replica, exchange: exchange,
        warning:
          "the ranks of a node cannot share memory (\(reason)); each keeps a copy of the model, "
          + "which is slower but gives the same result")
    }
  }

  /// Refuses a model that a node cannot hold: pages of shared memory are taken on touch, and a node that
  /// runs out kills some process instead of saying so. Collective.
  private static func checkMemory(
    count: Int, stateVectors: Int, on topology: NodeTopology
  ) throws {
    // On a node: parameters, optimizer state, and at least one gradient for each rank.
    let vectors = 1 + stateVectors + topology.node.size
    let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: 4 * vectors)
    try topology.world.agree {
      guard let available = ProcessMemory.availableBytes else { return }
      if isTooLarge || bytes > available {
        throw TrainerError(
          .inputOutput,
          "a model of \(count) parameters needs \(bytes >> 20) MiB on this node for \(vectors) vectors of "
            + "parameters, state and gradients, but \(available >> 20) MiB are free; use smaller layers, "
            + "fewer ranks a node, or a larger machine")
      }
    }
  }

  private struct Unavailable: Error, CustomStringConvertible { let description: String }

  private static func allocate(
    count: Int, stateVectors: Int, scratch: Int, shards: Int, on topology: NodeTopology,
    add: @escaping VectorAdd
  ) throws -> Result<(Replica, TreeExchange), Unavailable> {
    let slice = topology.slice(of: count, alignment: 16)
    let owned = slice.lowerBound * 4..<slice.upperBound * 4
    var buffers: [SharedBuffer] = []
    for vector in 0..<stateVectors + 2 {
      let isScratch = vector == stateVectors + 1
      let allocation = try SharedBuffer.allocate(
        byteCount: isScratch ? max(scratch, 1) * 8 : count * 4,
        owned: isScratch ? 0..<(topology.node.rank == 0 ? scratch * 8 : 0) : owned, on: topology)
      guard case .buffer(let buffer) = allocation else {
        guard case .unavailable(let reason) = allocation else { break }
        return .failure(Unavailable(description: reason))
      }
      buffers.append(buffer)
    }
    switch try TreeExchange.setUp(leaves: shards, count: count, on: topology, add: add) {
    case .ready(let exchange): return .success((Replica(buffers: buffers, count: count), exchange))
    case .unavailable(let reason): return .failure(Unavailable(description: reason))
    }
  }
}

/// Looks for what makes a run slow or impossible here.
public enum Doctor {
  /// Examines all ranks and their nodes; collective, with the same facts on every rank.
  ///
  /// - Throws: `MPIError`, or what a failing rank throws.
  /// - Complexity: about half a second of matrix products, and some twenty all-reduces of 636 KB.
  public static func examine(_ world: Communicator) throws -> MachineFacts {
    try Activity.perform("examining the machine") {
      let topology = try NodeTopology(of: world)
      var own = RankFacts.gather(rank: world.rank, node: topology.nodeIndex)
      own.gigaflops = try SpeedProbe.matrixProducts(world)
      let ranks = try world.allGather(bytes: Array(own.json.compact.utf8)).compactMap { bytes in
        (try? JSON(parsing: bytes)).flatMap { RankFacts($0) }
      }
      return MachineFacts(
        library: try world.broadcast(MPIRuntime.libraryVersion()), nodeSizes: topology.nodeSizes,
        isLaunched: Launcher.isPresent, ranks: ranks, sharedMemory: try sharedMemory(topology),
        allReduceSeconds: world.size > 1 ? try SpeedProbe.allReduce(world) : nil)
    }
  }

  private static func sharedMemory(_ topology: NodeTopology) throws -> MachineFacts.SharedMemory {
    guard topology.nodeSizes.contains(where: { $0 > 1 }) else { return .unneeded }
    let bytes = 1 << 20
    let part = bytes / topology.node.size
    let first = topology.node.rank * part
    switch try SharedBuffer.allocate(byteCount: bytes, owned: first..<first + part, on: topology) {
    case .buffer: return .available
    case .unavailable(let reason): return .unavailable(reason)
    }
  }
}

/// What all ranks of a job see of their machines.
public struct MachineFacts {
  /// What the MPI library says of its version.
  public let library: String
  /// The ranks on each node, and whether a launcher started them.
  public let nodeSizes: [Int], isLaunched: Bool
  /// What each rank sees, by rank.
  public let ranks: [RankFacts]
  /// Whether the ranks of a node see each other's memory.
  public let sharedMemory: SharedMemory
  /// The median time of summing a small network's gradient over all ranks by MPI; nil for one rank.
  public let allReduceSeconds: Double?

  /// Memory that the ranks of a node share.
  public enum SharedMemory: Sendable {
    /// No node has several ranks; it works; it does not, for a reason.
    case unneeded, available
    case unavailable(String)
  }
}

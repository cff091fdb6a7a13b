import Glibc

/// Which ranks share a node, with ranks renumbered so that those of a node are neighbours.
///
/// `world` is ordered by (node, rank within the node) whatever the launcher's `--map-by` said, so that
/// contiguous runs of ranks belong to nodes; rank 0 stays rank 0.
/// `Examples/Dist/Sources/node-topology` is a program with it and a ``SharedBuffer``.
public struct NodeTopology {
  /// All ranks, in node order.
  public let world: Communicator
  /// The ranks of this node.
  public let node: Communicator
  /// This node's number, in `0..<nodeSizes.count`.
  public let nodeIndex: Int
  /// Ranks on each node.
  public let nodeSizes: [Int]

  /// The number of nodes.
  public var nodeCount: Int { nodeSizes.count }
}

extension NodeTopology {
  /// Finds the nodes of a group; collective.
  ///
  /// - Parameter pretended: a node number for each rank of `group`, instead of the real nodes: for tests
  ///   of the code between nodes on one machine. Defaults to the variable `DTRAIN_PRETEND_NODES`, a
  ///   list such as `0,0,1,1,2`, cut or repeated to the group's size.
  public init(of group: Communicator, pretending pretended: [Int]? = Self.pretendedNodes()) throws {
    let real = try group.splitByNode()
    let color =
      if let pretended, !pretended.isEmpty {
        pretended[group.rank % pretended.count]
      } else {
        try real.broadcast(group.rank)  // The node is named by its lowest rank.
      }
    // Nodes in the order of their lowest ranks.
    let nodes = try group.allGather(color).grouped { $0 }
    let nodeIndex = nodes.firstIndex { $0.key == color }!
    self.init(
      world: try group.split(color: 0, key: nodeIndex * group.size + group.rank)!,
      node: try group.split(color: nodeIndex, key: group.rank)!, nodeIndex: nodeIndex,
      nodeSizes: nodes.map(\.elements.count))
    try real.free()
  }

  /// The node of a rank of `world`.
  public func nodeIndex(of rank: Int) -> Int {
    var first = 0
    for (node, size) in nodeSizes.enumerated() {
      first += size
      if rank < first { return node }
    }
    preconditionFailure("rank \(rank) of \(first)")
  }

  /// The same ranks with each one a node of its own: what remains where memory cannot be shared.
  public func separated() -> NodeTopology {
    NodeTopology(
      world: world, node: .solo, nodeIndex: world.rank,
      nodeSizes: [Int](repeating: 1, count: world.size))
  }

  /// A topology of this process alone.
  public static func solo() -> NodeTopology {
    NodeTopology(world: .solo, node: .solo, nodeIndex: 0, nodeSizes: [1])
  }

  /// The node numbers in `DTRAIN_PRETEND_NODES`, or nil.
  public static func pretendedNodes() -> [Int]? {
    guard let text = getenv("DTRAIN_PRETEND_NODES").map({ String(cString: $0) }) else { return nil }
    let numbers = text.split(separator: ",").compactMap { Int($0) }
    return numbers.isEmpty ? nil : numbers
  }
}

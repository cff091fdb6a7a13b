import DTrainDist

let topologyCases = [Case(name: "topology", body: ranksAreInNodeOrder)]

/// The topologies to pretend: one node, and uneven and interleaved ones.
func topologies(_ world: Communicator) throws -> [NodeTopology] {
  try pretendedPatterns(world.size).map { try NodeTopology(of: world, pretending: $0) }
}

/// Node numbers by rank: one node, 1+2, 3+2+2, round-robin over two and three, every rank its own, and
/// nodes whose numbers do not rise.
private func pretendedPatterns(_ ranks: Int) -> [[Int]] {
  [
    [0], [0, 1, 1], [0, 0, 0, 1, 1, 2, 2], [0, 1], [0, 1, 2], Array(0..<ranks), [5, 3, 3, 9],
    [1, 0],
  ]
}

@Sendable private func ranksAreInNodeOrder(_ checker: Checker, _ arguments: [String]) throws {
  let world = checker.world
  for pattern in pretendedPatterns(world.size) {
    let topology = try NodeTopology(of: world, pretending: pattern)
    // The same by plain loops: nodes in the order of their first ranks, ranks in order within.
    let colors = (0..<world.size).map { pattern[$0 % pattern.count] }
    var nodes: [(color: Int, ranks: [Int])] = []
    for (rank, color) in colors.enumerated() {
      if let index = nodes.firstIndex(where: { $0.color == color }) {
        nodes[index].ranks.append(rank)
      } else {
        nodes.append((color, [rank]))
      }
    }
    let order = nodes.flatMap(\.ranks)
    let own = nodes.firstIndex { $0.color == colors[world.rank] }!
    checker.expect(
      topology.nodeSizes == nodes.map(\.ranks.count), "\(pattern): sizes \(topology.nodeSizes)")
    checker.expect(topology.nodeCount == nodes.count, "\(pattern): \(topology.nodeCount) nodes")
    checker.expect(topology.nodeIndex == own, "\(pattern): node \(topology.nodeIndex)")
    checker.expect(
      topology.world.rank == order.firstIndex(of: world.rank),
      "\(pattern): rank \(world.rank) became \(topology.world.rank)")
    checker.expect(topology.world.size == world.size, "\(pattern): size \(topology.world.size)")
    checker.expect(
      topology.node.rank == nodes[own].ranks.firstIndex(of: world.rank),
      "\(pattern): local rank \(topology.node.rank)")
    checker.expect(topology.node.size == nodes[own].ranks.count, "\(pattern): node size")
    checker.expect(
      world.rank != 0 || topology.world.isRoot, "\(pattern): rank 0 did not stay rank 0")

    let alone = topology.separated()
    checker.expect(
      alone.nodeSizes == [Int](repeating: 1, count: world.size), "separated: \(alone.nodeSizes)")
    checker.expect(alone.world.rank == topology.world.rank, "separated: rank \(alone.world.rank)")
    checker.expect(
      alone.nodeIndex == alone.world.rank && alone.node.size == 1,
      "separated: node \(alone.nodeIndex)")
  }
  let real = try NodeTopology(of: world, pretending: nil)
  checker.expect(real.nodeSizes == [world.size], "one machine: \(real.nodeSizes)")
  checker.expect(real.world.rank == world.rank, "one machine: rank \(real.world.rank)")
}

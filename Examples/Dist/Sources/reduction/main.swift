// A sum of vectors of floats whose bits do not depend on the number of ranks, nor on the nodes they are on.
//
//   mpirun -np 4 reduction

import DTrainDist
import Glibc

/// The vectors to add: as many as the problem says, not as there are ranks.
let leaves = 13
let length = 10_000

/// An element of a vector. Their sizes differ much, so that another order of additions gives other bits.
func element(_ index: Int, ofLeaf leaf: Int) -> Float {
  1 / Float((leaf * 7919 + index * 104_729) % 10_007 + 1)
}

/// The sum over some leaves, added along the tree.
func treeSum(_ leaves: Range<Int>, _ index: Int) -> Float {
  if leaves.count == 1 { return element(index, ofLeaf: leaves.lowerBound) }
  let middle = ReductionTree.split(leaves)
  return treeSum(leaves.lowerBound..<middle, index) + treeSum(middle..<leaves.upperBound, index)
}

exit(
  MPIRuntime.run(program: "reduction") { world in
    var topology = try NodeTopology(of: world)
    // The parts in which ranks share the work; the last one is shorter.
    let tiles = VectorTiles(offsets: Array(stride(from: 0, to: length, by: 256)) + [length])
    func setUp() throws -> TreeExchange.Setup {
      try TreeExchange.setUp(leaves: leaves, tiles: tiles, on: topology) {
        sum, left, right, count in
        for index in 0..<count { sum[index] = left[index] + right[index] }
      }
    }
    var setup = try setUp()
    if case .unavailable = setup {
      topology = topology.separated()
      setup = try setUp()
    }
    guard case .ready(let exchange) = setup else { return 1 }

    // Each rank of a node is passed a part of the sum, once; together they have it all.
    var hash: UInt64 = 0
    _ = try exchange.reduce { leaves, tile, destination in
      for (offset, index) in tiles.elements(of: tile).enumerated() {
        destination[offset] = treeSum(leaves, index)
      }
    } update: { elements, sum in
      for (offset, index) in elements.enumerated() {
        hash &+= UInt64(sum[offset].bitPattern) &* UInt64(2 * index + 1)
      }
    }
    let bits = try topology.node.allReduce(hash, .sum)
    if world.isRoot { print("bits of the sum: \(String(bits, radix: 16))") }
    return 0
  })

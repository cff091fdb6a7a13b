// A sieve of primes that each node holds once, however many ranks it has: they fill it together and all read it.
//
//   mpirun -np 4 node-topology
//   DTRAIN_PRETEND_NODES=0,1,1 mpirun -np 3 node-topology     two nodes on one machine

import DTrainDist
import Glibc

let limit = 1_000_000

exit(
  MPIRuntime.run(program: "node-topology") { world in
    var topology = try NodeTopology(of: world)

    /// The numbers of the sieve that a rank fills: whole pages, which so lie in the memory next to it.
    func part(of node: Communicator) -> Range<Int> {
      NodeTopology.slice(
        node.rank, of: node.size, count: limit, alignment: SharedBuffer.pageSize)
    }
    func allocate() throws -> SharedBuffer.Allocation {
      try SharedBuffer.allocate(byteCount: limit, owned: part(of: topology.node), on: topology)
    }
    var allocation = try allocate()
    if case .unavailable(let reason) = allocation {
      // The same reason on all ranks; each then has memory of its own.
      if world.isRoot { print("no shared memory: \(reason)") }
      topology = topology.separated()
      allocation = try allocate()
    }
    guard case .buffer(let buffer) = allocation else { return 1 }

    // Zeroed memory: 1 marks what is composite.
    let isComposite = buffer.base.assumingMemoryBound(to: UInt8.self)
    let own = part(of: topology.node)
    for factor in 2..<1000 {
      var multiple = max(factor * factor, (own.lowerBound + factor - 1) / factor * factor)
      while multiple < own.upperBound {
        isComposite[multiple] = 1
        multiple += factor
      }
    }
    try topology.node.barrier()  // From here on all ranks of the node read what each wrote.

    // Twin primes, counted by all ranks of all nodes, each from its own node's copy.
    let world = topology.world
    var twins = 0
    for number in stride(from: 3 + 2 * world.rank, to: limit - 2, by: 2 * world.size)
    where isComposite[number] == 0 && isComposite[number + 2] == 0 { twins += 1 }
    let total = try world.allReduce(twins, .sum)
    if world.isRoot {
      print("ranks on each node: \(topology.nodeSizes)")
      print("pairs of twin primes below \(limit): \(total)")
    }
    return 0
  })

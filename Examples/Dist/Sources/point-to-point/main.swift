// Heat that spreads in a rod: each rank holds a stretch of it and tells its neighbours the cells at its ends.
//
//   mpirun -np 4 point-to-point

import DTrainDist
import Glibc

let cells = 1200
let steps = 500

exit(
  MPIRuntime.run(program: "point-to-point") { world in
    let own = world.rank * cells / world.size..<(world.rank + 1) * cells / world.size
    // Two more cells, which hold what the neighbours tell; at the rod's ends they stay at 0.
    var heat = [0.0] + own.map { $0 < 100 ? 100.0 : 0 } + [0.0]

    /// Swaps the cells next to a border. Both ranks call it, each with the other's number.
    func swapCells(with neighbour: Int, sending cell: Int, into halo: Int) throws {
      guard (0..<world.size).contains(neighbour) else { return }
      let outgoing = [heat[cell]]
      try outgoing.withUnsafeBufferPointer { outgoing in
        try heat.withUnsafeMutableBufferPointer { heat in
          try world.exchange(
            sending: outgoing, receiving: UnsafeMutableBufferPointer(rebasing: heat[halo...halo]),
            with: neighbour)
        }
      }
    }

    for _ in 0..<steps {
      // All pairs of one border in two swap at once, then all of the other: nobody waits in a queue.
      for side in [world.rank % 2, 1 - world.rank % 2] {
        if side == 0 {
          try swapCells(with: world.rank + 1, sending: own.count, into: own.count + 1)
        } else {
          try swapCells(with: world.rank - 1, sending: 1, into: 0)
        }
      }
      let before = heat
      for cell in 1...own.count {
        heat[cell] += 0.25 * (before[cell - 1] - 2 * before[cell] + before[cell + 1])
      }
    }

    // The last warm cell so far, passed along from the first rank to the last, and then to all.
    var reached = [0]
    if world.rank > 0 {
      try reached.withUnsafeMutableBufferPointer { try world.receive($0, from: world.rank - 1) }
    }
    if let last = own.indices.last(where: { heat[$0 - own.lowerBound + 1] >= 1 }) {
      reached = [last]
    }
    if world.rank + 1 < world.size {
      try reached.withUnsafeBufferPointer { try world.send($0, to: world.rank + 1) }
    }
    let cell = try world.broadcast(reached[0], from: world.size - 1)
    if world.isRoot { print("after \(steps) steps the cells up to \(cell) have a degree or more") }
    return 0
  })

// Collatz chains (n becomes n/2 or 3n + 1 until it is 1) of all numbers below a limit, shared among the ranks.
//
//   mpirun -np 4 collectives [LIMIT]

import DTrainDist
import Glibc

func chainLength(from start: Int) -> Int {
  var (number, length) = (start, 0)
  while number != 1 {
    number = number % 2 == 0 ? number / 2 : 3 * number + 1
    length += 1
  }
  return length
}

exit(
  MPIRuntime.run(program: "collectives") { world in
    // What rank 0 passes is what all get; the others' value is ignored.
    let asked = CommandLine.arguments.dropFirst().first.flatMap { Int($0) }
    let limit = try world.broadcast(asked ?? 100_000)

    // Each rank takes every size-th number and counts chains by length, 50 to a class.
    var classes = [Int](repeating: 0, count: 20)
    var long: [Int] = []
    var (longest, start) = (0, 1)
    for number in stride(from: 1 + world.rank, to: limit, by: world.size) {
      let length = chainLength(from: number)
      classes[min(length / 50, classes.count - 1)] += 1
      if length >= 330 { long.append(number) }
      if length > longest { (longest, start) = (length, number) }
    }

    // Arrays are combined element by element, in place; single values are returned.
    try world.allReduce(&classes, .sum)
    let record = try world.allReduce(longest, .maximum)
    let holder = try world.allReduce(longest == record ? start : .max, .minimum)

    // Rank 0 alone gets what each rank has, in rank order; nil elsewhere. Counts may differ by rank.
    if let parts = try world.gather(long) {
      print("the longest chain below \(limit) starts at \(holder) and has \(record) steps")
      print("numbers with 330 steps or more: \(parts.joined().sorted())")
      print("chains by length, 50 steps to a class: \(classes.prefix { $0 > 0 })")
    }
    return 0
  })

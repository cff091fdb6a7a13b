import DTrainDist
import Glibc

/// Cases that end the job; the exit code and the message are checked from outside.
let mismatchCases = [Case(name: "mismatch", body: callDifferently)]

/// `mismatch WHAT RANK`: the rank makes another collective call than the others.
@Sendable private func callDifferently(_ checker: Checker, _ arguments: [String]) throws {
  guard Communicator.checksCollectives else {
    MPIRuntime.writeError(
      "mpi-harness: collective calls are not compared; scripts/test says how to build and run that\n"
    )
    exit(2)
  }
  let world = checker.world
  let isOther = world.rank == Int(arguments[1])
  var numbers = [1, 2, 3]
  var bytes = [1, 2, 3] as [UInt8]
  switch arguments[0] {
  case "function": if isOther { try world.barrier() } else { try world.broadcast(&numbers) }
  case "agreement": if isOther { try world.agree {} } else { try world.barrier() }
  case "bytes": _ = isOther ? try world.allGather(bytes: bytes) : [try world.broadcast(bytes: [])]
  case "operator": try world.allReduce(&numbers, isOther ? .maximum : .sum)
  case "element": if isOther { try world.broadcast(&bytes) } else { try world.broadcast(&numbers) }
  case "root": try world.broadcast(&numbers, from: isOther ? 1 : 0)
  case "gather": _ = try world.gather(numbers, to: isOther ? 1 : 0)
  case "count": _ = try world.allGather(isOther ? [] : numbers)
  default:
    // Two groups, of which the first is in order; the other's ranks count from the back.
    let half = try world.split(color: world.rank % 2, key: -world.rank)!
    try half.broadcast(&numbers, from: isOther ? 1 : 0)
    if world.rank % 2 == 0 { try half.free() }
    try world.barrier()
  }
  checker.expect(false, "\(arguments[0]): rank \(world.rank) went on")
}

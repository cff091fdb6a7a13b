import DTrainCore
import DTrainDist
import Glibc

/// Cases that end the job, as they should; the exit code and the messages are checked from outside.
let failureCases = [
  Case(name: "throw", body: throwOnOneRank),
  Case(name: "throw-agreed", body: throwAgreed),
  Case(name: "throw-unanimous", body: throwUnanimously),
  Case(name: "throw-mpi", body: throwMPIError),
  Case(name: "killed", body: killOneRank),
  Case(name: "exits", body: exitOneRank),
  Case(name: "hangs", body: hangOneRank),
]

/// `throw RANK`: the rank fails with code 7 while the others wait for it.
@Sendable private func throwOnOneRank(_ checker: Checker, _ arguments: [String]) throws {
  try checker.world.barrier()
  try Activity.perform("counting sheep") {
    if checker.world.rank == Int(arguments[0]) {
      throw TrainerError(.inputOutput, "the pasture is full")
    }
  }
  try checker.world.barrier()
}

/// `throw-agreed RANK…`: the ranks fail together, each with code 3.
@Sendable private func throwAgreed(_ checker: Checker, _ arguments: [String]) throws {
  let culprits = arguments.compactMap { Int($0) }
  try Activity.perform("counting sheep") {
    try checker.world.agree {
      if culprits.contains(checker.world.rank) {
        throw TrainerError(.badData, "a wolf on rank \(checker.world.rank)")
      }
    }
  }
}

/// All ranks come to the same failure, with code 5.
@Sendable private func throwUnanimously(_ checker: Checker, _ arguments: [String]) throws {
  throw checker.world.unanimous(TrainerError(.diverged, "no sheep left"))
}

/// An error of the library escapes on rank 0.
@Sendable private func throwMPIError(_ checker: Checker, _ arguments: [String]) throws {
  let world = checker.world
  if world.rank == 1 { try [1, 2, 3].withUnsafeBufferPointer { try world.send($0, to: 0) } }
  var values = [0]
  if world.rank == 0 {
    try values.withUnsafeMutableBufferPointer { try world.receive($0, from: 1) }
  }
  try world.barrier()
}

/// `killed RANK`: the rank dies at once, the others wait for it.
@Sendable private func killOneRank(_ checker: Checker, _ arguments: [String]) throws {
  try checker.world.barrier()
  if checker.world.rank == Int(arguments[0]) { kill(getpid(), SIGKILL) }
  try checker.world.barrier()
  checker.expect(false, "the barrier was passed without rank \(arguments[0])")
}

/// `exits RANK`: the rank leaves without finalising, with code 9; the others wait for it.
@Sendable private func exitOneRank(_ checker: Checker, _ arguments: [String]) throws {
  try checker.world.barrier()
  if checker.world.rank == Int(arguments[0]) { exit(9) }
  try checker.world.barrier()
  checker.expect(false, "the barrier was passed without rank \(arguments[0])")
}

/// `hangs RANK`: the rank sleeps for ten minutes while the others wait for it.
@Sendable private func hangOneRank(_ checker: Checker, _ arguments: [String]) throws {
  if checker.world.rank == Int(arguments[0]) { sleep(600) }
  try checker.world.barrier()
}

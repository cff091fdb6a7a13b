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
  Case(name: "stops", body: stopOneRank),
  Case(name: "works", body: workOnOneRank),
  Case(name: "kills-launcher", body: killLauncher),
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

/// `stops RANK`: after some steps the rank stops, as by ctrl-Z, while the others wait for it.
@Sendable private func stopOneRank(_ checker: Checker, _ arguments: [String]) throws {
  let world = checker.world
  try Activity.perform("counting sheep") {
    for step in 1...5 {
      Progress.begin(step: step)
      try world.barrier()
    }
    if world.rank == Int(arguments[0]) { kill(getpid(), SIGSTOP) }
    try world.barrier()
  }
}

/// `works SECONDS INTERVAL`: rank 0 works that long and says so at intervals, while the others wait for it.
@Sendable private func workOnOneRank(_ checker: Checker, _ arguments: [String]) throws {
  try Activity.perform("counting sheep") {
    let intervals = Int((Double(arguments[0])! / Double(arguments[1])!).rounded())
    for _ in 0..<intervals where checker.world.isRoot {
      usleep(UInt32(Double(arguments[1])! * 1e6))
      Progress.beat()
    }
    try checker.world.barrier()
    checker.expect(true, "")
  }
}

/// `kills-launcher`: rank 0 kills mpirun; no rank makes an MPI call that would notice.
@Sendable private func killLauncher(_ checker: Checker, _ arguments: [String]) throws {
  try checker.world.barrier()
  if checker.world.isRoot { kill(getppid(), SIGKILL) }
  sleep(600)
}

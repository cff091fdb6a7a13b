import DTrainDist
import Glibc

/// Runs one named case on every rank of an `mpirun`; see `Case`. Exit code 0 when no rank saw a failure.
///
/// Usage: mpi-harness CASE [ARGUMENT…], or `mpi-harness list`.
let arguments = Array(CommandLine.arguments.dropFirst())
guard let name = arguments.first, name != "list" else {
  for item in allCases { print(item.name) }
  exit(0)
}
guard let chosen = allCases.first(where: { $0.name == name }) else {
  MPIRuntime.writeError("mpi-harness: no case named \(name)\n")
  exit(2)
}
// Short limits, so that the cases that stall do not last.
let limits =
  ["stops", "works"].contains(name) ? StallLimits(warning: 1, timeout: 3) : StallLimits()
exit(
  MPIRuntime.run(program: "mpi-harness", limits: limits) { world in
    let checker = Checker(world: world)
    try chosen.body(checker, Array(arguments.dropFirst()))
    return try checker.report(name)
  })

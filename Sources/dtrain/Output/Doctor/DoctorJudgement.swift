import DTrainCore

/// From facts to findings: which of them help and which hurt.
enum DoctorJudgement {
  /// All findings, in the order in which they are shown.
  ///
  /// - Parameter kernels: the family of matrix kernels that the user asked for; nil for none.
  static func findings(_ facts: MachineFacts, kernels: String?) -> [DoctorFinding] {
    let all = facts.ranks
    return [library(facts.library, nodeSizes: facts.nodeSizes, isLaunched: facts.isLaunched)]
      + processors(all) + [matrixKernels(all, asked: kernels)] + sharedMemory(facts.sharedMemory)
      + memory(all) + network(all) + load(all) + [speed(all)]
      + (facts.allReduceSeconds.map { [allReduce(seconds: $0)] } ?? [])
  }

  /// The MPI library and how many ranks it connects.
  static func library(_ version: String, nodeSizes: [Int], isLaunched: Bool) -> DoctorFinding {
    // The first item is the version, the rest tells who built it.
    let name = version.split { $0 == "," || $0 == "\n" }.first.map(String.init) ?? version
    let ranks = nodeSizes.reduce(0, +)
    guard isLaunched else {
      return DoctorFinding(
        .ok, "MPI", "\(name.printable); one rank, started without mpirun")
    }
    let nodes =
      nodeSizes.count == 1
      ? "one node"
      : "\(nodeSizes.count) nodes (\(nodeSizes.map(String.init).joined(separator: "+")))"
    return DoctorFinding(
      .ok, "MPI", "\(name.printable); \(TrainingText.count(ranks, "rank")) on \(nodes)")
  }

  /// OpenBLAS's threads and kernels, which must be the same everywhere.
  static func matrixKernels(_ all: [RankFacts], asked: String?) -> DoctorFinding {
    let subject = "matrix kernels"
    if let rank = all.first(where: { $0.blasThreads != 1 }) {
      return DoctorFinding(
        .problem, subject, "OpenBLAS runs \(rank.blasThreads) threads in rank \(rank.rank)",
        advice: "export OPENBLAS_NUM_THREADS=1 to all ranks (mpirun -x OPENBLAS_NUM_THREADS=1)")
    }
    if let other = all.first(where: { $0.kernelClass != all[0].kernelClass }) {
      return DoctorFinding(
        .problem, subject,
        "rank 0 has \(all[0].kernelClass) and rank \(other.rank) on \(other.host) "
          + "\(other.kernelClass): results would depend on the placement",
        advice: "give every rank the same, for example --blas-kernels haswell")
    }
    if let asked, all[0].kernelClass.lowercased() != asked {
      return DoctorFinding(
        .problem, subject, "\(asked) was asked for, OpenBLAS took \(all[0].kernelClass)",
        advice: "install an OpenBLAS built for several processors (Debian: libopenblas0-pthread)")
    }
    if let other = all.first(where: { $0.instructionSet != all[0].instructionSet }) {
      return DoctorFinding(
        .warning, subject,
        "vector kernels differ: \(all[0].instructionSet) and, in rank \(other.rank), "
          + other.instructionSet, advice: "unset DTRAIN_ISA, or export it to all ranks")
    }
    return DoctorFinding(
      .ok, subject,
      "OpenBLAS \(all[0].kernelClass), one thread a rank; vector kernels \(all[0].instructionSet)")
  }

  private static func sharedMemory(_ memory: MachineFacts.SharedMemory) -> [DoctorFinding] {
    switch memory {
    case .unneeded: []
    case .available:
      [DoctorFinding(.ok, "shared memory", "the ranks of a node see each other's memory")]
    case .unavailable(let reason):
      [
        DoctorFinding(
          .warning, "shared memory", "unavailable: \(reason)",
          advice: "runs give the same result without it but are slower; "
            + "start the ranks of a node in one container, and unset DTRAIN_NO_SHARED_MEMORY")
      ]
    }
  }

  /// The speed of the ranks beside each other.
  static func speed(_ all: [RankFacts]) -> DoctorFinding {
    let speeds = all.map(\.gigaflops)
    let least = speeds.min() ?? 0
    let greatest = speeds.max() ?? 0
    let detail =
      all.count == 1
      ? "\(NumberFormat.fixed(greatest, 0)) GFLOP/s"
      : "\(NumberFormat.fixed(least, 0)) to \(NumberFormat.fixed(greatest, 0)) GFLOP/s a rank, all computing at once"
    guard least < 0.75 * greatest, let slow = all.first(where: { $0.gigaflops == least }) else {
      return DoctorFinding(.ok, "matrix products", detail)
    }
    return DoctorFinding(
      .warning, "matrix products",
      "\(detail); rank \(slow.rank) on \(slow.host) is the slowest, and all wait for it",
      advice: "see what else runs on its core, or leave that machine out")
  }

  /// The time of an all-reduce of a small network's gradient.
  static func allReduce(seconds: Double) -> DoctorFinding {
    let detail = "636 KB in \(NumberFormat.fixed(seconds * 1e6, 0)) microseconds"
    // A step of the network that this is the gradient of takes one or two milliseconds.
    guard seconds > 0.01 else { return DoctorFinding(.ok, "all-reduce by MPI", detail) }
    return DoctorFinding(
      .warning, "all-reduce by MPI", "\(detail), longer than the computation of a step",
      advice: "use at most one rank a core, larger batches, or a faster network")
  }

  /// Who keeps the processors busy besides.
  static func load(_ all: [RankFacts]) -> [DoctorFinding] {
    nodes(all).map { ranks in
      let host = ranks[0].host
      let busy = ranks[0].load
      let cores = ranks[0].machineCores
      let detail =
        "\(NumberFormat.fixed(busy, 1)) of \(TrainingText.count(cores, "core")) busy on \(host) in the last minute"
      guard busy + Double(ranks.count) > Double(cores) + 0.7, busy > 0.7 else {
        return DoctorFinding(.ok, "other load", detail)
      }
      return DoctorFinding(
        .warning, "other load", detail,
        advice: "wait for the other work (top shows it), or start fewer ranks")
    }
  }

  /// The ranks by node, both in order.
  static func nodes(_ all: [RankFacts]) -> [[RankFacts]] {
    Set(all.map(\.node)).sorted().map { node in all.filter { $0.node == node } }
  }

  /// `3, 4 and 5`.
  static func list(_ numbers: [Int]) -> String {
    guard let last = numbers.last, numbers.count > 1 else {
      return numbers.map(String.init).joined()
    }
    return numbers.dropLast().map(String.init).joined(separator: ", ") + " and \(last)"
  }
}

/// Looks for what makes a run slow or impossible here.
public enum Doctor {
  /// Examines all ranks and their nodes; collective, with the same findings on every rank.
  ///
  /// - Parameter kernels: the family of matrix kernels that the process asked for; nil for none.
  /// - Throws: `MPIError`, or what a failing rank throws.
  /// - Complexity: about half a second of matrix products, and some twenty all-reduces of 636 KB.
  public static func examine(_ world: Communicator, kernels: String?) throws -> [DoctorFinding] {
    try Activity.perform("examining the machine") {
      let topology = try NodeTopology(of: world)
      var own = RankFacts.gather(rank: world.rank, node: topology.nodeIndex)
      own.gigaflops = try SpeedProbe.matrixProducts(world)
      let all = try world.allGather(bytes: Array(own.json.compact.utf8)).compactMap { bytes in
        (try? JSON(parsing: bytes)).flatMap { RankFacts($0) }
      }
      let library = try world.broadcast(MPIRuntime.libraryVersion())
      var findings = [
        DoctorJudgement.library(
          library, nodeSizes: topology.nodeSizes, isLaunched: Launcher.isPresent)
      ]
      findings += DoctorJudgement.processors(all)
      findings.append(DoctorJudgement.matrixKernels(all, asked: kernels))
      findings += try sharedMemory(topology)
      findings += DoctorJudgement.memory(all)
      findings += DoctorJudgement.network(all)
      findings += DoctorJudgement.load(all)
      findings.append(DoctorJudgement.speed(all))
      if world.size > 1 {
        findings.append(DoctorJudgement.allReduce(seconds: try SpeedProbe.allReduce(world)))
      }
      return findings
    }
  }

  private static func sharedMemory(_ topology: NodeTopology) throws -> [DoctorFinding] {
    let most = topology.nodeSizes.max() ?? 1
    guard most > 1 else { return [] }
    let bytes = 1 << 20
    let part = bytes / topology.node.size
    let first = topology.node.rank * part
    switch try SharedBuffer.allocate(byteCount: bytes, owned: first..<first + part, on: topology) {
    case .buffer:
      return [DoctorFinding(.ok, "shared memory", "the ranks of a node see each other's memory")]
    case .unavailable(let reason):
      return [
        DoctorFinding(
          .warning, "shared memory", "not to be had: \(reason)",
          advice: "runs give the same result without it but are slower; "
            + "start the ranks of a node in one container, and unset DTRAIN_NO_SHARED_MEMORY")
      ]
    }
  }
}

import Glibc

/// A node with more ranks than cores for them: they wait for each other in every step.
package enum CrowdedNode {
  /// What to know of the first such node; nil where there is none, or where ranks yield when they are idle, as one asks
  /// Open MPI to where that is meant; collective.
  package static func advice(on topology: NodeTopology) throws -> RunAdvice? {
    // Bound ranks have cores of their own: only together they show what the node has.
    let own = SystemFiles.list(
      SystemFiles.line("Cpus_allowed_list", in: "/proc/self/status") ?? "0")
    var usable = [UInt8](repeating: 0, count: 1 << 13)
    for processor in own where processor < usable.count { usable[processor] = 1 }
    try topology.node.allReduce(&usable, .maximum)
    let (ranks, cores) = (topology.node.size, usable.count { $0 == 1 })
    let lacking = try topology.world.allGather(ranks - cores)
    guard let first = lacking.firstIndex(where: { $0 > 0 }),
      getenv("OMPI_MCA_mpi_yield_when_idle").map({ String(cString: $0) }) != "1"
    else { return nil }
    let all = try topology.world.allGather([ranks, cores])
    return .crowded(ranks: all[2 * first], cores: all[2 * first + 1])
  }
}

import Glibc

/// A node's ranks beside its cores: where a rank has no core for itself, all others wait for it in every step.
package struct CrowdedNode {
  private let topology: NodeTopology
  /// The cores that the node's ranks may use.
  private let cores: Int
  /// Whether ranks yield when they are idle, as one asks Open MPI to where they are meant to share cores.
  private let isMeant: Bool
  /// The beginning, and until then the seconds in which this rank could have run and had no core.
  private let began: Double, waited: Double

  /// The seconds over which waiting is judged, at least, and the part of them that is too much.
  private static let (shortest, mostWaiting) = (0.5, 0.15)

  /// Looks at the node; collective.
  package init(_ topology: NodeTopology) throws {
    self.topology = topology
    // Bound ranks have cores of their own: only together they show what the node has.
    var usable = [UInt8](repeating: 0, count: 1 << 13)
    let own = SystemFiles.list(
      SystemFiles.line("Cpus_allowed_list", in: "/proc/self/status") ?? "0")
    for processor in own where processor < usable.count { usable[processor] = 1 }
    try topology.node.allReduce(&usable, .maximum)
    cores = usable.count { $0 == 1 }
    isMeant = getenv("OMPI_MCA_mpi_yield_when_idle").map { String(cString: $0) } == "1"
    began = MonotonicClock.seconds
    waited = Self.secondsWaiting
  }

  /// What to know of the first node with more ranks than cores; nil where there is none; collective.
  package func advice() throws -> RunAdvice? {
    try first(where: topology.node.size > cores).map {
      .crowded(ranks: Int($0[0]), cores: Int($0[1]))
    }
  }

  /// What to know of the first node with as many cores as ranks, of which other programs have kept some busy since the
  /// beginning; nil where there is none; collective.
  package func adviceOnOthers() throws -> RunAdvice? {
    let seconds = MonotonicClock.seconds - began
    let waiting = (Self.secondsWaiting - waited) / max(seconds, Self.shortest)
    let isWaiting = waiting > Self.mostWaiting && topology.node.size <= cores
    return try first(where: isWaiting, waiting).map {
      .busyNode(ranks: Int($0[0]), cores: Int($0[1]), waiting: $0[2])
    }
  }

  /// Of the first rank of which something holds, the ranks and cores of its node, and a figure; collective.
  private func first(where holds: Bool, _ figure: Double = 0) throws -> [Double]? {
    let all = try topology.world.allGather([
      Double(topology.node.size), Double(cores), figure, holds && !isMeant ? 1 : 0,
    ])
    return stride(from: 0, to: all.count, by: 4).first { all[$0 + 3] == 1 }.map {
      Array(all[$0..<$0 + 3])
    }
  }

  /// The seconds in which this thread could have run and had no core; 0 where the system does not say.
  private static var secondsWaiting: Double {
    let fields = SystemFiles.text("/proc/self/schedstat")?.split(separator: " ") ?? []
    return fields.count > 1 ? (Double(fields[1]) ?? 0) / 1e9 : 0
  }
}

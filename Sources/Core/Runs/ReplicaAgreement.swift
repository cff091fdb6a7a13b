/// Compares what every rank or node should hold alike: memory that goes bad must not end in a result.
package enum ReplicaAgreement {
  /// Throws where some rank's copy differs; collective over the topology's world.
  ///
  /// - Parameters:
  ///   - copy: this rank's, or its node's, bytes.
  ///   - what: what they are, such as `parameters`, and when they were compared.
  /// - Throws: `TrainerError(.replicasDiffer)` on all ranks; it names the ranks of the minority, where most
  ///   nodes agree, else all with the beginnings of their hashes.
  /// - Complexity: O(bytes).
  package static func check(
    _ copy: UnsafeRawBufferPointer, what: @autoclosure () -> String, on topology: NodeTopology
  ) throws {
    let world = topology.world
    var hash = SHA256()
    hash.update(copy)
    let digests = try world.allGather(hash.digest())
    let all = stride(from: 0, to: digests.count, by: 32).map { Array(digests[$0..<$0 + 32]) }
    let votes = Dictionary(grouping: all.indices) { all[$0] }
    guard votes.count > 1 else { return }
    let hosts = try world.allGather(bytes: Array(MPIRuntime.hostName().utf8))
    let majority = majority(of: votes.values.map { $0 }, on: topology)
    let suspects = all.indices.filter { !majority.contains($0) }.map { rank in
      let digest = all[rank].prefix(4).map { String(256 + Int($0), radix: 16).dropFirst() }.joined()
      return "rank \(rank) on \(String(decoding: hosts[rank], as: UTF8.self)) (\(digest))"
    }
    throw world.failure(
      .replicasDiffer,
      "the copies of the \(what()) differ: \(suspects.joined(separator: ", ")) "
        + "\(majority.isEmpty ? "disagree" : "against the others"); check the memory of these machines"
    )
  }

  /// The ranks of the group on more than half of the nodes; empty without such a group. A majority of nodes,
  /// not of ranks, names the others.
  private static func majority(of groups: [[Int]], on topology: NodeTopology) -> [Int] {
    let large = groups.filter { ranks in
      Set(ranks.map { topology.nodeIndex(of: $0) }).count * 2 > topology.nodeCount
    }
    return large.count == 1 ? large[0] : []
  }
}

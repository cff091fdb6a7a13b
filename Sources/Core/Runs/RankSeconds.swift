/// How long one rank took for the steps or iterations of this process, and what it did in them.
package struct RankSeconds: Equatable, Sendable {
  /// Seconds of all steps or iterations.
  package let train: Double
  /// Of these, seconds of waiting for ranks of the node.
  package let waiting: Double
  /// Of these, seconds in calls of MPI: messages, and waiting for those of others.
  package let messages: Double

  package init(train: Double, waiting: Double, messages: Double) {
    (self.train, self.waiting, self.messages) = (train, waiting, messages)
  }

  /// What each rank computed, waited and communicated, as members of a summary: lists by rank, which add up to each
  /// rank's seconds of training; collective.
  func members(among world: Communicator) throws(MPIError) -> [JSON.Member] {
    Self.split(try world.allGather([train, waiting, messages]))
  }

  /// The members for ranks of which each has three numbers: all, waiting, messages.
  ///
  /// A call of MPI does not tell how long it waited for other ranks. The messages themselves cannot take longer than the
  /// calls of the rank that spent the least time in them: what other ranks spent beyond that is waiting.
  static func split(_ seconds: [Double]) -> [JSON.Member] {
    let ranks = stride(from: 0, to: seconds.count, by: 3).map {
      RankSeconds(train: seconds[$0], waiting: seconds[$0 + 1], messages: seconds[$0 + 2])
    }
    let shortest = ranks.map(\.messages).filter { $0 > 0 }.min() ?? 0
    func list(_ name: String, _ value: (RankSeconds) -> Double) -> JSON.Member {
      .init("seconds_\(name)_per_rank", .array(ranks.map { .number(max(0, value($0))) }))
    }
    return [
      list("computing") { $0.train - $0.waiting - $0.messages },
      list("waiting") { $0.waiting + $0.messages - min($0.messages, shortest) },
      list("communicating") { min($0.messages, shortest) },
    ]
  }
}

/// What ranks raise while a run advances, for all of them to know.
package struct RankSignals: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A loss is not finite.
  package static let notFinite = RankSignals(rawValue: 1)
  /// A signal asks for the end of the run.
  package static let stop = RankSignals(rawValue: 2)
  /// The time for a checkpoint has come.
  package static let save = RankSignals(rawValue: 4)
  /// Rank 0 could not write what it has to report.
  package static let broken = RankSignals(rawValue: 8)

  /// The signals one by one, in the order of ``init(counts:)``.
  private static let all: [RankSignals] = [.notFinite, .stop, .save, .broken]
  /// How many there are.
  package static var kinds: Int { all.count }

  /// 1 for each signal that is raised, else 0: numbers that ranks can add up.
  package var counts: [Int] { Self.all.map { contains($0) ? 1 : 0 } }

  /// The signals that any rank raised, from the sums of all ranks' ``counts``.
  package init(counts: some Sequence<Int>) {
    self = zip(Self.all, counts).reduce(into: []) { if $1.1 > 0 { $0.formUnion($1.0) } }
  }
}

/// A point at which a run may be saved or stopped: behind a step or an iteration.
package struct Milestone {
  /// What any rank raised on the way.
  package let signals: RankSignals
  /// The number of the round (epoch or iteration) that is complete; nil within one.
  package let round: Int?
  /// Whether the run ends here, unless it is prolonged.
  package let isEnd: Bool

  package init(_ signals: RankSignals, round: Int?, isEnd: Bool) {
    self.signals = signals
    self.round = round
    self.isEnd = isEnd
  }
}

/// What a run runs: the training of a network, or a clustering. All ranks call its functions together.
package protocol Method: AnyObject {
  /// What it counts.
  var unit: RunUnit { get }
  /// What it does, in a word or two for messages: `training`.
  var activity: String { get }
  /// How many of these are done since the run began.
  var position: Int { get }
  /// The epochs or iterations of which the metrics tell.
  var recordedRounds: Int { get }
  /// Whether steps or iterations are left to do.
  var hasMore: Bool { get }
  /// How far it came, in words that can be said to people.
  var place: RunPlace { get }

  /// Begins a new run.
  func begin() throws
  /// Goes on from a checkpoint.
  ///
  /// - Throws: `TrainerError(.noCheckpoint)` where it is of another run, `TrainerError(.usage)` where it has gone
  ///   further than the run shall; agreed by all ranks.
  func restore(_ point: ResumePoint) throws
  /// Tells whoever watches that the first step or iteration is about to begin.
  func started(resumedFrom: String?)
  /// Goes on to the next milestone.
  ///
  /// - Parameter own: what this rank raises.
  /// - Returns: nil where nothing is left to do.
  func advance(_ own: RankSignals) throws -> Milestone?

  /// What a checkpoint records besides the tensors.
  var state: [JSON.Member] { get }
  /// The tensors of a checkpoint, once they have been found worth saving.
  func tensors() throws -> [TensorView]
  /// Writes the result; what the summary says of it.
  func conclude() throws -> Conclusion
}

/// What a method leaves at its end.
package struct Conclusion {
  /// Members of `summary.json`.
  package let members: [JSON.Member]
  /// The rows of each rank.
  package let rowsPerRank: [Int]
  /// What this rank's time went to.
  package let seconds: RankSeconds
  /// Why it ended.
  package let stopped: StopReason
  /// The SHA-256 of the model's file; rank 0's.
  package let modelHash: String

  package init(
    _ members: [JSON.Member], rowsPerRank: [Int], seconds: RankSeconds, stopped: StopReason,
    modelHash: String
  ) {
    self.members = members
    self.rowsPerRank = rowsPerRank
    self.seconds = seconds
    self.stopped = stopped
    self.modelHash = modelHash
  }
}

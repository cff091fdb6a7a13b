/// A request to stop that all ranks have learned of.
package struct StopNotice {
  /// The signal, and the lowest rank that received one.
  package let signal: String
  package let rank: Int

  /// Finds out who was asked, after ranks agreed that some was; collective.
  package init(among world: Communicator) throws(MPIError) {
    let signals = try world.allGather(StopRequest.signal ?? 0)
    rank = signals.firstIndex { $0 != 0 } ?? 0
    signal = StopRequest.name(of: signals[rank])
  }

  /// What a rank knows by itself.
  package init(signal: Int32, rank: Int) {
    self.rank = rank
    self.signal = StopRequest.name(of: signal)
  }

  /// Notes in the `stopped.json` of some directories that the run was asked to stop, before the checkpoint for it is
  /// saved: should the launcher kill the ranks first, whoever restarts the run knows.
  ///
  /// A failure to write it must not keep the checkpoint from being saved; one that lasts is met again by `record`.
  func announce(in paths: [String]) {
    for path in paths {
      try? RunDirectory.writeStop(note(place: .null, checkpoint: .null), in: path)
    }
  }

  private func note(place: JSON, checkpoint: JSON) -> JSON {
    [
      "reason": "request", "signal": .string(signal), "rank": .integer(rank), "place": place,
      "checkpoint": checkpoint,
    ]
  }

  /// Writes `stopped.json`; where the run stands and how it goes on.
  ///
  /// - Parameter run: the directory by which the run is continued, if it is another one.
  func record(
    in directory: RunDirectory, command: String, checkpoint: String, place: RunPlace,
    run: String?
  ) throws(TrainerError) -> RunEnd.Stop {
    try directory.writeStop(note(place: place.json, checkpoint: .string(checkpoint)))
    return stop(
      at: place, command: command, checkpoint: "\(directory.path)/checkpoints/\(checkpoint)",
      directory: run ?? directory.path)
  }

  /// The stop as a run tells of it.
  func stop(
    at place: RunPlace, command: String, checkpoint: String = "", directory: String = ""
  ) -> RunEnd.Stop {
    RunEnd.Stop(
      signal: signal, rank: rank, place: place, checkpoint: checkpoint, command: command,
      directory: directory)
  }
}

extension RunPlace {
  /// As `stopped.json` has it: `{"step": 12, "epoch": 1}`.
  fileprivate var json: JSON {
    let count = JSON.Member(unit.rawValue, .integer(self.count))
    return .object([count] + (cycle.map { [.init(unit.cycle, .integer($0))] } ?? []))
  }
}

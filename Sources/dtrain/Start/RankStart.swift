import DTrainCore

extension MachineOptions {
  /// Starts MPI and runs a command's body on all ranks, once they have found that they were given the same
  /// arguments; returns the exit code.
  ///
  /// - Parameter limits: nil for those of the options.
  func runRanks(
    limits: StallLimits? = nil, _ body: (Communicator) throws -> Int32
  ) -> Int32 {
    MPIRuntime.run(
      program: "dtrain", limits: limits ?? stall.limits,
      advice: StallAdvice(
        longWork: "give --stall-timeout a larger value", networkCheck: "dtrain doctor"),
      wording: Spelling.words
    ) { world in
      try RankArguments.check(Array(String.arguments.dropFirst()), among: world)
      return try body(world)
    }
  }
}

/// The arguments of the ranks, which a launcher can start with different ones (`mpirun … : …`).
enum RankArguments {
  /// Refuses ranks that were given other arguments than rank 0: with another batch or another command they
  /// would wait for each other for ever. Collective.
  ///
  /// - Throws: `TrainerError(.usage)`, agreed by all ranks.
  static func check(_ own: [String], among world: Communicator) throws {
    let text = own.joined(separator: "\0")
    let first = try world.broadcast(text)
    try world.agree {
      if first.utf8.elementsEqual(text.utf8) { return }
      let others = first.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
      let place = zip(own, others).prefix { $0 == $1 }.count
      throw TrainerError(
        .usage,
        "this rank was started with other arguments than rank 0: \(words(own, from: place)) instead of "
          + "\(words(others, from: place)); start all ranks with the same")
    }
  }

  /// The first arguments that differ.
  private static func words(_ arguments: [String], from place: Int) -> String {
    let rest = arguments.dropFirst(place)
    if rest.isEmpty { return "nothing more" }
    return "'\(rest.prefix(2).joined(separator: " "))\(rest.count > 2 ? " …" : "")'"
  }
}

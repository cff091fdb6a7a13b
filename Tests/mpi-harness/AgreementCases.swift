import DTrainCore
import DTrainDist

let agreementCases = [
  Case(name: "agreement", body: agreementsAreUnanimous),
  Case(name: "replicas", body: differingReplicasAreNamed),
]

@Sendable private func agreementsAreUnanimous(_ checker: Checker, _ arguments: [String]) throws {
  let world = checker.world
  checker.expect(
    try world.agree { world.rank * 3 } == world.rank * 3, "a success changed its value")
  for culprit in 0..<world.size {
    try expectFailure(checker, reporter: culprit, code: 3, "rank \(culprit) fails") {
      try world.agree {
        if world.rank == culprit { throw TrainerError(.badData, "wrong on \(culprit)") }
      }
    }
    // All ranks from the culprit on fail, each with a code of its own: the lowest reports.
    try expectFailure(checker, reporter: culprit, code: 7, "ranks from \(culprit) fail") {
      try world.agree {
        if world.rank == culprit { throw TrainerError(.inputOutput, "wrong on \(culprit)") }
        if world.rank > culprit { throw TrainerError(.diverged, "wrong on \(world.rank)") }
      }
    }
    // A failure that all know of already passes through without a second vote.
    try expectFailure(checker, reporter: culprit, code: 3, "an agreed failure inside") {
      try world.agree {
        _ = try world.agree {
          if world.rank == culprit { throw TrainerError(.badData, "wrong on \(culprit)") }
        }
      }
    }
    try expectFailure(checker, reporter: culprit, code: 1, "an error without a code") {
      try world.agree { if world.rank == culprit { throw CancellationError() } }
    }
    // The group works on after an agreed failure.
    checker.expect(try world.allReduce(1, .sum) == world.size, "a sum after rank \(culprit) failed")
  }
  let bytes = try world.fromRoot { [1, 2, 3, UInt8(world.size)] }
  checker.expect(bytes == [1, 2, 3, UInt8(world.size)], "fromRoot gave \(bytes)")
  checker.expect(try world.fromRoot { [] } == [], "fromRoot of nothing")
  try expectFailure(checker, reporter: 0, code: 5, "fromRoot fails") {
    _ = try world.fromRoot { throw TrainerError(.diverged, "wrong on 0") }
  }
  try expectFailure(checker, reporter: 0, code: 2, "unanimous") {
    throw world.unanimous(TrainerError(.usage, "wrong on 0"))
  }
}

/// One node's copy goes bad: every rank learns of it, and where most nodes agree the bad one is named.
@Sendable private func differingReplicasAreNamed(_ checker: Checker, _ arguments: [String]) throws {
  let world = checker.world
  for pattern in [[0, 1], [0, 1, 2], [0, 0, 1, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7]] {
    let topology = try NodeTopology(of: world, pretending: pattern)
    var copy = (0..<100).map { Float($0) }
    func check() throws {
      try copy.withUnsafeBytes {
        try ReplicaAgreement.check($0, what: "parameters after step 9", on: topology)
      }
    }
    try check()
    for culprit in 0..<topology.nodeCount where topology.nodeCount > 1 {
      if topology.nodeIndex == culprit { copy[57].negate() }
      let bad = (0..<world.size).filter { topology.nodeIndex(of: $0) == culprit }
      let isNamed = topology.nodeCount > 2
      let suspects = isNamed ? bad : Array(0..<world.size)
      let label = "node \(culprit) of \(topology.nodeSizes)"
      do {
        try check()
        checker.expect(false, "\(label): nothing was thrown")
      } catch let failure as AgreedFailure {
        checker.expect(failure.exitCode == 6, "\(label): exit code \(failure.exitCode)")
        if let own = failure.own as? TrainerError {
          checker.expect(own.message.contains("parameters after step 9"), own.message)
          checker.expect(own.message.contains("against the others") == isNamed, own.message)
          for rank in 0..<world.size {
            let isSuspect = own.message.contains("rank \(rank) on")
            checker.expect(isSuspect == suspects.contains(rank), "\(label): \(own.message)")
          }
        }
      }
      if topology.nodeIndex == culprit { copy[57].negate() }
    }
  }
}

/// Expects `body` to throw an agreed failure that only `reporter` carries.
private func expectFailure(
  _ checker: Checker, reporter: Int, code: Int32, _ label: String, _ body: () throws -> Void
) throws {
  do {
    try body()
    checker.expect(false, "\(label): nothing was thrown")
  } catch let failure as AgreedFailure {
    checker.expect(failure.exitCode == code, "\(label): exit code \(failure.exitCode)")
    checker.expect(
      (failure.own != nil) == (checker.world.rank == reporter),
      "\(label): \(failure.own == nil ? "silent" : "reports")")
    if let own = failure.own as? TrainerError {
      checker.expect(own.message == "wrong on \(reporter)", "\(label): \(own.message)")
    }
  } catch {
    checker.expect(false, "\(label): \(error)")
  }
}

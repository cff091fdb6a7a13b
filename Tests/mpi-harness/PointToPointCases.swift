import DTrainDist

let pointToPointCases = [
  Case(name: "messages", body: messagesArriveWhole),
  Case(name: "too-long", body: tooLongMessageIsAnError),
]

/// Every ordered pair of ranks sends, then every pair exchanges buffers of two lengths.
@Sendable private func messagesArriveWhole(_ checker: Checker, _ arguments: [String]) throws {
  let usual = Communicator.elementsPerCall
  defer { Communicator.elementsPerCall = usual }
  for limit in [usual, 5, 64] {
    Communicator.elementsPerCall = limit
    for count in [0, 1, 2, 63, 64, 65, 10_007] {
      try sendAlongEveryPair(checker, count: count)
      try exchangeAlongEveryPair(checker, count: count)
    }
  }
  if checker.world.size == 1 {
    // Nobody to talk to: the group of one must have made that known.
    checker.expect(checker.world.rank == 0 && checker.world.isRoot, "rank of the only rank")
  }
}

private func element(_ from: Int, _ to: Int, _ index: Int) -> Int32 {
  Int32(truncatingIfNeeded: (from * 64 + to) &* 1_000_003 &+ index &* 7919)
}

private func sendAlongEveryPair(_ checker: Checker, count: Int) throws {
  let world = checker.world
  for from in 0..<world.size {
    for to in 0..<world.size where to != from {
      if world.rank == from {
        let values = (0..<count).map { element(from, to, $0) }
        try values.withUnsafeBufferPointer {
          try world.send($0, to: to, tag: MessageTag(rawValue: 100 + Int32(to)))
        }
      } else if world.rank == to {
        var values = [Int32](repeating: -1, count: count)
        try values.withUnsafeMutableBufferPointer {
          try world.receive($0, from: from, tag: MessageTag(rawValue: 100 + Int32(to)))
        }
        checker.expect(
          values == (0..<count).map { element(from, to, $0) }, "\(count) from \(from) to \(to)")
      }
    }
  }
}

private func exchangeAlongEveryPair(_ checker: Checker, count: Int) throws {
  let world = checker.world
  for low in 0..<world.size {
    for high in low + 1..<max(low + 1, world.size) where world.rank == low || world.rank == high {
      let partner = world.rank == low ? high : low
      // The higher rank sends three elements less, or nothing.
      func length(_ rank: Int) -> Int { rank == low ? count : max(0, count - 3) }
      let outgoing = (0..<length(world.rank)).map { element(world.rank, partner, $0) }
      var incoming = [Int32](repeating: -1, count: length(partner))
      try outgoing.withUnsafeBufferPointer { outgoing in
        try incoming.withUnsafeMutableBufferPointer { incoming in
          try world.exchange(sending: outgoing, receiving: incoming, with: partner)
        }
      }
      checker.expect(
        incoming == (0..<length(partner)).map { element(partner, world.rank, $0) },
        "exchange of \(count) between \(low) and \(high)")
    }
  }
}

/// A receive into a buffer that is too short fails with the library's words for it.
@Sendable private func tooLongMessageIsAnError(_ checker: Checker, _ arguments: [String]) throws {
  let world = checker.world
  for sender in 0..<world.size {
    let receiver = (sender + 1) % world.size
    if world.rank == sender {
      try [1, 2, 3, 4].withUnsafeBufferPointer { try world.send($0, to: receiver) }
      continue
    }
    guard world.rank == receiver else { continue }
    var values = [0, 0, 0]
    do {
      try values.withUnsafeMutableBufferPointer { try world.receive($0, from: sender) }
      checker.expect(false, "four elements were received into three: \(values)")
    } catch let error as MPIError {
      checker.expect(error.operation == "MPI_Recv", "the operation is \(error.operation)")
      checker.expect(error.message.contains("MPI_ERR_TRUNCATE"), "the message is \(error.message)")
      checker.expect(error.code != 0, "the code is 0")
      checker.expect("\(error)".hasPrefix("MPI_Recv failed: MPI_ERR_TRUNCATE"), "\(error)")
      checker.expect("\(error)".hasSuffix("(code \(error.code))"), "\(error)")
    }
  }
}

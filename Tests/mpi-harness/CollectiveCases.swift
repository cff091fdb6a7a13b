import DTrainDist

let collectiveCases = [
  Case(name: "reduce", body: reductionsMatchLoops),
  Case(name: "broadcast", body: broadcastsFromEveryRoot),
  Case(name: "gather", body: gathersToEveryRoot),
]

/// The groups that every collective is tried in: all ranks, every other rank in reverse order, one node.
func withEveryGroup(
  _ checker: Checker, _ body: (_ name: String, _ group: Communicator) throws -> Void
) throws {
  let world = checker.world
  try body("world", world)
  let half = try world.split(color: world.rank % 2, key: -world.rank)!
  checker.expect(half.size == (world.size + 1 - world.rank % 2) / 2, "split: size \(half.size)")
  checker.expect(
    half.rank == half.size - 1 - world.rank / 2, "split: keys do not order, rank \(half.rank)")
  try body("split", half)
  try half.free()
  let outside = try world.split(color: world.rank == 0 ? nil : 0, key: 0)
  checker.expect(
    world.size == 1 || (outside == nil) == (world.rank == 0), "split: nil color joined a group")
  if world.rank > 0 { try outside?.free() }
  let node = try world.splitByNode()
  checker.expect(node.size == world.size && node.rank == world.rank, "one machine is one node")
  try body("node", node)
  if world.size > 1 { try node.free() }
}

/// Counts around the number of ranks, a prime and a large one.
private func counts(_ size: Int, large: Int) -> [Int] {
  [0, 1, 2, max(0, size - 1), size, size + 1, min(97, large), large]
}

/// Calls `body` with the limit of an MPI call as it is, and so low that messages are cut.
private func withEveryPieceLength(_ body: (_ elementsPerCall: Int) throws -> Void) throws {
  let usual = Communicator.elementsPerCall
  defer { Communicator.elementsPerCall = usual }
  for length in [usual, 96, 7] {
    Communicator.elementsPerCall = length
    try body(length)
  }
}

/// A number from 0 to 15 that depends on rank and element: sums of eight ranks fit every type.
private func number(_ rank: Int, _ element: Int) -> Int { (rank &* 5 &+ element &* 3) % 16 }

private typealias Number = MPIScalar & Numeric & Comparable

private func checkReduction<T: MPIScalar & Equatable>(
  _ checker: Checker, _ group: Communicator, _ label: String, count: Int, _ op: ReduceOp<T>,
  value: (Int, Int) -> T, combine: (T, T) -> T
) throws {
  var values = (0..<count).map { value(group.rank, $0) }
  try group.allReduce(&values, op)
  let expected = (0..<count).map { element in
    (1..<group.size).reduce(value(0, element)) { combine($0, value($1, element)) }
  }
  checker.expect(values == expected, "\(label): \(T.self) wrong")
  if count == 1 {
    let single = try group.allReduce(value(group.rank, 0), op)
    checker.expect(single == expected[0], "\(label): \(T.self) as one value wrong")
  }
}

private func checkNumbers<T: Number>(
  _ type: T.Type, _ checker: Checker, _ group: Communicator, _ name: String, counts: [Int],
  from: (Int) -> T
) throws {
  withoutActuallyEscaping(from) { from in
    for count in counts {
      let label = "\(name) of \(group.size), count \(count)"
      do {
        func plain(_ rank: Int, _ element: Int) -> T { from(number(rank, element)) }
        func factor(_ rank: Int, _ element: Int) -> T { from(element % group.size == rank ? 3 : 1) }
        try checkReduction(
          checker, group, "sum, \(label)", count: count, .sum, value: plain, combine: +)
        try checkReduction(
          checker, group, "product, \(label)", count: count, .product, value: factor, combine: *)
        try checkReduction(
          checker, group, "minimum, \(label)", count: count, .minimum, value: plain, combine: min)
        try checkReduction(
          checker, group, "maximum, \(label)", count: count, .maximum, value: plain, combine: max)
      } catch {
        checker.expect(false, "\(label): \(error)")
      }
    }
  }
}

private func checkIntegers<T: MPIScalar & FixedWidthInteger>(
  _ type: T.Type, _ checker: Checker, _ group: Communicator, _ name: String, counts: [Int]
) throws {
  try checkNumbers(type, checker, group, name, counts: counts) { T($0) }
  for count in counts {
    let label = "\(name) of \(group.size), count \(count)"
    // All bits of the type take part.
    func bits(_ rank: Int, _ element: Int) -> T {
      T(truncatingIfNeeded: 0x9E37_79B9_7F4A_7C15 as UInt64 &* UInt64(7 * rank + element + 1))
    }
    try checkReduction(
      checker, group, "and, \(label)", count: count, .bitwiseAnd, value: bits, combine: &)
    try checkReduction(
      checker, group, "or, \(label)", count: count, .bitwiseOr, value: bits, combine: |)
    try checkReduction(
      checker, group, "xor, \(label)", count: count, .bitwiseXor, value: bits, combine: ^)
  }
}

@Sendable private func reductionsMatchLoops(_ checker: Checker, _ arguments: [String]) throws {
  try withEveryPieceLength { pieceLength in
    try withEveryGroup(checker) { name, group in
      let large = pieceLength == 7 ? 11 : pieceLength == 96 ? 193 : 2003
      let list = counts(group.size, large: name == "world" ? large : 97)
      try checkIntegers(Int8.self, checker, group, name, counts: list)
      try checkIntegers(UInt8.self, checker, group, name, counts: list)
      try checkIntegers(Int16.self, checker, group, name, counts: list)
      try checkIntegers(UInt16.self, checker, group, name, counts: list)
      try checkIntegers(Int32.self, checker, group, name, counts: list)
      try checkIntegers(UInt32.self, checker, group, name, counts: list)
      try checkIntegers(Int64.self, checker, group, name, counts: list)
      try checkIntegers(UInt64.self, checker, group, name, counts: list)
      try checkIntegers(Int.self, checker, group, name, counts: list)
      try checkIntegers(UInt.self, checker, group, name, counts: list)
      // Small integers, whose sums are exact in any order.
      try checkNumbers(Float.self, checker, group, name, counts: list) { Float($0) - 7.5 }
      try checkNumbers(Double.self, checker, group, name, counts: list) { Double($0) - 7.5 }
    }
  }
}

@Sendable private func broadcastsFromEveryRoot(_ checker: Checker, _ arguments: [String]) throws {
  func check<T: MPIScalar & Equatable>(
    _ group: Communicator, _ name: String, _ pieceLength: Int, _ value: (Int, Int) -> T
  ) throws {
    for root in 0..<group.size {
      for count in counts(group.size, large: pieceLength == 7 ? 97 : 5003) {
        var values = (0..<count).map { value(group.rank, $0) }
        try group.broadcast(&values, from: root)
        checker.expect(
          values == (0..<count).map { value(root, $0) },
          "\(name) of \(group.size): \(count) \(T.self) from \(root)")
      }
      let single = try group.broadcast(value(group.rank, 1), from: root)
      checker.expect(single == value(root, 1), "\(name): one \(T.self) from \(root)")
    }
  }
  try withEveryPieceLength { length in
    try withEveryGroup(checker) { name, group in
      try check(group, name, length) { UInt8($0 + $1 % 200) }
      try check(group, name, length) { Int16($0 * 1000 + $1) }
      try check(group, name, length) { Int32($0 * 100_000 + $1) }
      try check(group, name, length) { $0 << 40 + $1 }
      try check(group, name, length) { Float($0) + Float($1) / 8192 }
      try check(group, name, length) { Double($0) + Double($1) / 3 }
      for root in 0..<group.size {
        let bytes = try group.broadcast(
          bytes: [UInt8](repeating: UInt8(group.rank + 1), count: group.rank * 37), from: root)
        checker.expect(
          bytes == [UInt8](repeating: UInt8(root + 1), count: root * 37),
          "\(name): \(bytes.count) bytes from \(root)")
      }
    }
  }
}

@Sendable private func gathersToEveryRoot(_ checker: Checker, _ arguments: [String]) throws {
  func check<T: MPIScalar & Equatable>(
    _ group: Communicator, _ name: String, _ pieceLength: Int, _ value: (Int, Int) -> T
  ) throws {
    let label = "\(name) of \(group.size), \(T.self)"
    for count in counts(group.size, large: pieceLength == 7 ? 97 : 2003) {
      // With cut messages these take the path of one broadcast a rank.
      let all = try group.allGather((0..<count).map { value(group.rank, $0) })
      let expected = (0..<group.size).flatMap { rank in (0..<count).map { value(rank, $0) } }
      checker.expect(all == expected, "all-gather, \(label), count \(count)")
      for root in 0..<group.size {
        // Every rank another count, some nothing.
        func length(_ rank: Int) -> Int { rank % 3 == 1 ? 0 : count + rank }
        let parts = try group.gather(
          (0..<length(group.rank)).map { value(group.rank, $0) }, to: root)
        checker.expect((parts != nil) == (group.rank == root), "gather to \(root), \(label): nil")
        for (rank, part) in (parts ?? []).enumerated() {
          checker.expect(
            part == (0..<length(rank)).map { value(rank, $0) },
            "gather to \(root), \(label): the part of rank \(rank)")
        }
        checker.expect(parts?.count ?? group.size == group.size, "gather to \(root): parts")
      }
    }
    checker.expect(
      try group.allGather(value(group.rank, 3)) == (0..<group.size).map { value($0, 3) },
      "all-gather of one, \(label)")
  }
  try withEveryPieceLength { length in
    try withEveryGroup(checker) { name, group in
      try check(group, name, length) { UInt8($0 + $1 % 200) }
      try check(group, name, length) { $0 << 40 + $1 }
      try check(group, name, length) { Double($0) + Double($1) / 3 }
      let texts = try group.allGather(
        bytes: Array(String(repeating: "é", count: group.rank * 11).utf8))
      checker.expect(
        texts.map { String(decoding: $0, as: UTF8.self) }
          == (0..<group.size).map { String(repeating: "é", count: $0 * 11) },
        "\(name): all-gather of byte strings")
    }
  }
}

import DTrainDist

let exchangeCases = [
  Case(name: "exchange", body: exchangeMatchesTree),
  Case(name: "exchange-absent", body: exchangeSkipsAbsentLeaves),
  Case(name: "exchange-flags", body: exchangeCarriesFlags),
]

/// A float that depends on leaf, element and step only, over many binades so that order matters.
private func value(leaf: Int, element: Int, step: Int) -> Float {
  var state =
    UInt64(leaf &* 1_000_003 &+ element &* 7919 &+ step &* 104_729) &+ 0x9E37_79B9_7F4A_7C15
  state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
  state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
  state ^= state >> 31
  let mantissa = Float(Int32(truncatingIfNeeded: state >> 32)) / Float(1 << 31)
  return Float(sign: .plus, exponent: Int(state & 15) - 8, significand: 1) * mantissa
}

/// The plain recursion that the exchange must agree with, bit for bit.
private func treeSum(
  _ range: Range<Int>, element: Int, step: Int, isPresent: (Int) -> Bool
) -> Float? {
  if range.count == 1 {
    return isPresent(range.lowerBound)
      ? value(leaf: range.lowerBound, element: element, step: step) : nil
  }
  let middle = ReductionTree.split(range)
  let left = treeSum(
    range.lowerBound..<middle, element: element, step: step, isPresent: isPresent)
  let right = treeSum(
    middle..<range.upperBound, element: element, step: step, isPresent: isPresent)
  guard let left, let right else { return left ?? right }
  return left + right
}

/// Runs two steps of an exchange over `leaves` leaves and compares each updated element.
private func runExchange(
  _ checker: Checker, topology: NodeTopology, leaves: Int, count: Int,
  isPresent: ((Int) -> Bool)? = nil
) throws {
  let label = "nodes \(topology.nodeSizes), V=\(leaves), n=\(count)"
  let setup = try TreeExchange.setUp(leaves: leaves, tiles: tiles(count), on: topology) {
    destination, left, right, count in
    for index in 0..<count { destination[index] = left[index] + right[index] }
  }
  guard case .ready(let exchange) = setup else {
    return checker.expect(false, "\(label): no shared memory: \(setup)")
  }
  for step in 0..<2 {
    var updated = [Float](repeating: .nan, count: count)
    var updates = [Int](repeating: 0, count: count)
    let flags = try exchange.reduce(
      flags: 0,
      active: isPresent.map { ActiveLeaves((0..<leaves).map($0)) } ?? .all
    ) { leaves, tile, destination in
      for (offset, element) in exchange.tiles.elements(of: tile).enumerated() {
        let sum = treeSum(
          leaves, element: element, step: step, isPresent: isPresent ?? { _ in true })
        if let sum { destination[offset] = sum }
      }
    } update: { elements, sum in
      for (offset, element) in elements.enumerated() {
        updated[element] = sum[offset]
        updates[element] += 1
      }
    }
    checker.expect(flags == 0, "\(label): flags \(flags)")
    var wrong = 0
    var expectsUpdate = false
    for element in 0..<count {
      let expected = treeSum(
        0..<leaves, element: element, step: step, isPresent: isPresent ?? { _ in true })
      // Without any leaf there is no update.
      if expected != nil { expectsUpdate = true }
      if updates[element] > 0, expected?.bitPattern != updated[element].bitPattern { wrong += 1 }
    }
    checker.expect(wrong == 0, "\(label), step \(step): \(wrong) elements differ")
    // Together, the ranks of a node update every element once.
    try topology.node.allReduce(&updates, .sum)
    checker.expect(
      updates.allSatisfy { $0 == (expectsUpdate ? 1 : 0) },
      "\(label): \(updates.count { $0 != 1 }) elements not updated once")
  }
}

/// Tiles of 1, 2, 3, … elements.
private func tiles(_ count: Int) -> VectorTiles {
  var offsets = [0]
  while offsets[offsets.count - 1] < count {
    offsets.append(min(count, offsets[offsets.count - 1] + offsets.count))
  }
  return VectorTiles(offsets: offsets)
}

@Sendable private func exchangeMatchesTree(_ checker: Checker, _ arguments: [String]) throws {
  for topology in try topologies(checker.world) {
    for leaves in [1, 2, 3, 4, 5, 7, 8, 13, 16, 64] {
      try runExchange(checker, topology: topology, leaves: leaves, count: 1001)
    }
    for count in [1, 5, 16, 17, 5000] {
      try runExchange(checker, topology: topology, leaves: 8, count: count)
    }
    try runExchange(checker, topology: topology.separated(), leaves: 8, count: 333)
  }
  // Several chunks, and pieces of MPI messages shorter than a chunk.
  TreeExchange.chunkLength = 100
  Communicator.elementsPerCall = 37
  for topology in try topologies(checker.world) {
    try runExchange(checker, topology: topology, leaves: 7, count: 1001)
  }
}

@Sendable private func exchangeSkipsAbsentLeaves(_ checker: Checker, _ arguments: [String]) throws {
  let masks: [(Int) -> Bool] = [
    { $0 % 2 == 0 }, { $0 % 3 == 1 }, { $0 == 1 }, { $0 > 2 }, { $0 == 0 }, { _ in false },
  ]
  for topology in try topologies(checker.world) {
    for leaves in [4, 5, 8, 13] {
      for mask in masks {
        try runExchange(checker, topology: topology, leaves: leaves, count: 100, isPresent: mask)
      }
    }
  }
}

@Sendable private func exchangeCarriesFlags(_ checker: Checker, _ arguments: [String]) throws {
  for topology in try topologies(checker.world) {
    let setup = try TreeExchange.setUp(leaves: 5, tiles: tiles(40), on: topology) { _, _, _, _ in }
    guard case .ready(let exchange) = setup else {
      checker.expect(false, "no shared memory")
      continue
    }
    for culprit in 0..<topology.world.size {
      var updates = 0
      let flags = try exchange.reduce(
        flags: topology.world.rank == culprit ? 2 : 0, skipping: 2, partial: { _, _, _ in }
      ) { _, _ in updates += 1 }
      checker.expect(flags == 2, "rank \(culprit)'s flag arrived as \(flags)")
      checker.expect(updates == 0, "updated despite a flag of rank \(culprit)")
      let other = try exchange.reduce(
        flags: topology.world.rank == culprit ? 4 : 1, skipping: 2, partial: { _, _, _ in }
      ) { _, _ in updates += 1 }
      checker.expect(
        other == (topology.world.size == 1 ? 4 : 5), "flags of all ranks arrived as \(other)")
      checker.expect(
        try topology.node.allReduce(updates, .sum) > 0, "no update without a skipped flag")
    }
  }
}

/// The part of a ``TreeExchange`` between nodes, among the ranks that share a slice.
///
/// Every member holds the sums of some subtrees, those of its node's run of leaves. Members beyond the
/// largest power of two first hand theirs to a neighbour; the others exchange halves with the neighbour
/// at distance 1, 2, 4, …, so that what is merged is always a contiguous run of leaves and additions
/// are those of the tree. Then the total travels back the same way.
final class NodeExchange {
  private let tree: ReductionTree
  private let group: Communicator
  private let executor: PlanExecutor
  /// The leaves of each member.
  private let runs: [Range<Int>]
  /// Members that take part in halving, and how many of them have a second member folded into them.
  private let participants: Int
  private let folded: Int

  /// The sums held now, one buffer a subtree, and where a merge writes the next.
  private var work: [FloatBuffer] = []
  private var spare: [FloatBuffer] = []
  private let outgoing = FloatBuffer()
  private let incoming = FloatBuffer()

  init(
    tree: ReductionTree, runs: [Range<Int>], group: Communicator, executor: PlanExecutor
  ) {
    self.tree = tree
    self.runs = runs
    self.group = group
    self.executor = executor
    var power = 1
    while power * 2 <= group.size { power *= 2 }
    participants = power
    folded = group.size - power
  }

  /// The member that stands for a participant, and the members whose leaves it starts with.
  private func members(of participant: Int) -> Range<Int> {
    participant < folded
      ? 2 * participant..<2 * participant + 2 : participant + folded..<participant + folded + 1
  }

  /// The leaves of a range of participants.
  private func run(of participants: Range<Int>) -> Range<Int> {
    let first = members(of: participants.lowerBound).lowerBound
    let last = members(of: participants.upperBound - 1).upperBound - 1
    return runs[first].lowerBound..<runs[last].upperBound
  }

  /// Combines the members' sums over some elements and their flags.
  ///
  /// - Parameters:
  ///   - elements: the same on all members; may be empty, so that flags travel all the same.
  ///   - pieces: where the sums of this member's maximal subtrees start, from the first of `elements`.
  /// - Returns: the total, unless no leaf is present; valid until the next call.
  func reduce(
    _ elements: Range<Int>, pieces: [UnsafePointer<Float>], flags: inout UInt32,
    active: ActiveLeaves
  ) throws(MPIError) -> UnsafePointer<Float>? {
    reserve(&work, pieces: pieces.count, length: elements.count)
    for (index, piece) in pieces.enumerated() {
      work[index].base.update(from: piece, count: elements.count)
    }
    let own = tree.maximalSubtrees(of: runs[group.rank])
    try combine(own, length: elements.count, flags: &flags, active: active)
    let hasSum = active.contains(anyOf: 0..<tree.leaves)
    return hasSum ? UnsafePointer(work[0].base) : nil
  }

  /// Leaves the total of all members in `work[0]`, of which this member first holds the subtrees `own`.
  private func combine(
    _ own: [Range<Int>], length: Int, flags: inout UInt32, active: ActiveLeaves
  ) throws(MPIError) {
    let whole = 0..<length
    let isFolded = group.rank < 2 * folded
    if isFolded, group.rank % 2 == 1 {
      try send(own.count, whole, to: group.rank - 1, flags: flags)
      try receive(1, whole, from: group.rank - 1, flags: &flags)
      work[0].base.update(from: incoming.payload, count: length)
      return
    }
    var pieces = own
    if isFolded {
      let others = tree.maximalSubtrees(of: runs[group.rank + 1])
      try receive(others.count, whole, from: group.rank + 1, flags: &flags)
      pieces = merge(pieces, others, over: whole, of: length, isLeft: true, active: active)
    }

    // Halving: after each exchange, half the elements and twice the leaves.
    let participant = isFolded ? group.rank / 2 : group.rank - folded
    var kept = whole
    var halves: [(partner: Int, kept: Range<Int>, given: Range<Int>)] = []
    var distance = 1
    while distance < participants {
      let partner = members(of: participant ^ distance).lowerBound
      let isLeft = participant & distance == 0
      let middle = kept.lowerBound + kept.count / 2
      let lower = kept.lowerBound..<middle
      let upper = middle..<kept.upperBound
      let given = isLeft ? upper : lower
      kept = isLeft ? lower : upper
      let start = (participant ^ distance) & ~(distance - 1)
      let others = tree.maximalSubtrees(of: run(of: start..<start + distance))
      try swap(
        sending: pieces.count, given, receiving: others.count, kept, with: partner, flags: &flags)
      pieces = merge(pieces, others, over: kept, of: length, isLeft: isLeft, active: active)
      halves.append((partner, kept, given))
      distance *= 2
    }
    // Doubling: the way back.
    for (partner, kept, given) in halves.reversed() {
      try swap(sending: 1, kept, receiving: 1, given, with: partner, flags: &flags)
      (work[0].base + given.lowerBound).update(from: incoming.payload, count: given.count)
    }
    if isFolded { try send(1, whole, to: group.rank + 1, flags: flags) }
  }

  /// Adds received subtrees to those in `work`; returns the subtrees that are in `work` then.
  private func merge(
    _ own: [Range<Int>], _ others: [Range<Int>], over elements: Range<Int>, of length: Int,
    isLeft: Bool, active: ActiveLeaves
  ) -> [Range<Int>] {
    let inputs = isLeft ? own + others : others + own
    guard let first = inputs.first, let last = inputs.last else { return [] }
    let merged = tree.maximalSubtrees(of: first.lowerBound..<last.upperBound)
    let plan = tree.plan(from: inputs, to: merged, active: active)
    // The others came packed; as inputs they are addressed like `work`, from element 0.
    let received = others.indices.map {
      UnsafePointer(incoming.payload + $0 * elements.count - elements.lowerBound)
    }
    let mine = own.indices.map { UnsafePointer(work[$0].base) }
    reserve(&spare, pieces: merged.count, length: length)
    executor.run(plan, inputs: isLeft ? mine + received : received + mine, range: elements) {
      (spare[$0].base + $1.lowerBound).update(from: $2, count: $1.count)
    }
    Swift.swap(&work, &spare)
    return merged
  }

  private func reserve(_ storage: inout [FloatBuffer], pieces: Int, length: Int) {
    while storage.count < max(pieces, 1) { storage.append(FloatBuffer()) }
    for buffer in storage { buffer.reserve(length) }
  }

  /// Packs elements of the first `pieces` subtrees in `work` behind the flags.
  private func packed(
    _ pieces: Int, _ elements: Range<Int>, flags: UInt32
  ) -> UnsafeBufferPointer<Float> {
    let message = outgoing.message(pieces * elements.count)
    outgoing.flags = flags
    for piece in 0..<pieces {
      (outgoing.payload + piece * elements.count).update(
        from: work[piece].base + elements.lowerBound, count: elements.count)
    }
    return UnsafeBufferPointer(message)
  }

  private func send(
    _ pieces: Int, _ elements: Range<Int>, to peer: Int, flags: UInt32
  ) throws(MPIError) {
    try group.send(packed(pieces, elements, flags: flags), to: peer, tag: .exchange)
  }

  private func receive(
    _ pieces: Int, _ elements: Range<Int>, from peer: Int, flags: inout UInt32
  ) throws(MPIError) {
    try group.receive(incoming.message(pieces * elements.count), from: peer, tag: .exchange)
    flags |= incoming.flags
  }

  private func swap(
    sending sent: Int, _ given: Range<Int>, receiving received: Int, _ kept: Range<Int>,
    with partner: Int, flags: inout UInt32
  ) throws(MPIError) {
    try group.exchange(
      sending: packed(sent, given, flags: flags),
      receiving: incoming.message(received * kept.count), with: partner)
    flags |= incoming.flags
  }
}

/// A message: a word of flags, then floats.
extension FloatBuffer {
  /// Elements before the payload; a whole cache line keeps the payload aligned.
  private static let header = 16

  fileprivate var payload: UnsafeMutablePointer<Float> { base + Self.header }

  fileprivate var flags: UInt32 {
    get { base[0].bitPattern }
    set { base[0] = Float(bitPattern: newValue) }
  }

  /// Room for flags and `count` floats.
  fileprivate func message(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    reserve(Self.header + count)
    return UnsafeMutableBufferPointer(start: base, count: Self.header + count)
  }
}

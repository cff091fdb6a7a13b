/// The order in which a node adds the gradients of a step's parts: the subtrees of the ``ReductionTree`` over all
/// shards that its ranks own, where below a shard stands a tree over its parts. Shards without rows are left out.
///
/// In a step of several passes the sums that are complete after a pass wait for the others in slots: those of
/// the largest subtrees whose parts are all done.
struct GradientTree {
  /// A part, or the sum of two nodes.
  struct Node {
    /// A part's place in what the tree was made of.
    fileprivate(set) var part: Int?
    fileprivate(set) var children: (left: Int, right: Int)?
    /// The pass in which the last of its parts is done.
    fileprivate(set) var lastPass: Int
    /// Where its sum waits once the pass ``keptIn`` is over; nil if it need not.
    fileprivate(set) var slot: Int?
    fileprivate(set) var keptIn = 0

    /// Where its sum waits in a pass.
    func waiting(in pass: Int) -> Int? { keptIn < pass ? slot : nil }
  }

  /// A part that the tree is made of.
  struct Leaf: Equatable {
    let shard: Int
    let pass: Int
  }

  /// What the tree was made of.
  let leaves: [Leaf]
  private(set) var nodes: [Node] = []
  /// The sums that the node owes: of which shards, and nil where these have no rows.
  private(set) var roots: [(shards: Range<Int>, node: Int?)] = []
  /// The nodes whose sums are to be kept after each pass but the last.
  private(set) var kept: [[Int]] = []
  /// Sums that wait at a time, at most.
  private(set) var slots = 0

  /// - Parameters:
  ///   - leaves: every part of the node's ranks, by shard.
  ///   - pieces: the shards whose sums are owed; together all that `leaves` are of.
  init(leaves: [Leaf], pieces: [Range<Int>], passes: Int) {
    self.leaves = leaves
    // Where the parts of each shard begin, from the first shard on.
    let base = pieces.first?.lowerBound ?? 0
    var first = [Int](repeating: 0, count: (pieces.last?.upperBound ?? base) - base + 1)
    for leaf in leaves { first[leaf.shard - base + 1] += 1 }
    for shard in first.indices.dropFirst() { first[shard] += first[shard - 1] }

    func add(parts range: Range<Int>) -> Int {
      if range.count == 1 {
        nodes.append(Node(part: range.lowerBound, lastPass: leaves[range.lowerBound].pass))
        return nodes.count - 1
      }
      let middle = ReductionTree.split(range)
      return add(
        add(parts: range.lowerBound..<middle), add(parts: middle..<range.upperBound))
    }
    func add(_ left: Int, _ right: Int) -> Int {
      nodes.append(
        Node(
          children: (left, right), lastPass: max(nodes[left].lastPass, nodes[right].lastPass)))
      return nodes.count - 1
    }
    func add(shards: Range<Int>) -> Int? {
      let own = first[shards.lowerBound - base]..<first[shards.upperBound - base]
      if own.isEmpty { return nil }
      if shards.count == 1 { return add(parts: own) }
      let middle = ReductionTree.split(shards)
      let left = add(shards: shards.lowerBound..<middle)
      let right = add(shards: middle..<shards.upperBound)
      guard let left, let right else { return left ?? right }
      return add(left, right)
    }
    roots = pieces.map { ($0, add(shards: $0)) }
    if passes > 1 { keepSums(passes: passes) }
  }

  /// Finds what waits after each pass but the last, and where.
  private mutating func keepSums(passes: Int) {
    var free: [Int] = []
    for pass in 0..<passes - 1 {
      var now: [Int] = []
      for root in roots { root.node.map { findComplete($0, after: pass, &now) } }
      for node in now {
        // What waited for it is read for this sum, and then never again.
        let used = waiting(below: node).map { nodes[$0].slot! }
        let slot = used.first ?? free.popLast() ?? slots
        slots = max(slots, slot + 1)
        free += used.dropFirst()
        nodes[node].slot = slot
        nodes[node].keptIn = pass
      }
      kept.append(now)
    }
  }

  /// The largest subtrees that a pass completes, from left to right.
  private func findComplete(_ node: Int, after pass: Int, _ found: inout [Int]) {
    if nodes[node].lastPass <= pass {
      if nodes[node].slot == nil { found.append(node) }
    } else if let (left, right) = nodes[node].children {
      findComplete(left, after: pass, &found)
      findComplete(right, after: pass, &found)
    }
  }

  /// The nodes below one whose sums wait, from left to right.
  private func waiting(below node: Int) -> [Int] {
    guard let (left, right) = nodes[node].children else { return [] }
    return [left, right].flatMap { nodes[$0].slot == nil ? waiting(below: $0) : [$0] }
  }
}

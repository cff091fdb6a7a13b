import XCTest

@testable import DTrainDist

/// The tree, its subtrees and the plans made from them, by symbolic execution.
final class ReductionTreeTests: XCTestCase {
  /// A sum written out, with every pair of brackets: two orders of addition are two expressions.
  private indirect enum Expression: Equatable {
    case leaf(Int)
    case sum(Expression, Expression)
  }

  /// The expression of the present leaves of a subtree, by the definition: split at the largest power of
  /// two below the number of leaves.
  private func expression(_ range: Range<Int>, _ isPresent: (Int) -> Bool) -> Expression? {
    if range.count == 1 { return isPresent(range.lowerBound) ? .leaf(range.lowerBound) : nil }
    var power = 1
    while power * 2 < range.count { power *= 2 }
    let left = expression(range.prefix(power), isPresent)
    let right = expression(range.dropFirst(power), isPresent)
    guard let left, let right else { return left ?? right }
    return .sum(left, right)
  }

  /// Runs a plan on expressions.
  private func execute(_ plan: ReductionPlan, _ inputs: [Expression?]) -> [Expression?] {
    var temporaries = [Expression?](repeating: nil, count: plan.temporaryCount)
    func value(_ operand: ReductionPlan.Operand) -> Expression? {
      switch operand {
      case .input(let index): inputs[index]
      case .temporary(let index): temporaries[index]
      }
    }
    for addition in plan.additions {
      guard let left = value(addition.left), let right = value(addition.right) else {
        XCTFail("an operand is read before it is written, or is absent")
        return []
      }
      temporaries[addition.into] = .sum(left, right)
    }
    return plan.outputs.map { $0.flatMap(value) }
  }

  private func subtrees(_ range: Range<Int>) -> Set<Range<Int>> {
    guard range.count > 1 else { return [range] }
    let middle = ReductionTree.split(range)
    return subtrees(range.lowerBound..<middle).union(subtrees(middle..<range.upperBound))
      .union([range])
  }

  func testSplit() {
    for (count, left) in [
      (2, 1), (3, 2), (4, 2), (5, 4), (8, 4), (9, 8), (12, 8), (16, 8), (17, 16),
    ] {
      XCTAssertEqual(ReductionTree.split(10..<10 + count), 10 + left)
    }
  }

  /// The subtrees of a run cover it in order, are nodes of the tree, and none could be larger.
  func testMaximalSubtrees() {
    for leaves in 1...33 {
      let tree = ReductionTree(leaves: leaves)
      let nodes = subtrees(0..<leaves)
      for lower in 0...leaves {
        for upper in lower...leaves {
          let found = tree.maximalSubtrees(of: lower..<upper)
          XCTAssertEqual(found.flatMap { Array($0) }, Array(lower..<upper))
          for subtree in found {
            XCTAssertTrue(nodes.contains(subtree))
            XCTAssertFalse(
              nodes.contains {
                $0.count > subtree.count && $0.clamped(to: subtree) == subtree
                  && $0.clamped(to: lower..<upper) == $0
              }, "\(subtree) of \(lower)..<\(upper) is in a larger one")
          }
        }
      }
    }
  }

  /// Any numbers of leaves, ranks and nodes, any leaves absent: the ranks' pieces become the nodes'
  /// pieces, and those the whole, by the additions of the definition.
  func testPlansGiveTheTreesOrder() {
    var generator = SplitMix(state: 77)
    for _ in 0..<1500 {
      let leaves = Int.random(in: 1...40, using: &generator)
      let ranks = Int.random(in: 1...14, using: &generator)
      let tree = ReductionTree(leaves: leaves)
      let presentShare = [1, 1, 0.9, 0.5, 0.1, 0].randomElement(using: &generator)!
      let present = (0..<leaves).map { _ in
        Double.random(in: 0..<1, using: &generator) < presentShare
      }
      let isPresent: (Int) -> Bool = { present[$0] }
      let everyone = present.allSatisfy { $0 }
      // Ranks to nodes at random cuts.
      var cuts = Set([0, ranks])
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        cuts.insert(Int.random(in: 0...ranks, using: &generator))
      }
      let bounds = cuts.sorted()
      var nodePieces: [Range<Int>] = []
      var nodeValues: [Expression?] = []
      for (first, last) in zip(bounds, bounds.dropFirst()) {
        let runs = (first..<last).map {
          TreeExchange.leaves(of: $0, ranks: ranks, leaves: leaves)
        }
        let inputs = runs.flatMap { tree.maximalSubtrees(of: $0) }
        let run = runs[0].lowerBound..<runs[runs.count - 1].upperBound
        let outputs = tree.maximalSubtrees(of: run)
        let plan = tree.plan(
          from: inputs, to: outputs,
          active: everyone && leaves % 2 == 0 ? .all : ActiveLeaves(present))
        nodePieces += outputs
        nodeValues += execute(plan, inputs.map { expression($0, isPresent) })
      }
      XCTAssertEqual(nodeValues, nodePieces.map { expression($0, isPresent) })
      let plan = tree.plan(from: nodePieces, to: [0..<leaves], active: ActiveLeaves(present))
      XCTAssertEqual(execute(plan, nodeValues), [expression(0..<leaves, isPresent)])
    }
  }

  /// The executor does what the plan says, over any part of the vectors, also when outputs overwrite
  /// inputs.
  func testExecutor() {
    var generator = SplitMix(state: 5)
    let executor = PlanExecutor(add: plainAdd)
    for leaves in [1, 2, 3, 5, 8, 13] {
      let count = 5000
      let inputs = (0..<leaves).map { _ in
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
        for index in 0..<count { memory[index] = Float.random(in: -1...1, using: &generator) }
        return memory
      }
      defer { inputs.forEach { $0.deallocate() } }
      let copies = inputs.map { Array(UnsafeBufferPointer(start: $0, count: count)) }
      func sum(_ range: Range<Int>, _ index: Int) -> Float {
        if range.count == 1 { return copies[range.lowerBound][index] }
        let middle = ReductionTree.split(range)
        return sum(range.lowerBound..<middle, index) + sum(middle..<range.upperBound, index)
      }
      let plan = ReductionTree(leaves: leaves).plan(
        from: (0..<leaves).map { $0..<$0 + 1 }, to: [0..<leaves])
      for range in [0..<0, 17..<18, 100..<4999] {
        var next = range.lowerBound
        executor.run(plan, inputs: inputs.map { UnsafePointer($0) }, range: range) {
          XCTAssertEqual($0, 0)
          XCTAssertEqual($1.lowerBound, next)
          next = $1.upperBound
          for index in $1 { inputs[0][index] = $2[index - $1.lowerBound] }
        }
        XCTAssertEqual(next, range.upperBound)
        for index in range {
          guard inputs[0][index] == sum(0..<leaves, index) else {
            return XCTFail("\(leaves) leaves, element \(index)")
          }
        }
        for index in 0..<count { inputs[0][index] = copies[0][index] }
      }
    }
  }

  /// Numbers in Double are added in the same order.
  func testSumOfNumbers() {
    XCTAssertEqual(ReductionTree.sum([]), 0)
    XCTAssertEqual(ReductionTree.sum([7]), 7)
    // (1e16 + 1) + -1e16 loses the 1; 1e16 + (1 - 1e16) would not lose it all.
    XCTAssertEqual(ReductionTree.sum([1e16, 1, -1e16]), 0)
    XCTAssertEqual(ReductionTree.sum([1e16, -1e16, 1, 2, 4]), 7)
    XCTAssertEqual(ReductionTree.sum((1...1000).map(Double.init)), 500_500)
  }

  /// Leaves and slices are contiguous, disjoint and even; slices start on whole cache lines.
  func testLeavesAndSlices() {
    for ranks in 1...12 {
      for leaves in 1...40 {
        var next = 0
        for rank in 0..<ranks {
          let own = TreeExchange.leaves(of: rank, ranks: ranks, leaves: leaves)
          XCTAssertEqual(own.lowerBound, next)
          next = own.upperBound
          XCTAssertTrue(own.count == leaves / ranks || own.count == (leaves + ranks - 1) / ranks)
        }
        XCTAssertEqual(next, leaves)
      }
    }
    for sizes in [[1], [4], [2, 3], [3, 2, 2], [1, 5]] {
      let ranks = sizes.reduce(0, +)
      for count in [1, 15, 16, 17, 100, 159_010] {
        for (node, size) in sizes.enumerated() {
          var next = 0
          for local in 0..<size {
            let topology = NodeTopology(
              world: Communicator(handle: nil, rank: local, size: ranks),
              node: Communicator(handle: nil, rank: local, size: size), nodeIndex: node,
              nodeSizes: sizes)
            let slice = topology.slice(of: count, alignment: 16)
            if slice.isEmpty { continue }
            XCTAssertEqual(slice.lowerBound, next)
            XCTAssertEqual(slice.lowerBound % 16, 0)
            next = slice.upperBound
          }
          XCTAssertEqual(next, count, "nodes of \(sizes), \(count) elements")
        }
      }
    }
  }
}

/// SplitMix64: the same values in each run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The plain twin of the vector kernels' addition.
func plainAdd(
  destination: UnsafeMutablePointer<Float>, left: UnsafePointer<Float>, right: UnsafePointer<Float>,
  count: Int
) {
  for index in 0..<count { destination[index] = left[index] + right[index] }
}

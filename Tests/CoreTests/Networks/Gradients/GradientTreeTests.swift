import XCTest

@testable import DTrainDist
@testable import DTrainNetworks

/// What waits between the passes of a step; that the sums are right is ``ShardGradientTests``'s matter.
final class GradientTreeTests: XCTestCase {
  /// Shards of one part each, passes that take equal runs of them on each of some ranks.
  private func tree(shards: Int, ranks: Int = 1, passes: Int) -> GradientTree {
    let leaves = (0..<ranks).flatMap { rank in
      let own = TreeExchange.leaves(of: rank, ranks: ranks, leaves: shards)
      return (0..<passes).flatMap { pass in
        TreeExchange.leaves(of: pass, ranks: passes, leaves: own.count).map {
          GradientTree.Leaf(shard: own.lowerBound + $0, pass: pass)
        }
      }
    }
    return GradientTree(leaves: leaves, pieces: [0..<shards], passes: passes)
  }

  /// One pass keeps nothing; 2^k passes over whole subtrees keep at most k sums, as a binary counter has digits.
  func testFewSumsWait() {
    XCTAssertEqual(tree(shards: 13, passes: 1).slots, 0)
    for digits in 1...5 {
      for shards in [32, 64, 1024] {
        let passes = 1 << digits
        XCTAssertEqual(tree(shards: shards, passes: passes).slots, digits, "\(shards), \(passes)")
        XCTAssertEqual(
          tree(shards: shards, ranks: 4, passes: min(passes, shards / 4)).slots,
          4 * min(digits, (shards / 4).trailingZeroBitCount), "\(shards), \(passes), N=4")
      }
    }
    // Passes that end within subtrees keep a few more.
    for shards in 3...40 {
      XCTAssertLessThanOrEqual(tree(shards: shards, passes: 8).slots, 6, "\(shards)")
    }
  }

  /// No sum waits where another one still does, and every one that waits is read.
  func testSlotsAreFreeWhenTheyAreTaken() {
    for (shards, ranks, passes) in [(7, 1, 4), (64, 3, 8), (100, 7, 16), (33, 2, 32), (5, 5, 2)] {
      let tree = tree(shards: shards, ranks: ranks, passes: passes)
      var owners = [Int?](repeating: nil, count: tree.slots)
      func read(_ node: Int, in pass: Int) {
        if let slot = tree.nodes[node].waiting(in: pass) {
          XCTAssertEqual(owners[slot], node, "\(shards) shards, pass \(pass)")
          owners[slot] = nil
        } else if let (left, right) = tree.nodes[node].children {
          read(left, in: pass)
          read(right, in: pass)
        } else {
          XCTAssertEqual(tree.nodes[node].lastPass, pass, "\(shards) shards: a lost part")
        }
      }
      for (pass, kept) in tree.kept.enumerated() {
        for node in kept {
          read(node, in: pass)
          let slot = tree.nodes[node].slot!
          XCTAssertNil(owners[slot], "\(shards) shards, pass \(pass): slot \(slot) is taken")
          owners[slot] = node
        }
      }
      for root in tree.roots { read(root.node!, in: passes - 1) }
      XCTAssertTrue(owners.allSatisfy { $0 == nil }, "\(shards) shards: a sum is never read")
    }
  }
}

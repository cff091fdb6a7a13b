/// The binary tree along which partial vectors are added, whoever owns them.
///
/// The tree stands over leaves `0..<leaves` and splits a range of n leaves at the largest power of two
/// below n, so the sum of all leaves has one fixed order of additions for every number of ranks.
/// Reading: "reproducible reduction", as in reprored and the RAxML-NG work of Stelz et al.
public struct ReductionTree: Equatable, Sendable {
  /// The number of leaves, at least 1.
  public let leaves: Int

  /// A tree over `leaves` leaves.
  public init(leaves: Int) {
    precondition(leaves >= 1, "a reduction tree needs a leaf")
    self.leaves = leaves
  }

  /// Where a range of at least two leaves splits into its left and right subtrees.
  public static func split(_ range: Range<Int>) -> Int {
    precondition(range.count >= 2)
    var power = 1
    while power * 2 < range.count { power *= 2 }
    return range.lowerBound + power
  }

  /// The fewest subtrees that together are exactly the leaves of `run`, from left to right.
  ///
  /// - Complexity: O(log leaves); at most 2·log2(leaves) subtrees.
  public func maximalSubtrees(of run: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    func visit(_ subtree: Range<Int>) {
      let shared = subtree.clamped(to: run)
      if shared.isEmpty { return }
      if shared == subtree { return found.append(subtree) }
      let middle = Self.split(subtree)
      visit(subtree.lowerBound..<middle)
      visit(middle..<subtree.upperBound)
    }
    visit(0..<leaves)
    return found
  }

  /// The additions that turn the sums of some subtrees into the sums of larger ones.
  ///
  /// - Parameters:
  ///   - inputs: subtrees whose sums are given, disjoint; an input whose leaves are all absent is
  ///     skipped, not added.
  ///   - outputs: subtrees to sum up, each made of whole inputs.
  ///   - active: the leaves that take part.
  public func plan(
    from inputs: [Range<Int>], to outputs: [Range<Int>], active: ActiveLeaves = .all
  ) -> ReductionPlan {
    var additions: [ReductionPlan.Addition] = []
    var temporaries = 0
    let position = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })

    func sum(_ subtree: Range<Int>) -> ReductionPlan.Operand? {
      if let index = position[subtree] {
        return active.contains(anyOf: subtree) ? .input(index) : nil
      }
      precondition(subtree.count >= 2, "leaf \(subtree.lowerBound) is in no input")
      let middle = Self.split(subtree)
      let left = sum(subtree.lowerBound..<middle)
      let right = sum(middle..<subtree.upperBound)
      guard let left, let right else { return left ?? right }
      let target: Int
      switch (left, right) {
      case (.temporary(let index), _), (_, .temporary(let index)): target = index
      default:
        target = temporaries
        temporaries += 1
      }
      additions.append(.init(left: left, right: right, into: target))
      return .temporary(target)
    }

    let results = outputs.map(sum)
    return ReductionPlan(additions: additions, outputs: results, temporaryCount: temporaries)
  }
}

/// The leaves that take part in a step: those that have rows in it.
public struct ActiveLeaves: Sendable {
  /// Of each leaf; nil where all take part.
  private let flags: [Bool]?

  /// Every leaf.
  public static let all = ActiveLeaves(flags: nil)

  private init(flags: [Bool]?) { self.flags = flags }

  /// The leaves whose flag is set.
  public init(_ flags: [Bool]) { self.init(flags: flags) }

  /// Whether at least one of a range of leaves takes part.
  func contains(anyOf leaves: Range<Int>) -> Bool { flags?[leaves].contains(true) ?? true }
}

/// A straight-line program of vector additions; see ``ReductionTree/plan(from:to:active:)``.
public struct ReductionPlan: Equatable, Sendable {
  /// A given vector or an intermediate one.
  public enum Operand: Equatable, Sendable {
    /// The input of that position.
    case input(Int)
    /// The temporary of that position.
    case temporary(Int)
  }

  /// One vector addition: temporary `into` = `left` + `right`.
  public struct Addition: Equatable, Sendable {
    let left: Operand
    let right: Operand
    let into: Int
  }

  let additions: [Addition]
  let outputs: [Operand?]
  let temporaryCount: Int
}

extension ReductionTree {
  /// The sum of numbers in the order of the tree over them; 0 of none.
  ///
  /// - Complexity: O(count).
  public static func sum(_ values: [Double]) -> Double {
    func sum(_ range: Range<Int>) -> Double {
      if range.count == 1 { return values[range.lowerBound] }
      let middle = split(range)
      return sum(range.lowerBound..<middle) + sum(middle..<range.upperBound)
    }
    return values.isEmpty ? 0 : sum(values.indices)
  }
}

/// Numbers of clusters to compare: from A to B in steps.
public struct ClusterRange: Equatable, Sendable, CustomStringConvertible {
  /// The first number.
  public let first: Int
  /// No number is larger.
  public let last: Int
  /// From one to the next.
  public let step: Int

  /// The range of the given ends; whether it makes sense, `validate` says.
  public init(_ first: Int, through last: Int, by step: Int = 1) {
    self.first = first
    self.last = last
    self.step = step
  }

  /// Reads `A:B` or `A:B:STEP`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, (2...3).contains(parts.count) else { return nil }
    self.init(numbers[0], through: numbers[1], by: parts.count == 3 ? numbers[2] : 1)
  }

  /// All numbers, ascending.
  public var values: [Int] { Array(stride(from: first, through: last, by: step)) }

  /// As `init(_:)` reads it.
  public var description: String { step == 1 ? "\(first):\(last)" : "\(first):\(last):\(step)" }
}

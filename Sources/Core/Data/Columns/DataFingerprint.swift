/// A hash of all rows that a run reads, the same however the rows are divided among ranks.
///
/// Rows are hashed in blocks: R rows of the whole matrix that follow each other, 4 KiB of rows and targets or one row,
/// block b from row b·R on. Each block's SHA-256 (of its array's tag, the place of its first row in the whole matrix,
/// and the bytes of its rows and of their targets as kept in memory) is taken as a 256-bit integer; the integers of an
/// array are added modulo 2^256, which no order can change; shapes and sums are hashed in turn. It tells other data and
/// damaged copies apart; additive combination is no defence against somebody who constructs collisions.
public struct DataFingerprint: Equatable, Sendable {
  /// What belongs to each row besides its elements.
  public enum Targets {
    /// Nothing.
    case none
    /// One label a row.
    case labels([Int32])
    /// `[rows, columns]` target values.
    case values([Float], columns: Int)
  }

  /// One rank's rows of one array, with their targets.
  public struct Part {
    /// A name that tells the arrays of a run apart, such as `train`.
    public var tag: String
    /// This rank's rows; each row of the array belongs to one rank.
    public var rows: RowBlock
    /// The targets of those rows, in their order.
    public var targets: Targets

    /// A part of the array called `tag`.
    public init(tag: String, rows: RowBlock, targets: Targets = .none) {
      self.tag = tag
      self.rows = rows
      self.targets = targets
    }
  }

  /// The hash in 64 hexadecimal digits.
  public let hex: String

  /// Hashes the rows of all ranks; collective, and the same on every rank.
  ///
  /// - Parameters:
  ///   - parts: this rank's rows of each array; all ranks name the same arrays in the same order.
  ///   - world: the ranks among which the rows are divided.
  /// - Complexity: O(own bytes), at the processor's speed of SHA-256, and one all-gather of at most 8 KiB a rank and
  ///   array.
  public init(of parts: [Part], among world: Communicator) throws {
    let shares = try world.allGather(Self.share(of: parts))
    try self.init(joining: shares, of: parts)
  }

  /// What one rank tells the others of its rows of each array: see ``HashedRows``.
  static func share(of parts: [Part]) throws -> [UInt8] {
    try parts.flatMap { try HashedRows($0).bytes }
  }

  /// - Parameters:
  ///   - shares: those of all ranks.
  ///   - parts: any rank's, of which only tags and shapes matter.
  init(joining shares: [UInt8], of parts: [Part]) throws {
    let lengths = parts.map { HashedRows.Shape($0).shareBytes }
    let shareBytes = lengths.reduce(0, +)
    var summary: [UInt8] = []
    var place = 0
    for (part, length) in zip(parts, lengths) {
      let whole = try HashedRows.joined(
        stride(from: place, to: shares.count, by: shareBytes).map { shares[$0..<$0 + length] },
        of: part)
      place += length
      let targetColumns =
        switch part.targets {
        case .none: 0
        case .labels: -1
        case .values(_, let columns): columns
        }
      summary += Array(part.tag.utf8) + [0, part.rows.element.rawValue]
      summary += [whole.rows, part.rows.columns, targetColumns].flatMap(\.littleEndianBytes)
      summary += whole.sum.limbs.flatMap(\.littleEndianBytes)
      summary += part.rows.offsets.flatMap(\.bitPattern.littleEndianBytes)
    }
    hex = SHA256.hexadecimal(of: summary)
  }
}

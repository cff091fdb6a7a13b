internal import CCrypto

/// A hash of all rows that a run reads, the same however the rows are divided among ranks.
///
/// Each row's SHA-256 (of its array's tag, its place in the whole matrix, and its bytes and targets as
/// kept in memory) is taken as a 256-bit integer; the integers of an array are added modulo 2^256,
/// which no order can change; shapes and sums are hashed in turn. It tells other data and damaged
/// copies apart; additive combination is no defence against somebody who constructs collisions.
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
  /// - Complexity: O(own bytes), about 0.8 ns a byte with SHA instructions, and one all-gather.
  public init(of parts: [Part], among world: Communicator) throws {
    let digest = try RowDigest()
    var sums: [UInt64] = []
    for part in parts {
      let sum = digest.sum(of: part)
      sums += sum.limbs
      sums.append(UInt64(part.rows.count))
    }
    let gathered = try world.allGather(sums)
    var summary: [UInt8] = []
    for (index, part) in parts.enumerated() {
      var total = Sum256()
      var rows: UInt64 = 0
      for rank in 0..<world.size {
        let place = rank * sums.count + index * 5
        total.add(gathered[place..<place + 4])
        rows += gathered[place + 4]
      }
      let targetColumns =
        switch part.targets {
        case .none: 0
        case .labels: -1
        case .values(_, let columns): columns
        }
      summary += Array(part.tag.utf8) + [0, part.rows.element.rawValue]
      for value in [rows, UInt64(part.rows.columns), UInt64(bitPattern: Int64(targetColumns))]
        + total.limbs
      {
        withUnsafeBytes(of: value.littleEndian) { summary.append(contentsOf: $0) }
      }
      for offset in part.rows.offsets {
        withUnsafeBytes(of: offset.bitPattern.littleEndian) { summary.append(contentsOf: $0) }
      }
    }
    hex = SHA256.hexadecimal(of: summary)
  }
}

/// An integer modulo 2^256, least significant limb first.
struct Sum256: Equatable {
  private(set) var limbs: [UInt64] = [0, 0, 0, 0]

  /// Adds four limbs.
  mutating func add(_ other: some RandomAccessCollection<UInt64>) {
    var carry: UInt64 = 0
    for (index, limb) in other.enumerated() { carry = limbs[index].add(limb, carry: carry) }
  }
}

extension UInt64 {
  /// Adds with carry, and returns the carry.
  @inline(__always)
  fileprivate mutating func add(_ value: UInt64, carry: UInt64) -> UInt64 {
    let (first, over) = addingReportingOverflow(value)
    let (second, again) = first.addingReportingOverflow(carry)
    self = second
    return over || again ? 1 : 0
  }
}

/// SHA-256 of one row after another, with one context for all.
private struct RowDigest: ~Copyable {
  private let context: OpaquePointer

  init() throws {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw TrainerError(.inputOutput, "libcrypto offers no SHA-256; check its configuration")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// The sum of the digests of a part's rows.
  func sum(of part: DataFingerprint.Part) -> Sum256 {
    let block = part.rows
    switch part.targets {
    case .none: return sum(of: block, tag: part.tag, UnsafeRawBufferPointer(start: nil, count: 0))
    case .labels(let labels):
      precondition(labels.count == block.count, "\(labels.count) labels for \(block.count) rows")
      return labels.withUnsafeBytes { sum(of: block, tag: part.tag, $0) }
    case .values(let values, let columns):
      precondition(values.count == block.count * columns, "\(values.count) target values")
      return values.withUnsafeBytes { sum(of: block, tag: part.tag, $0) }
    }
  }

  private func sum(
    of block: RowBlock, tag: String, _ targets: UnsafeRawBufferPointer
  ) -> Sum256 {
    let targetBytes = block.count == 0 ? 0 : targets.count / block.count
    // The tag and a place for the row's number, in one piece.
    var prefix = Array(tag.utf8) + [0]
    let numberPlace = prefix.count
    prefix += [UInt8](repeating: 0, count: 8)
    var total: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var digest: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    prefix.withUnsafeMutableBytes { prefix in
      for index in 0..<block.count {
        if index & 0x3ff == 0 { Activity.advance(index, of: block.count) } else { Progress.beat() }
        let number = UInt64(block.rows.lowerBound + index).littleEndian
        prefix.storeBytes(of: number, toByteOffset: numberPlace, as: UInt64.self)
        // No type: the context keeps its own, which spares looking it up.
        EVP_DigestInit_ex(context, nil, nil)
        EVP_DigestUpdate(context, prefix.baseAddress, prefix.count)
        EVP_DigestUpdate(context, block.base + index * block.rowBytes, block.rowBytes)
        if targetBytes > 0 {
          EVP_DigestUpdate(context, targets.baseAddress! + index * targetBytes, targetBytes)
        }
        withUnsafeMutableBytes(of: &digest) {
          _ = EVP_DigestFinal_ex(context, $0.baseAddress!.assumingMemoryBound(to: UInt8.self), nil)
        }
        var carry = total.0.add(digest.0.littleEndian, carry: 0)
        carry = total.1.add(digest.1.littleEndian, carry: carry)
        carry = total.2.add(digest.2.littleEndian, carry: carry)
        _ = total.3.add(digest.3.littleEndian, carry: carry)
      }
    }
    return Sum256(limbs: [total.0, total.1, total.2, total.3])
  }
}

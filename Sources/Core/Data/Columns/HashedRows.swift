internal import CCrypto

/// One rank's rows of an array, hashed in blocks of the whole matrix.
///
/// The rank hashes the blocks of which it holds all rows. What lies before the first of them and behind the last one,
/// less than a block each, goes to all ranks as it is, and each of them puts these blocks together.
struct HashedRows {
  /// How the rows of an array come in blocks: R rows that follow each other, block b from row b·R on.
  struct Shape {
    /// Bytes of a row, and of its targets.
    let (rowBytes, targetBytes): (Int, Int)
    /// R: rows of 4 KiB, or one.
    let blockRows: Int

    private static let blockBytes = 4096

    init(_ part: DataFingerprint.Part) {
      rowBytes = part.rows.rowBytes
      targetBytes =
        switch part.targets {
        case .none: 0
        case .labels: MemoryLayout<Int32>.size
        case .values(_, let columns): columns * MemoryLayout<Float>.size
        }
      blockRows = max(1, Self.blockBytes / (rowBytes + targetBytes))
    }

    /// Room for the rows at either end of a rank's rows.
    var endBytes: Int { (blockRows - 1) * (rowBytes + targetBytes) }
    /// Bytes that a rank sends: two numbers, a sum, and either end.
    var shareBytes: Int { 6 * MemoryLayout<UInt64>.size + 2 * endBytes }

    /// The rows among some that belong to blocks of which others are missing, before and behind the whole blocks.
    func ends(of rows: Range<Int>) -> (before: Range<Int>, behind: Range<Int>) {
      let first = (rows.lowerBound + blockRows - 1) / blockRows * blockRows
      let last = rows.upperBound / blockRows * blockRows
      let before = rows.lowerBound..<min(first, rows.upperBound)
      return (before, max(before.upperBound, last)..<rows.upperBound)
    }
  }

  /// Rows that follow each other, fewer than a block has.
  private struct End {
    let rows: Range<Int>
    let (rowBytes, targetBytes): (ArraySlice<UInt8>, ArraySlice<UInt8>)
  }

  /// What this rank tells the others, ``Shape/shareBytes``.
  let bytes: [UInt8]

  /// Hashes a rank's rows.
  ///
  /// - Complexity: O(bytes of the rows).
  init(_ part: DataFingerprint.Part) throws {
    bytes =
      switch part.targets {
      case .none: try Self.share(of: part, UnsafeRawBufferPointer(start: nil, count: 0))
      case .labels(let labels): try labels.withUnsafeBytes { try Self.share(of: part, $0) }
      case .values(let values, _): try values.withUnsafeBytes { try Self.share(of: part, $0) }
      }
  }

  private static func share(
    of part: DataFingerprint.Part, _ targets: UnsafeRawBufferPointer
  ) throws -> [UInt8] {
    let (rows, shape) = (part.rows.rows, Shape(part))
    precondition(
      targets.count == rows.count * shape.targetBytes,
      "\(targets.count) bytes of targets for \(rows.count) rows")
    let all = UnsafeRawBufferPointer(start: part.rows.base, count: rows.count * shape.rowBytes)
    func bytes(
      of some: Range<Int>
    ) -> (rows: UnsafeRawBufferPointer, targets: UnsafeRawBufferPointer) {
      let (first, end) = (some.lowerBound - rows.lowerBound, some.upperBound - rows.lowerBound)
      return (
        UnsafeRawBufferPointer(rebasing: all[first * shape.rowBytes..<end * shape.rowBytes]),
        UnsafeRawBufferPointer(
          rebasing: targets[first * shape.targetBytes..<end * shape.targetBytes])
      )
    }
    let ends = shape.ends(of: rows)
    var digest = try BlockDigest(tag: part.tag)
    let blocks = stride(
      from: ends.before.upperBound, to: ends.behind.lowerBound, by: shape.blockRows)
    for (index, first) in blocks.enumerated() {
      if index & 0xff == 0 {
        Activity.advance(first - rows.lowerBound, of: rows.count)
      } else {
        Progress.beat()
      }
      let block = bytes(of: first..<first + shape.blockRows)
      digest.add(block.rows, block.targets, from: first)
    }
    var share = [rows.lowerBound, rows.count].flatMap(\.littleEndianBytes)
    share += digest.sum.limbs.flatMap(\.littleEndianBytes)
    for end in [ends.before, ends.behind] {
      let (rows, targets) = bytes(of: end)
      share += rows
      share += targets
      share += [UInt8](repeating: 0, count: shape.endBytes - rows.count - targets.count)
    }
    return share
  }

  /// The number of all ranks' rows, and the sum of the digests of all blocks.
  ///
  /// - Parameters:
  ///   - shares: what the ranks say.
  ///   - part: any rank's, of which only tag and shape matter.
  static func joined(
    _ shares: [ArraySlice<UInt8>], of part: DataFingerprint.Part
  ) throws -> (rows: Int, sum: Sum256) {
    let shape = Shape(part)
    var digest = try BlockDigest(tag: part.tag)
    var count = 0
    var ends: [End] = []
    for share in shares {
      let numbers = (0..<6).map { UInt64(littleEndianBytes: share.dropFirst(8 * $0).prefix(8)) }
      let rows = Int(numbers[0])..<Int(numbers[0] + numbers[1])
      count += rows.count
      digest.sum.add(numbers[2...])
      var rest = share.dropFirst(8 * numbers.count)
      for end in [shape.ends(of: rows).before, shape.ends(of: rows).behind] {
        let bytes = rest.prefix(end.count * (shape.rowBytes + shape.targetBytes))
        if !end.isEmpty {
          ends.append(
            End(
              rows: end, rowBytes: bytes.prefix(end.count * shape.rowBytes),
              targetBytes: bytes.dropFirst(end.count * shape.rowBytes)))
        }
        rest = rest.dropFirst(shape.endBytes)
      }
    }
    ends.sort { $0.rows.lowerBound < $1.rows.lowerBound }
    var rest = ends[...]
    while let first = rest.first {
      let end = (first.rows.lowerBound / shape.blockRows + 1) * shape.blockRows
      let block = rest.prefix { $0.rows.lowerBound < end }
      rest = rest.dropFirst(block.count)
      let (rows, targets) = (block.flatMap(\.rowBytes), block.flatMap(\.targetBytes))
      rows.withUnsafeBytes { rows in
        targets.withUnsafeBytes { digest.add(rows, $0, from: first.rows.lowerBound) }
      }
    }
    return (count, digest.sum)
  }
}

/// SHA-256 of one block of rows after another, with one context for all.
private struct BlockDigest: ~Copyable {
  /// The sum of the digests.
  var sum = Sum256()
  private let context: OpaquePointer
  /// The array's tag, and room for the place of a row.
  private var prefix: [UInt8]

  init(tag: String) throws {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw TrainerError(.inputOutput, "libcrypto offers no SHA-256; check its configuration")
    }
    self.context = context
    prefix = Array(tag.utf8) + [UInt8](repeating: 0, count: 1 + MemoryLayout<UInt64>.size)
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds the digest of a block.
  ///
  /// - Parameters:
  ///   - rows, targets: their bytes; at most about 4 KiB, or one row.
  ///   - first: the place of the first row in the whole matrix.
  mutating func add(
    _ rows: UnsafeRawBufferPointer, _ targets: UnsafeRawBufferPointer, from first: Int
  ) {
    prefix.withUnsafeMutableBytes {
      $0.storeBytes(
        of: UInt64(first).littleEndian, toByteOffset: $0.count - MemoryLayout<UInt64>.size,
        as: UInt64.self)
      // No type: the context keeps its own, which spares looking it up.
      EVP_DigestInit_ex(context, nil, nil)
      EVP_DigestUpdate(context, $0.baseAddress, $0.count)
    }
    EVP_DigestUpdate(context, rows.baseAddress, rows.count)
    if !targets.isEmpty { EVP_DigestUpdate(context, targets.baseAddress, targets.count) }
    var digest: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &digest) {
      _ = EVP_DigestFinal_ex(context, $0.baseAddress!.assumingMemoryBound(to: UInt8.self), nil)
    }
    sum.add([digest.0, digest.1, digest.2, digest.3].lazy.map(\.littleEndian))
  }
}

/// An integer modulo 2^256, least significant limb first.
struct Sum256: Equatable {
  private(set) var limbs: [UInt64] = [0, 0, 0, 0]

  /// Adds four limbs.
  mutating func add(_ other: some RandomAccessCollection<UInt64>) {
    var carry: UInt64 = 0
    for (index, limb) in other.enumerated() {
      let (first, over) = limbs[index].addingReportingOverflow(limb)
      let (second, again) = first.addingReportingOverflow(carry)
      limbs[index] = second
      carry = over || again ? 1 : 0
    }
  }
}

extension FixedWidthInteger {
  /// Its bytes, the lowest first.
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }

  /// The number that has these bytes.
  fileprivate init(littleEndianBytes bytes: ArraySlice<UInt8>) {
    self = bytes.reversed().reduce(0) { $0 << 8 | Self($1) }
  }
}

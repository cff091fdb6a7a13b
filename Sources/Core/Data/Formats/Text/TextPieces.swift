/// The bytes of a part of a file, in pieces that begin where the record before has ended.
final class TextPieces {
  /// Bytes of a piece, unless a record is longer: they stay in a core's own cache while they are parsed.
  static let bytes = 256 << 10

  private let file: DataFile
  private let end: Int
  /// Where the piece begins that was given last, and where the next one does.
  private(set) var place: Int
  private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// Whether nothing was taken of the last piece.
  private var isTooShort = false

  init(_ file: DataFile, _ range: Range<Int>) {
    self.file = file
    place = range.lowerBound
    end = range.upperBound
  }

  deinit { buffer.deallocate() }

  /// The next piece, which lives until the next call, and whether it is the last; nil at the end. One of which nothing was
  /// taken comes back longer.
  ///
  /// - Throws: `TextFault.longRecord` where a record would need more than ``TextScan/longestRecord`` bytes.
  func next() throws -> (piece: UnsafeBufferPointer<UInt8>, isLast: Bool)? {
    guard place < end else { return nil }
    let wanted = isTooShort ? buffer.count * 2 : max(buffer.count, Self.bytes)
    guard wanted <= TextScan.longestRecord else { throw TextFault.longRecord(byte: place) }
    if buffer.count < wanted {
      buffer.deallocate()
      buffer = .allocate(byteCount: wanted, alignment: 64)
    }
    let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(wanted, end - place)])
    try file.read(at: place, into: piece)
    Progress.beat()
    isTooShort = true
    return (UnsafeBufferPointer(piece.bindMemory(to: UInt8.self)), place + piece.count == end)
  }

  /// Goes on behind `count` bytes of the last piece.
  func take(_ count: Int) {
    place += count
    isTooShort = count == 0
  }
}

/// A reader of rows in text.
protocol TextReader: RowReader {
  /// Reads the rows of the next piece; false when there is nothing left.
  func readText() throws -> Bool
}

extension TextReader {
  /// Reads as many bytes as readers of other formats do.
  func readPiece(_ buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
    for _ in 0..<buffer.count / TextPieces.bytes {
      guard try readText() else { return false }
    }
    return true
  }
}

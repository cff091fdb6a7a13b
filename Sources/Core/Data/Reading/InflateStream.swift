internal import CZlib

/// The inflated bytes of a gzip file or of one deflated member of a zip archive, read in order.
///
/// Checksums, lengths and the end of the compressed bytes are verified when the end is reached.
final class InflateStream {
  enum Wrapping {
    /// One gzip member after another, each with its own CRC-32 and length.
    case gzip
    /// A bare deflate stream whose CRC-32 and inflated size stand in the archive's directory.
    case member(crc: UInt32, size: Int)
  }

  /// Deflate's largest ratio of inflated to compressed bytes, rounded up.
  static let largestRatio = 1033

  private let file: DataFile
  private let name: String
  private let wrapping: Wrapping
  /// Compressed bytes of the file not yet read into `input`.
  private var pending: Range<Int>
  private let input: UnsafeMutableRawBufferPointer
  // zlib keeps a pointer to the stream, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isFinished = false
  private var produced = 0
  private var crc: UInt = 0

  init(file: DataFile, range: Range<Int>, wrapping: Wrapping, name: String) throws {
    self.file = file
    self.name = name
    self.wrapping = wrapping
    pending = range
    input = .allocate(byteCount: 1 << 18, alignment: 64)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let windowBits: Int32 = if case .gzip = wrapping { 15 + 16 } else { -15 }
    let code = inflateInit2_(
      stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    try require(
      code == Z_OK, .inputOutput, "\(name): zlib cannot start (code \(code)); free some memory")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Fills `buffer` as far as the stream goes, and returns the bytes written: fewer than the buffer
  /// holds only at the verified end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < buffer.count, !isFinished {
      try refill()
      let room = min(buffer.count - done, 1 << 30)
      stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self) + done
      stream.pointee.avail_out = UInt32(room)
      let code = inflate(stream, Z_NO_FLUSH)
      let count = room - Int(stream.pointee.avail_out)
      if case .member = wrapping, count > 0 {
        crc = crc32_z(crc, buffer.baseAddress!.assumingMemoryBound(to: UInt8.self) + done, count)
      }
      produced += count
      done += count
      switch code {
      case Z_OK: break
      case Z_STREAM_END: try finishMember()
      case Z_BUF_ERROR where stream.pointee.avail_in == 0 && pending.isEmpty:
        throw TrainerError(
          .badData,
          "\(name): its compressed data is cut off at byte \(offset); copy or download it again")
      default:
        let words = stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(code)"
        throw TrainerError(
          .badData,
          "\(name): its compressed data is damaged at byte \(offset): \(words); "
            + "copy or download it again")
      }
    }
    return done
  }

  /// The next bytes, at most `count`.
  func head(count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withUnsafeMutableBytes { try read(into: $0) }
    bytes.removeLast(count - filled)
    return bytes
  }

  /// The place in the file up to which compressed bytes were used.
  var offset: Int { pending.lowerBound - Int(stream.pointee.avail_in) }

  /// Where the compressed bytes end in the file.
  var end: Int { pending.upperBound }

  private func refill() throws {
    guard stream.pointee.avail_in == 0, !pending.isEmpty else { return }
    let count = min(input.count, pending.count)
    try file.read(
      at: pending.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: input[..<count]))
    pending = pending.lowerBound + count..<pending.upperBound
    stream.pointee.next_in = input.baseAddress!.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(count)
  }

  /// Whether nothing but zeros is left of the file.
  private func isPadding() throws -> Bool {
    var place = offset
    while place < file.size {
      let bytes = try file.bytes(at: place, count: 1 << 16)
      guard bytes.allSatisfy({ $0 == 0 }) else { return false }
      place += bytes.count
    }
    return true
  }

  private func finishMember() throws {
    try refill()
    let isAtEnd = stream.pointee.avail_in == 0 && pending.isEmpty
    switch wrapping {
    case .gzip:
      if isAtEnd {
        isFinished = true
        return
      }
      // Another member follows, or zeros, as tapes and some tools pad with, or something that does not belong here.
      if try isPadding() {
        isFinished = true
        return
      }
      try require(
        try file.bytes(at: offset, count: 2) == [0x1f, 0x8b], .badData,
        "\(name): bytes that are not gzip data follow the end of the data at byte \(offset); copy it again"
      )
      inflateReset(stream)
    case .member(let expected, let size):
      try require(
        isAtEnd && produced == size, .badData,
        "\(name): the archive's directory gives another size than its data has; copy or download it again"
      )
      try require(
        crc == UInt(expected), .badData,
        "\(name): its CRC-32 is wrong: the archive is damaged; copy or download it again")
      isFinished = true
    }
  }
}

/// The elements of a compressed array in order, without its header; the end is verified.
final class PayloadStream {
  private let name: String
  private let header: ArrayHeader
  private let stream: InflateStream
  /// Bytes of elements still to come.
  private var remaining: Int

  init(_ array: StoredArray, _ packed: PackedArray) throws {
    name = array.name
    header = packed.header
    stream = try InflateStream(
      file: try array.open(), range: packed.range,
      wrapping: packed.crc.map { .member(crc: $0, size: packed.header.totalBytes) } ?? .gzip,
      name: name)
    remaining = header.totalBytes - header.length
    let skipped = try stream.head(count: header.length).count
    if skipped < header.length { throw tooShort(skipped) }
  }

  /// Fills `buffer` with whole elements, as many as fit and are left, and returns their bytes; 0 when
  /// all were given and nothing but a sound end follows.
  func next(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(remaining, buffer.count / 8 * 8)
    if wanted > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
      let count = try stream.read(into: part)
      guard count == wanted else {
        throw tooShort(header.totalBytes - remaining + count)
      }
      remaining -= count
      return count
    }
    let excess = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<1]))
    try require(
      excess == 0, .badData,
      "\(name) inflates past its declared size of \(header.totalBytes) bytes "
        + "(shape \(header.shape)); copy or download it again")
    return 0
  }

  private func tooShort(_ count: Int) -> TrainerError {
    TrainerError(
      .badData,
      "\(name) is cut off: it inflates to \(count) bytes, its header (shape "
        + "\(header.shape)) asks for \(header.totalBytes); copy or download it again")
  }
}

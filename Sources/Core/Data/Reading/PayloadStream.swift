import DTrainBase

/// The elements of a compressed array in order, without its header; the end is verified.
final class PayloadStream {
  private let layout: ArrayLayout
  private let stream: InflateStream
  /// Bytes of elements still to come.
  private var remaining: Int
  private var isVerified = false

  init(_ layout: ArrayLayout) throws {
    self.layout = layout
    let wrapping: InflateStream.Wrapping =
      if case .deflated(let crc) = layout.container {
        .member(crc: crc, size: layout.header.totalBytes)
      } else {
        .gzip
      }
    stream = try InflateStream(
      file: try layout.open(), range: layout.range, wrapping: wrapping, name: layout.name)
    remaining = layout.header.totalBytes - layout.header.length
    let header = try stream.head(count: layout.header.length)
    if header.count < layout.header.length { throw tooShort(header.count) }
  }

  /// Fills `buffer` with whole elements, as many as fit and are left, and returns their bytes; 0 when
  /// all were given and nothing but a sound end follows.
  func next(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(remaining, buffer.count / 8 * 8)
    if wanted > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
      let count = try stream.read(into: part)
      guard count == wanted else {
        throw tooShort(layout.header.totalBytes - remaining + count)
      }
      remaining -= count
      return count
    }
    if !isVerified {
      isVerified = true
      let excess = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<1]))
      guard excess == 0 else {
        throw TrainerError(
          .badData,
          "\(layout.name) inflates past its declared size of \(layout.header.totalBytes) bytes "
            + "(shape \(layout.header.shape)); it is damaged")
      }
    }
    return 0
  }

  private func tooShort(_ count: Int) -> TrainerError {
    TrainerError(
      .badData,
      "\(layout.name) is cut off: it inflates to \(count) bytes, its header (shape "
        + "\(layout.header.shape)) asks for \(layout.header.totalBytes); copy or download it again")
  }
}

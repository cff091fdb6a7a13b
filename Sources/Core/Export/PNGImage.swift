internal import CZlib

/// An image of bytes as a PNG file (ISO/IEC 15948).
package struct PNGImage: Sendable {
  package let width: Int, height: Int
  /// 1 of gray images, 3 of red, green and blue ones, 4 of those that say how opaque they are.
  package let channels: Int
  /// `[height, width, channels]`, from the top left.
  package let samples: [UInt8]

  /// An image of these samples; a count that does not fit the extents is a programmer's error.
  package init(width: Int, height: Int, channels: Int, samples: [UInt8]) {
    precondition(
      [1, 3, 4].contains(channels) && samples.count == width * height * channels && width > 0
        && height > 0, "\(samples.count) samples of \(width) x \(height) x \(channels)")
    (self.width, self.height, self.channels, self.samples) = (width, height, channels, samples)
  }

  /// The file: a header, the rows without filters deflated in one piece, an end.
  ///
  /// - Complexity: O(samples).
  package var encoded: [UInt8] {
    let rowBytes = width * channels
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (rowBytes + 1))
    for row in 0..<height {
      rows.append(0)
      rows += samples[row * rowBytes..<(row + 1) * rowBytes]
    }
    let header =
      Self.big(width) + Self.big(height) + [8, channels == 1 ? 0 : channels == 3 ? 2 : 6, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header)
      + Self.chunk("IDAT", Self.deflated(rows)) + Self.chunk("IEND", [])
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return big(content.count) + body + big(Int(crc32_z(0, body, body.count)))
  }

  /// A number of four bytes, most significant byte first.
  private static func big(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) }
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    let result = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      let status = compress2(
        buffer.baseAddress, &count, bytes, uLong(bytes.count), Z_BEST_SPEED)
      // The buffer holds whatever the bytes may become; only memory can be missing.
      precondition(status == Z_OK, "zlib: status \(status)")
      filled = Int(count)
    }
    return result
  }
}

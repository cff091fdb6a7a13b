internal import CZlib

/// A picture of 8 bits a channel, as PNG (ISO/IEC 15948).
package struct PNGImage {
  /// Red, green, blue, and how opaque it is.
  package typealias Pixel = SIMD4<UInt8>

  package let width: Int, height: Int
  /// Row by row from the top left, `[height, width]`.
  package let pixels: [Pixel]

  /// A picture of these pixels; a count that does not fit the extents is a programmer's error.
  package init(width: Int, height: Int, pixels: [Pixel]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height)
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// The file.
  ///
  /// - Complexity: O(pixels).
  package var encoded: [UInt8] {
    var lines: [UInt8] = []
    lines.reserveCapacity(height * (4 * width + 1))
    for y in 0..<height {
      // Each line begins with its filter; this one leaves it as it is.
      lines.append(0)
      for pixel in pixels[y * width..<(y + 1) * width] {
        for channel in 0..<4 { lines.append(pixel[channel]) }
      }
    }
    // 8 bits a channel, RGBA, and the only methods that there are.
    let header = Self.big(width) + Self.big(height) + [8, 6, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header)
      + Self.chunk("IDAT", Self.deflated(lines)) + Self.chunk("IEND", [])
  }

  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    return big(content.count) + body + big(Int(crc32_z(0, body, body.count)))
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var deflated = [UInt8](repeating: 0, count: Int(count))
    let result = compress2(&deflated, &count, bytes, uLong(bytes.count), Z_BEST_COMPRESSION)
    precondition(result == Z_OK, "zlib found no room within its own bound")
    return Array(deflated.prefix(Int(count)))
  }

  private static func big(_ value: Int) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}

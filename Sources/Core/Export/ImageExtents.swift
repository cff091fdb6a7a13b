/// How rows are images.
package struct ImageExtents: Sendable {
  package let height: Int, width: Int
  /// 1, or 3 of red, green and blue.
  package let channels: Int
  /// Whether the channels come after one another, rather than those of each point.
  private let isPlanar: Bool

  /// The number of values.
  package var count: Int { height * width * channels }

  /// - Returns: nil for a shape that is no image's: two extents, or one of three that is 1 or 3 channels.
  package init?(_ shape: [Int]) {
    guard shape.allSatisfy({ (1...4096).contains($0) }) else { return nil }
    let isChannels = { (extent: Int) in extent == 1 || extent == 3 }
    switch shape.count {
    case 2: (height, width, channels, isPlanar) = (shape[0], shape[1], 1, true)
    case 3 where isChannels(shape[2]):
      (height, width, channels, isPlanar) = (shape[0], shape[1], shape[2], false)
    case 3 where isChannels(shape[0]):
      (height, width, channels, isPlanar) = (shape[1], shape[2], shape[0], true)
    default: return nil
    }
  }

  /// A row as a picture.
  ///
  /// - Parameters:
  ///   - range: black and white, or the darkest and brightest of each channel.
  ///   - isSigned: whether one channel is shown by two colours, transparent at 0.
  package func picture(
    _ row: ArraySlice<Float>, range: ClosedRange<Float>, isSigned: Bool
  ) -> PNGImage {
    let values = Array(row)
    let extent = range.upperBound - range.lowerBound
    let largest = max(range.upperBound.magnitude, range.lowerBound.magnitude)
    func byte(_ fraction: Float) -> UInt8 {
      fraction.isFinite ? UInt8((255 * min(1, max(0, fraction))).rounded()) : 0
    }
    let points = height * width
    let pixels = (0..<points).map { point -> SIMD4<UInt8> in
      if channels == 3 {
        let colors = (0..<3).map { channel in
          let value = values[isPlanar ? channel * points + point : 3 * point + channel]
          return byte((value - range.lowerBound) / extent)
        }
        return .init(colors[0], colors[1], colors[2], 255)
      }
      guard isSigned else {
        let grey = byte((values[point] - range.lowerBound) / extent)
        return .init(grey, grey, grey, 255)
      }
      let strength = byte(values[point].magnitude / largest)
      return values[point] < 0 ? .init(38, 128, 235, strength) : .init(230, 110, 20, strength)
    }
    return PNGImage(
      width: width, height: height, channels: 4,
      samples: pixels.flatMap { pixel in (0..<4).map { pixel[$0] } })
  }
}

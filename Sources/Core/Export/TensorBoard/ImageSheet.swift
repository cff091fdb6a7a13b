/// Several images of the same extents side by side in one, row by row, with a gap of a pixel between them.
package struct ImageSheet {
  /// How numbers become colours.
  package enum Scale: Sendable {
    /// From the smallest number of the sheet, black, to the largest, white.
    case gray
    /// From the largest magnitude of the sheet below 0, blue, over 0, white, to that above 0, red.
    case signed
  }

  private let height: Int, width: Int
  /// How many images the sheet has.
  package let count: Int
  private let columns: Int

  /// The most images of a sheet, and the most pixels of all of them together.
  private static let mostImages = 100, mostPixels = 1 << 20

  /// A place for images.
  ///
  /// - Parameters:
  ///   - shape: the extents of rows; nil is returned unless they are two that `features` numbers fill.
  ///   - number: how many there are; the first 100 are shown, and fewer where they have more than 2^20 pixels.
  package init?(rowShape shape: [Int], features: Int, number: Int) {
    guard shape.count == 2, shape.allSatisfy({ $0 > 0 }), shape[0] * shape[1] == features,
      features <= Self.mostPixels, number > 0
    else { return nil }
    (height, width) = (shape[0], shape[1])
    count = min(number, Self.mostImages, Self.mostPixels / features)
    // As near to a square as whole images are.
    var columns = 1
    while columns * columns * width < count * height { columns += 1 }
    self.columns = min(columns, count)
  }

  /// The sheet.
  ///
  /// - Parameter value: the number of an image at a place in its rows' order.
  /// - Complexity: O(pixels).
  package func image(_ scale: Scale, _ value: (_ image: Int, _ place: Int) -> Float) -> PNGImage {
    let size = height * width
    var values: [Float] = []
    values.reserveCapacity(count * size)
    for image in 0..<count {
      for place in 0..<size { values.append(value(image, place)) }
    }
    var (low, high) = (Float.infinity, -Float.infinity)
    for number in values where number.isFinite {
      (low, high) = (min(low, number), max(high, number))
    }
    if scale == .signed {
      high = max(abs(low), abs(high))
      low = -high
    }
    let channels = scale == .gray ? 1 : 3
    let rows = (count + columns - 1) / columns
    let (sheetWidth, sheetHeight) = (columns * (width + 1) - 1, rows * (height + 1) - 1)
    var samples = [UInt8](repeating: 128, count: sheetWidth * sheetHeight * channels)
    for image in 0..<count {
      let (top, left) = (image / columns * (height + 1), image % columns * (width + 1))
      for place in 0..<size {
        let (y, x) = (top + place / width, left + place % width)
        let number = values[image * size + place]
        let part = high > low && number.isFinite ? (number - low) / (high - low) : 0.5
        let target = (y * sheetWidth + x) * channels
        switch scale {
        case .gray: samples[target] = Self.sample(part)
        case .signed:
          let (below, above) = (Self.sample(2 * part), Self.sample(2 - 2 * part))
          samples[target] = below
          samples[target + 1] = min(below, above)
          samples[target + 2] = above
        }
      }
    }
    return PNGImage(width: sheetWidth, height: sheetHeight, channels: channels, samples: samples)
  }

  /// A part of the range, from 0 to 1, as a sample.
  private static func sample(_ part: Float) -> UInt8 {
    UInt8((min(max(part, 0), 1) * 255).rounded())
  }
}

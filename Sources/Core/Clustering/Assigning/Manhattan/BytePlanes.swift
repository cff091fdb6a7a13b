/// Centers that are multiples of a half, as rows of bytes: one for a center of whole numbers, else two,
/// rounded down and up.
struct BytePlanes {
  private let columns: Int
  private let stride: Int
  private var planes: [UInt8] = []
  /// Which planes each center lies between.
  private var first: [Int32] = []
  private var second: [Int32] = []
  private var sums: [UInt32]

  /// Nil unless all coordinates are multiples of a half from 0 to 255, and sums of them exact in Float.
  init?(_ centers: [Float], clusters: Int, columns: Int) {
    guard columns * 510 < 1 << 24,
      centers.allSatisfy({ (0...255).contains($0) && ($0 * 2).rounded(.down) == $0 * 2 })
    else { return nil }
    self.columns = columns
    stride = (columns + 63) / 64 * 64
    for cluster in 0..<clusters {
      let center = centers[cluster * columns..<(cluster + 1) * columns]
      let padding = [UInt8](repeating: 0, count: stride - columns)
      let down = center.map { UInt8($0) }
      let up = center.map { UInt8($0.rounded(.up)) }
      first.append(Int32(planes.count / stride))
      planes += down + padding
      if up != down { planes += up + padding }
      second.append(Int32(planes.count / stride - 1))
    }
    sums = [UInt32](repeating: 0, count: planes.count / stride)
  }

  /// The distances of a row of bytes to all centers.
  mutating func measure(
    _ row: UnsafePointer<UInt8>, _ kernels: KernelTable, _ scores: UnsafeMutablePointer<Float>
  ) {
    kernels.byteDistances(
      row: row, columns: columns, planes: planes, stride: stride, planeCount: sums.count,
      sums: &sums, first: first, second: second, clusters: first.count, scores: scores)
  }
}

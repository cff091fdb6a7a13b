import KernelTable

extension RowBlock {
  /// A local row of Float elements, which the rows after it follow.
  @inline(__always)
  func floats(_ row: Int = 0) -> UnsafePointer<Float> {
    base.assumingMemoryBound(to: Float.self) + row * columns
  }

  /// A local row of bytes, which the rows after it follow.
  @inline(__always)
  func bytes(_ row: Int = 0) -> UnsafePointer<UInt8> {
    base.assumingMemoryBound(to: UInt8.self) + row * columns
  }

  /// The squared distance of a local row to a point that defines labels.
  @inline(__always)
  func squaredDistance(
    _ row: Int, to point: UnsafePointer<Float>, kernels: KernelTable
  ) -> Double {
    switch element {
    case .float32: kernels.squaredDistance(floats(row), point, columns: columns)
    case .uint8: kernels.squaredDistance(bytes(row), point, columns: columns)
    }
  }

  /// The same in single precision, in some order: off by less than (columns / 8 + 8) · 2^-24 of itself and
  /// columns · 2^-149.
  @inline(__always)
  func nearlySquaredDistance(
    _ row: Int, to point: UnsafePointer<Float>, kernels: KernelTable
  ) -> Float {
    switch element {
    case .float32: kernels.nearlySquaredDistance(floats(row), point, columns: columns)
    case .uint8: kernels.nearlySquaredDistance(bytes(row), point, columns: columns)
    }
  }

  /// Calls `body` with each row's local number and its squared distances to three points, computed in Double, one column
  /// after the other.
  ///
  /// - Parameter points: `[columns, 3]`.
  /// - Complexity: O(own elements).
  func forEachDistances(
    to points: [Double], _ body: (Int, (Double, Double, Double)) -> Void
  ) {
    let kernels = KernelTable.shared
    let room = AlignedFloats.stride(columns)
    let tile = AlignedFloats(count: room * 16)
    let (shift, factor) = (AlignedFloats(count: room), AlignedFloats(count: room))
    for column in 0..<columns { factor.base[column] = 1 }
    let distances = AlignedArray<Double>(count: 3 * 16)
    var chosen: [Int32] = Array(0..<16)
    for first in stride(from: 0, to: count, by: 16) {
      Progress.beat()
      let rows = min(16, count - first)
      // Lanes behind the last row hold it once more.
      if rows < 16 { chosen = chosen.map { min($0, Int32(rows - 1)) } }
      switch element {
      case .float32:
        kernels.fillTile(
          tile.base, from: floats(first), columns: columns, rows: chosen, shift: shift.base,
          factor: factor.base)
      case .uint8:
        kernels.fillTile(
          tile.base, from: bytes(first), columns: columns, rows: chosen, shift: shift.base,
          factor: factor.base)
      }
      kernels.squaredDistancesInTile(
        tile.base, columns: columns, points: points, into: distances.base)
      for row in 0..<rows {
        let costs = (distances.base[row], distances.base[16 + row], distances.base[32 + row])
        body(first + row, costs)
      }
    }
  }
}

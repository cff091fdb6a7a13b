import KernelTable

/// The distances of a rank's rows to all centers, as they are written: those that define labels, rounded to Float.
///
/// Those of wide rows that are of squares are found from products of rows and centers; where their error leaves open how a
/// distance is rounded, it is computed by its definition.
final class CenterDistances {
  private let rows: RowBlock
  private let kernels: KernelTable
  private let metric: ClusterMetric
  private let form: DistanceForm
  private let clusters: Int
  /// Scaled, `[clusters, columns]`.
  private let points: [Float]
  /// The same in Double, less the shift of the products, with copies of the last one up to a multiple of 4.
  private let centers: AlignedArray<Double>
  private let products: Products?
  /// Sixteen rows side by side.
  private let tile: AlignedFloats
  /// What leaves the elements of rows as they are.
  private let shift: AlignedFloats
  private let factor: AlignedFloats
  private let room = AlignedFloats(count: 512)

  /// What products need.
  private struct Products {
    /// A number near the mean of each column, `[columns]`.
    let shift: AlignedArray<Double>
    /// Of each center, less the shift, `[clusters up to a multiple of 4]`.
    let squares: AlignedArray<Double>
    let slack: Double
    let shifted: AlignedArray<Double>
    let undecided: AlignedArray<Int32>
  }

  /// Rows of so many columns are wide: two square roots and a comparison cost as much as about 25 columns.
  private static let wideColumns = 32

  /// - Parameters:
  ///   - centers: `[clusters, columns]`, not scaled.
  ///   - data: of the rows.
  init(_ centers: [Float], of data: ClusterData, _ metric: ClusterMetric, _ kernels: KernelTable) {
    rows = data.measured.rows
    self.kernels = kernels
    self.metric = metric
    form =
      switch metric {
      case .l2: .root
      case .cosine: .half
      case .l1: .magnitudes
      }
    let columns = data.columns
    clusters = centers.count / columns
    points = data.scaling.scaled(centers)
    let padded = (clusters + 3) / 4 * 4
    self.centers = AlignedArray(count: padded * columns)
    let stride = AlignedFloats.stride(columns)
    tile = AlignedFloats(count: stride * AssignedRows.tileRows)
    shift = AlignedFloats(count: stride)
    factor = AlignedFloats(count: stride)
    factor.base.update(repeating: 1, count: columns)
    products =
      form != .magnitudes && columns >= Self.wideColumns
      ? Self.products(near: data.measured.means, clusters: clusters, padded: padded) : nil
    for place in 0..<padded * columns {
      let (cluster, column) = (min(place / columns, clusters - 1), place % columns)
      let value =
        Double(points[cluster * columns + column]) - (products?.shift.base[column] ?? 0)
      self.centers.base[place] = value
      products?.squares.base[place / columns] += value * value
    }
  }

  /// With u = 2^-53 and d columns, rounding changes y and e by u·|y| and u·|e| in a column, which is up to
  /// 4u · (y·y + e·e) of the square; y·y, e·e and y·e by d·u of themselves, 2d·u · (y·y + e·e) in all; the definition
  /// itself by (d / 16 + 8)·u of the square, which is at most 2(y·y + e·e); and sums of these by a few u.
  private static func products(near means: [Float], clusters: Int, padded: Int) -> Products {
    let columns = means.count
    let shift = AlignedArray<Double>(count: columns)
    for (column, mean) in means.enumerated() { shift.base[column] = Double(mean) }
    return Products(
      shift: shift, squares: AlignedArray(count: padded),
      slack: Double(3 * columns + 64) * 0x1p-53,
      shifted: AlignedArray(count: (columns + 1) * AssignedRows.tileRows),
      undecided: AlignedArray(count: clusters * AssignedRows.tileRows))
  }

  /// Writes the distances of some local rows, `[rows, clusters]`.
  ///
  /// - Complexity: O(rows · clusters · columns).
  func measure(_ range: Range<Int>, into values: UnsafeMutableBufferPointer<Float>) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: AssignedRows.tileRows) { chosen in
      for first in stride(from: range.lowerBound, to: range.upperBound, by: chosen.count) {
        Progress.beat()
        for lane in 0..<chosen.count {
          chosen[lane] = Int32(truncatingIfNeeded: min(first + lane, range.upperBound - 1))
        }
        fillTile(chosen.baseAddress!)
        measureTile(
          from: first, min(chosen.count, range.upperBound - first),
          into: values.baseAddress! + (first - range.lowerBound) * clusters)
      }
    }
  }

  private func measureTile(
    from first: Int, _ count: Int, into values: UnsafeMutablePointer<Float>
  ) {
    let columns = rows.columns
    guard let products else {
      return kernels.distances(
        tile: tile.base, columns: columns, rows: count, centers: centers.base, count: clusters,
        form: form, distances: values, room: room.base)
    }
    let open = kernels.distancesByProducts(
      tile: tile.base, columns: columns, rows: count, shift: products.shift.base,
      centers: centers.base, squares: products.squares.base, count: clusters,
      slack: products.slack, isHalved: form == .half, distances: values,
      undecided: products.undecided.base,
      shifted: products.shifted.base, room: room.base)
    points.withUnsafeBufferPointer { points in
      for index in 0..<open {
        let place = Int(products.undecided.base[index])
        let point = points.baseAddress! + place % clusters * columns
        let cost = rows.squaredDistance(first + place / clusters, to: point, kernels: kernels)
        values[place] = Float(metric.reported(cost))
      }
    }
  }

  private func fillTile(_ chosen: UnsafePointer<Int32>) {
    switch rows.element {
    case .float32:
      kernels.fillTile(
        tile.base, from: rows.floats(), columns: rows.columns, rows: chosen, shift: shift.base,
        factor: factor.base)
    case .uint8:
      kernels.fillTile(
        tile.base, from: rows.bytes(), columns: rows.columns, rows: chosen, shift: shift.base,
        factor: factor.base)
    }
  }
}

/// Finds centers that are nearest to rows in the L1 metric, if not always with certainty.
protocol ManhattanFilter: AnyObject {
  /// Takes new centers, `[clusters, columns]`.
  ///
  /// - Returns: the largest error of a distance, beside that of single precision; nil where the filter cannot work
  ///   with them.
  func prepare(_ values: [Float]) -> Float?

  /// Finds the nearest centers of sixteen local rows.
  func measure(_ rows: UnsafePointer<Int32>, into found: NearestTwo)
}

/// Values of columns as integers, in steps that are the same for all columns, so that sums of differences over
/// columns are distances: x of column j becomes round((x - minimum[j]) / step).
struct ManhattanGrid {
  let data: ClusterData
  let clusters: Int
  let kernels: KernelTable
  let step: Double
  /// What kernels subtract and multiply with, zeros behind the last column up to the end of a block.
  let shift: AlignedFloats
  let factor: AlignedFloats

  /// Nil where the columns' ranges are too large or too small to be divided.
  ///
  /// - Parameters:
  ///   - most: the integer that `over`, of the widths of the columns, reaches to.
  ///   - columnsInBlock: the columns that a kernel takes at a time.
  init?(
    _ data: ClusterData, clusters: Int, kernels: KernelTable, most: Double,
    over: ([Double]) -> Double, columnsInBlock: Int
  ) {
    let width = over(zip(data.minimum, data.maximum).map { Double($1) - Double($0) })
    guard width > 0x1p-100, width < 0x1p100 else { return nil }
    // A factor that is a Float, and so a step that is known.
    let inverse = Float(most / width)
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    step = 1 / Double(inverse)
    let room = (data.columns + columnsInBlock - 1) / columnsInBlock * columnsInBlock
    shift = AlignedFloats(count: room)
    factor = AlignedFloats(count: room)
    for column in 0..<data.columns {
      shift.base[column] = data.minimum[column]
      factor.base[column] = inverse
    }
  }

  /// Turns centers, `[clusters, columns]`, into integers.
  ///
  /// - Returns: the largest error of a distance of a row to one of them; nil where they lie too far beyond the rows.
  func prepare(
    _ values: [Float], _ store: (_ cluster: Int, _ column: Int, _ integer: Double) -> Void
  ) -> Float? {
    let columns = data.columns
    var largest = 0.0
    for cluster in 0..<clusters {
      var error = 0.0
      for column in 0..<columns {
        let minimum = Double(data.minimum[column])
        let scaled = (Double(values[cluster * columns + column]) - minimum) / step
        let width = (Double(data.maximum[column]) - minimum) / step
        let integer = max(0, min(width.rounded(), scaled.rounded()))
        error += abs(scaled - integer)
        store(cluster, column, integer)
      }
      largest = max(largest, error)
    }
    guard largest <= Double(columns) else { return nil }
    return Float((largest + Double(columns) * 0.51) * step * (1 + 0x1p-20)).nextUp
  }
}

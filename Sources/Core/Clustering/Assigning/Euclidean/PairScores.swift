/// Scores in 16-bit integers, two products an instruction lane: twice as fast as single precision where rows
/// are wide.
///
/// Rows become integers of 2^-a, centers of 2^-b; bytes stay what they are. With the errors e of this
/// rounding, |s - exact| <= ‖x‖·‖e(c)‖ + ‖e(x)‖·‖c + e(c)‖ + 2^-(a+b), and 2^-23 of the score for its
/// conversion to Float. Sums wrap around; b is chosen so that each score itself fits 32 bits.
final class PairScores: ScoreFilter {
  private(set) var error = ScoreError()

  private let rows: CenteredRows
  private let kernels: KernelTable
  /// a, and the largest norm of a row.
  private let rowBits: Int
  private let largestRow: Double
  private let words: Int
  private let shift: AlignedFloats
  private let factor: AlignedFloats
  private let byteShift: AlignedArray<Int16>
  /// `[paddedClusters, words]`, and ‖c‖²/2 in units of 2^-(a+b).
  private let centers: AlignedArray<Int32>
  private let half: AlignedArray<Int32>
  private var unit: Float = 0
  private let tile: AlignedArray<Int32>

  init(_ rows: CenteredRows, paddedClusters: Int, kernels: KernelTable) {
    self.rows = rows
    self.kernels = kernels
    let columns = rows.rows.columns
    largestRow = Double(rows.norms.max() ?? 0)
    // As many bits for rows as for centers, if these are as large; a factor that is a Float.
    let fitting = Int((0x1p30 / max(1.5 * largestRow * largestRow, 0x1p-60)).exponent) / 2
    let floatBits = min(14, fitting, 126 - Int(rows.scale.exponent))
    rowBits = rows.rows.element == .uint8 ? -Int(rows.scale.exponent) : floatBits
    let room = (columns + 31) / 32 * 32
    words = room / 2
    (shift, factor) = rows.shiftAndFactor(
      room: room, times: Double(sign: .plus, exponent: rowBits, significand: 1))
    byteShift = AlignedArray(count: room)
    if rows.rows.element == .uint8 {
      for column in 0..<columns { byteShift.base[column] = Int16(rows.shift[column]) }
    }
    centers = AlignedArray(count: paddedClusters * words)
    half = AlignedArray(count: paddedClusters)
    tile = AlignedArray(count: words * AssignedRows.tileRows)
  }

  /// Takes new centers, `[clusters, columns]`.
  ///
  /// - Returns: whether integers can tell them apart at all.
  func prepare(_ values: [Float]) -> Bool {
    let columns = rows.rows.columns
    let clusters = values.count / columns
    var (largestSquare, largestValue) = (0.0, 0.0)
    var squares = [Double](repeating: 0, count: clusters)
    for cluster in 0..<clusters {
      for column in 0..<columns {
        let value = rows.coordinate(values[cluster * columns + column], column)
        squares[cluster] += value * value
        largestValue = max(largestValue, abs(value))
      }
      largestSquare = max(largestSquare, squares[cluster])
    }
    let norm = largestSquare.squareRoot() * (1 + 0x1p-40)
    // Scores fit 31 bits, with room for the rounding of rows and centers; centers fit 15.
    let reach = 1.01 * (largestRow * norm + norm * norm / 2) + 0x1p-60
    guard reach < 0x1p30, largestValue < 0x1p30 else { return false }
    let bits = min(
      Int((0x1p31 / reach).exponent) - 1 - rowBits,
      14 - Int(max(largestValue, 0x1p-60).exponent))
    let power = Double(sign: .plus, exponent: bits, significand: 1)
    let unitPower = Double(sign: .plus, exponent: bits + rowBits, significand: 1)
    var largestError = 0.0
    let integers = UnsafeMutableRawPointer(centers.base).assumingMemoryBound(to: Int16.self)
    for cluster in 0..<clusters {
      var errors = 0.0
      for column in 0..<columns {
        let scaled = rows.coordinate(values[cluster * columns + column], column) * power
        let integer = max(-32767, min(32767, scaled.rounded(.toNearestOrEven)))
        integers[cluster * words * 2 + column] = Int16(integer)
        errors += (scaled - integer) * (scaled - integer)
      }
      largestError = max(largestError, errors)
      half.base[cluster] = Int32((squares[cluster] / 2 * unitPower).rounded())
    }
    for cluster in clusters..<half.count { half.base[cluster] = Int32.max }
    setError(norm: norm, centerError: largestError.squareRoot() / power, unit: 1 / unitPower)
    return true
  }

  private func setError(norm: Double, centerError: Double, unit: Double) {
    self.unit = Float(unit)
    let columns = Double(rows.rows.columns)
    let step = Double(sign: .plus, exponent: -rowBits, significand: 0.5)
    let rowError = rows.rows.element == .uint8 ? 0 : columns.squareRoot() * step
    // Shifting and scaling floats rounds by 2^-23 of their magnitude.
    error = ScoreError(
      slope: (centerError + 0x1p-22 * norm) * 1.001,
      constant: (rowError * (norm + centerError) + 2 * unit + 0x1p-22 * norm * norm) * 1.001,
      largest: norm, columns: rows.rows.columns)
  }

  func measure(_ chosen: UnsafePointer<Int32>, into result: TileResult) {
    let data = rows.rows
    switch data.element {
    case .float32:
      kernels.fillPairTile(
        tile.base, from: data.floats(), columns: data.columns, rows: chosen, shift: shift.base,
        factor: factor.base)
    case .uint8:
      kernels.fillPairTile(
        tile.base, from: data.bytes(), columns: data.columns, rows: chosen, shift: byteShift.base)
    }
    kernels.nearest(
      pairTile: tile.base, words: words, centers: centers.base, h: half.base, unit: unit,
      count: result.paddedClusters, groupSize: result.groupSize, nearest: result.nearest.base,
      best: result.best.base, runnerUp: result.runnerUp.base, scores: result.scores.base,
      groups: result.groups?.base)
  }
}

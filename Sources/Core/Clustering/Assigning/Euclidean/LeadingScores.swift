/// Lower bounds of the scores of some centers for tiles of rows, from leading coordinates alone; see
/// ``LeadingCoordinates`` and ``TileResult``.
///
/// With e the errors of coordinates, n the norm of a row and C the largest of a center, a score is at least what the
/// integers give less
/// e(x)·C + (n + e(x))·e(c) + ‖E‖·n·C, and 2 units for the rounding of ‖c‖²/2 and of the conversion to Float.
final class LeadingScores {
  private(set) var error = ScoreError()
  /// What an integer score of 1 stands for.
  private(set) var unit = 0.0
  private(set) var count = 0

  private let rows: LeadingRows
  private let kernels: KernelTable
  /// Centers, rounded up to fours.
  private let padded: Int
  /// `[padded, words]`; ‖c‖²/2.
  private let centers: AlignedArray<Int32>
  private let half: AlignedArray<Int32>
  /// Of each center the length of what its coordinates leave.
  private var rests: [Double] = []
  private let tile: AlignedArray<Int32>
  /// `[padded, 16]`.
  let scores: AlignedArray<Int32>
  /// The centers that were kept, and the rows of each.
  let chosen: AlignedArray<Int32>
  let members: AlignedArray<Int32>
  /// `[16 rows, 16 groups]`.
  let groups = AlignedFloats(count: 16 * AssignedRows.tileRows)

  /// Room for some centers.
  init(_ rows: LeadingRows, most: Int, kernels: KernelTable) {
    self.rows = rows
    self.kernels = kernels
    padded = (most + 3) / 4 * 4
    centers = AlignedArray(count: padded * rows.words)
    half = AlignedArray(count: padded)
    tile = AlignedArray(count: rows.words * AssignedRows.tileRows)
    scores = AlignedArray(count: padded * AssignedRows.tileRows)
    chosen = AlignedArray(count: padded)
    members = AlignedArray(count: padded)
  }

  /// Takes centers, `[some, columns]`.
  ///
  /// - Returns: whether integers can hold their scores.
  func prepare(_ values: [Float]) -> Bool {
    let columns = rows.rows.rows.columns
    count = values.count / columns
    var norms = [Double](repeating: 0, count: count)
    for cluster in 0..<count {
      var square = 0.0
      for column in 0..<columns {
        let value = rows.rows.coordinate(values[cluster * columns + column], column)
        square += value * value
      }
      norms[cluster] = square.squareRoot() * (1 + 0x1p-40)
    }
    let norm = norms.max() ?? 0
    let reach = 1.02 * (rows.largest * norm + norm * norm / 2) + 0x1p-60
    guard reach < 0x1p30 else { return false }
    let bits = min(
      Int((0x1p31 / reach).exponent) - 1 - rows.bits, LeadingCoordinates.bits(for: norm))
    unit = Double(sign: .plus, exponent: -(bits + rows.bits), significand: 1)
    values.withUnsafeBufferPointer { values in
      for first in stride(from: 0, to: count, by: LeadingCoordinates.most) {
        rows.coordinates.encode(
          values.baseAddress! + first * columns, min(LeadingCoordinates.most, count - first),
          bits: bits, norm: { norms[first + $0] }, into: centers.base + first * rows.words)
      }
    }
    let integers = UnsafeRawPointer(centers.base).assumingMemoryBound(to: Int16.self)
    rests = (0..<count).map {
      Double(integers[$0 * rows.words * 2 + rows.coordinates.axes.count])
        * Double(sign: .plus, exponent: -bits, significand: 1)
    }
    for cluster in 0..<count {
      half.base[cluster] = Int32((norms[cluster] * norms[cluster] / 2 / unit).rounded())
    }
    for cluster in count..<padded {
      half.base[cluster] = .max
      (centers.base + cluster * rows.words).update(repeating: 0, count: rows.words)
    }
    setError(norm: norm, bits: bits)
    return true
  }

  private func setError(norm: Double, bits: Int) {
    let (coordinates, departure) = (rows.coordinates, rows.coordinates.axes.departure)
    let centerError = coordinates.relativeError * norm + coordinates.rounding(bits: bits)
    let rowRounding = coordinates.rounding(bits: rows.bits)
    let slope =
      coordinates.relativeError * (norm + centerError) + centerError
      + departure * (1 + departure) * norm + 0x1p-22 * norm
    error = ScoreError(
      slope: slope * (1 + departure) * 1.001,
      constant: (rowRounding * (norm * (1 + departure) + centerError) + 2 * unit
        + 0x1p-22 * norm * norm) * 1.001 + 1e-30,
      largest: norm, columns: rows.rows.rows.columns)
  }

  /// Finds the scores of all centers for sixteen local rows.
  func measure(_ chosen: UnsafePointer<Int32>) {
    kernels.fillTile(tile.base, from: rows.encoded.base, words: rows.words, rows: chosen)
    kernels.scores(
      pairTile: tile.base, words: rows.words, centers: centers.base, h: half.base,
      count: (count + 3) / 4 * 4, into: scores.base)
  }

  /// The center of smallest score of each row of the tile.
  func least(_ nearest: UnsafeMutablePointer<Int32>) {
    kernels.least(scores: scores.base, count: count, nearest: nearest)
  }

  /// Keeps the centers whose scores are within the limit of some row, in ``chosen`` and ``members``; the smallest scores
  /// beyond of each group of centers go to ``groups``.
  ///
  /// - Parameters:
  ///   - limits: `[16]`, as ``limit(_:)`` gives them.
  ///   - groupSize: how many centers stand in a group; nil where no group is asked for.
  /// - Returns: how many.
  func sift(_ limits: UnsafePointer<Int32>, groupSize: Int?) -> Int {
    kernels.sift(
      scores: scores.base, count: count, groupSize: groupSize ?? count, unit: Float(unit),
      limits: limits, chosen: chosen.base, rows: members.base,
      groups: groupSize == nil ? nil : groups.base)
  }

  /// The score of a row of the tile and a center, or less.
  @inline(__always)
  func score(_ lane: Int, _ center: Int) -> Double {
    Double(scores.base[center * AssignedRows.tileRows + lane]) * unit
  }

  /// The most that a score may be above ``score(_:_:)``, but for its error.
  @inline(__always)
  func width(row: Int, _ center: Int) -> Double { 2 * rows.rest(row) * rests[center] }

  /// The integer scores that are not above a score.
  @inline(__always)
  func limit(_ score: Double) -> Int32 {
    let limit = (score / unit).rounded(.up)
    return limit < 0x1p31 - 2 ? Int32(max(limit, -0x1p31)) : .max - 1
  }
}

import KernelTable

/// Rows by their direction: each divided by its length, for the cosine metric.
///
/// The length is the root of the sum of squares in Double, in the order in which the kernels add the squares that define
/// labels; each coordinate is divided by it in Double and rounded once to float32. A direction so has the same bits for
/// every number of ranks and instruction set, and each coordinate is within 0.501 ulp of the exact one.
struct RowDirections {
  private let kernels: KernelTable
  /// As many as a row has columns.
  private let zeros: [Float]

  init(columns: Int, kernels: KernelTable = .shared) {
    self.kernels = kernels
    zeros = [Float](repeating: 0, count: columns)
  }

  /// Squared lengths further from 1 than this are not those of directions.
  ///
  /// Rounding moves each coordinate of a direction by at most the fraction 2^-24 of itself, so its squared length by at
  /// most 2^-23 + 2^-48; the rest is for the sum in Double.
  static let unitTolerance = 0x1.01p-23

  /// Whether a squared length is 1, as far as coordinates in float32 can tell.
  static func isUnit(_ square: Double) -> Bool { abs(square - 1) <= unitTolerance }

  /// The directions of rows: in their place where they are float32, else in a block of their own.
  ///
  /// - Parameters:
  ///   - rows: without offsets, and not used any more by the caller.
  ///   - name: of the rows, for messages.
  /// - Throws: `TrainerError(.badData)` that names the first row of zeros, which has no direction;
  ///   `TrainerError(.inputOutput)` where memory is short.
  /// - Complexity: O(rows · columns).
  func directions(of rows: RowBlock, named name: String) throws -> RowBlock {
    precondition(rows.offsets.isEmpty, "directions are those of rows as they are")
    let target =
      switch rows.element {
      case .float32: rows
      case .uint8:
        try RowBlock(
          rows: rows.rows, columns: rows.columns, element: .float32, name: "directions of \(name)")
      }
    let values = target.memory.assumingMemoryBound(to: Float.self)
    for row in 0..<rows.count {
      Progress.beat()
      let place = values + row * rows.columns
      let square = rows.squaredDistance(row, to: zeros, kernels: kernels)
      try require(
        square > 0, .badData,
        "\(name): row \(rows.rows.lowerBound + row) (counting from 0) holds only zeros, so it has no direction, which "
          + "\(parameter: "metric") cosine compares; remove the row, or cluster with \(parameter: "metric") l2"
      )
      let length = square.squareRoot()
      switch rows.element {
      case .float32:
        for column in 0..<rows.columns {
          place[column] = Self.quotient(Double(place[column]), length)
        }
      case .uint8:
        let bytes = rows.bytes(row)
        for column in 0..<rows.columns {
          place[column] = Self.quotient(Double(bytes[column]), length)
        }
      }
    }
    return target
  }

  /// The directions of centers, `[count, columns]`. One that has length 1 already, as float32 tells it, stays as it is.
  ///
  /// - Parameter name: of the centers, for messages.
  /// - Throws: `TrainerError(.badData)` that names the first center of zeros.
  func directions(of centers: [Float], named name: String) throws(TrainerError) -> [Float] {
    var directions = centers
    let columns = zeros.count
    for start in stride(from: 0, to: centers.count, by: columns) {
      let square = centers.withUnsafeBufferPointer {
        kernels.squaredDistance($0.baseAddress! + start, zeros, columns: columns)
      }
      try require(
        square > 0, .badData,
        "\(name): center \(start / columns) (counting from 0) holds only zeros, so it has no direction, which "
          + "\(parameter: "metric") cosine compares; give another one")
      guard !Self.isUnit(square) else { continue }
      let length = square.squareRoot()
      for index in start..<start + columns {
        directions[index] = Self.quotient(Double(centers[index]), length)
      }
    }
    return directions
  }

  /// A coordinate of a direction; 0 rather than -0.
  @inline(__always)
  private static func quotient(_ value: Double, _ length: Double) -> Float {
    Float(value / length) + 0
  }
}

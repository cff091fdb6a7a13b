import DTrainDist

/// Weights as whole numbers of a quantum, a power of two; the sum of all fits 62 bits.
///
/// With 2^b rows the quantum is 2^-(61-b) of the largest weight: all weights of 24 bits down to 2^-(37-b) of it
/// are exact, and smaller ones are rounded; those of which little would be left are refused (``check``).
struct WeightQuanta {
  /// Of this rank's rows.
  let values: [Int64]

  /// Weights below so many quanta would be rounded to less than 11 bits.
  private static let least = 1024.0

  /// - Parameter count: the rows of all ranks.
  init(_ weights: RowWeights, count: Int) {
    let scale = Self.quantaPerUnit(weights, count: count)
    values = weights.values.map {
      Int64((Double($0) * scale).rounded(.toNearestOrEven))
    }
  }

  private static func quantaPerUnit(_ weights: RowWeights, count: Int) -> Double {
    let bits = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    return Double(
      sign: .plus, exponent: 61 - bits - Int(weights.largest.exponent) - 1, significand: 1)
  }

  /// Refuses weights that lie too far apart for exact medians; collective.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks.
  static func check(_ weights: RowWeights, count: Int, among world: Communicator) throws {
    let least = try world.allReduce(weights.values.filter { $0 > 0 }.min() ?? .infinity, .minimum)
    guard Double(least) * quantaPerUnit(weights, count: count) < Self.least else { return }
    throw world.unanimous(
      TrainerError(
        .badData,
        "--weights: they range from \(least) to \(weights.largest), too far apart for exact medians of \(count) "
          + "rows; leave out the lightest rows (weight 0), or lower the largest weights"))
  }
}

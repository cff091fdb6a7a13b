/// Weights as whole numbers of a quantum, a power of two; the sum of all fits 62 bits.
///
/// With 2^b rows the quantum is 2^-(61-b) of the largest weight: all weights of 24 bits down to 2^-(37-b) of it
/// are exact, smaller ones are rounded, and what is not 0 stays at least one quantum.
struct WeightQuanta {
  /// Of this rank's rows.
  let values: [Int64]

  /// - Parameter count: the rows of all ranks.
  init(_ weights: RowWeights, count: Int) {
    let bits = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    let scale = Double(
      sign: .plus, exponent: 61 - bits - Int(weights.largest.exponent) - 1, significand: 1)
    values = weights.values.map {
      $0 > 0 ? max(1, Int64((Double($0) * scale).rounded(.toNearestOrEven))) : 0
    }
  }
}

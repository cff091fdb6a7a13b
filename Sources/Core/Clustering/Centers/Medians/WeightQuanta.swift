/// Weights as whole numbers of a quantum, a power of two; the sum of all fits 62 bits.
///
/// With 2^b rows the quantum is 2^-(61-b) of the largest weight: all weights of 24 bits down to 2^-(37-b) of it
/// are exact, and smaller ones are rounded by up to half a quantum each.
struct WeightQuanta {
  /// Of this rank's rows.
  let values: [Int64]
  /// Whether any weight of all ranks was rounded.
  let areRounded: Bool

  /// Collective.
  ///
  /// - Parameter count: the rows of all ranks.
  init(_ weights: RowWeights, count: Int, among world: Communicator) throws(MPIError) {
    let bits = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    let scale = Double(
      sign: .plus, exponent: 61 - bits - Int(weights.largest.exponent) - 1, significand: 1)
    values = weights.values.map { Int64((Double($0) * scale).rounded(.toNearestOrEven)) }
    let isRounded = zip(values, weights.values).contains { Double($0) != Double($1) * scale }
    areRounded = try world.allReduce(isRounded ? 1 : 0, .maximum) == 1
  }
}

/// Standard normal draws, each a function of (seed, index) alone.
package enum NormalDistribution {
  /// Fills `values` with draws times `scale`; element i is draw `first + i`.
  ///
  /// Marsaglia's polar method (1964): pairs of uniform numbers until one falls into the unit disc.
  package static func fill(
    _ values: UnsafeMutableBufferPointer<Float>, scale: Double, generator: Philox, first: Int
  ) {
    for index in values.indices {
      if index & 0xffff == 0 { Progress.beat() }
      let draw = first + index
      let pair = pair(generator, index: draw / 2)
      values[index] = Float((draw % 2 == 0 ? pair.x : pair.y) * scale)
    }
  }

  private static func pair(_ generator: Philox, index: Int) -> SIMD2<Double> {
    var sequence = PhiloxSequence(generator, stream: UInt64(index))
    while true {
      let point = SIMD2(2 * sequence.nextUnit() - 1, 2 * sequence.nextUnit() - 1)
      let square = point.x * point.x + point.y * point.y
      if square > 0, square < 1 {
        return point * (-2 * PortableMath.log(square) / square).squareRoot()
      }
    }
  }
}

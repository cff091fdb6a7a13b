/// How numbers of a known range become integers whose sums no order can change.
///
/// A number x is hi·2^-q + lo·2^-(q+s) with integers hi and lo, rounded to nearest even; sums of as many
/// such numbers as were announced fit 63 bits in each part. Multiples of 2^-(q+s) are represented exactly.
package struct FixedPoint {
  /// q, and s: the bits behind the point of each part.
  package let highBits: Int
  package let lowBits: Int
  /// 2^q, and 2^s.
  package let scale: Double
  package let lowScale: Double

  /// For sums of up to `count` numbers of magnitude below 2^`exponent`.
  package init(exponent: Int, count: Int) {
    let bits = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    self.init(highBits: 62 - bits - exponent, lowBits: 61 - bits)
  }

  /// For sums that fit.
  package init(highBits: Int, lowBits: Int) {
    self.highBits = highBits
    self.lowBits = lowBits
    scale = Double(sign: .plus, exponent: highBits, significand: 1)
    lowScale = Double(sign: .plus, exponent: lowBits, significand: 1)
  }

  /// The smallest power of two above a magnitude, as an exponent; 0 for zero, which any scale represents.
  package static func exponent(above magnitude: Double) -> Int {
    magnitude == 0 ? 0 : Int(magnitude.exponent) + 1
  }

  /// The exponent of the smallest unit that is represented.
  package var quantumExponent: Int { -(highBits + lowBits) }

  /// The two parts of a number.
  @inline(__always)
  package func parts(_ x: Double) -> (high: Int64, low: Int64) {
    let scaled = x * scale
    let high = scaled.rounded(.toNearestOrEven)
    return (Int64(high), Int64(((scaled - high) * lowScale).rounded(.toNearestOrEven)))
  }

  /// The number that two sums of parts stand for, to the precision of Double.
  package func value(high: Int64, low: Int64) -> Double {
    let (large, small) = (Double(high), Double(low) / lowScale)
    if abs(large) >= 2 * abs(small) { return (large + small) / scale }
    // Parts that may cancel, in integers.
    return Double(Int128(high) << lowBits + Int128(low)) / lowScale / scale
  }
}

/// A sum of Doubles, the same for every order and division among ranks.
package struct FixedPointSum {
  package let point: FixedPoint
  package private(set) var high: Int64 = 0
  package private(set) var low: Int64 = 0

  /// For up to `count` numbers of magnitude up to `bound`.
  package init(bound: Double, count: Int) {
    point = FixedPoint(exponent: FixedPoint.exponent(above: bound), count: count)
  }

  /// For numbers whose parts are summed up elsewhere.
  package init(_ point: FixedPoint) { self.point = point }

  package mutating func add(_ x: Double) {
    let parts = point.parts(x)
    add(high: parts.high, low: parts.low)
  }

  /// Adds numbers whose parts are summed up already.
  package mutating func add(high: Int64, low: Int64) {
    self.high &+= high
    self.low &+= low
  }

  /// Keeps the lower part below a unit of the upper one, which says the same.
  package mutating func carry() {
    high &+= low >> Int64(point.lowBits)
    low &= 1 << Int64(point.lowBits) - 1
  }

  /// Adds the sums of all ranks; collective.
  package mutating func combine(among world: Communicator) throws(MPIError) {
    var nothing: [Int] = []
    try combine(among: world, with: &nothing)
  }

  /// Adds the sums of all ranks, and numbers that each rank brings, in one message; collective.
  package mutating func combine(among world: Communicator, with numbers: inout [Int])
    throws(MPIError)
  {
    var message = [Int(high), Int(low)] + numbers
    try world.allReduce(&message, .sum)
    (high, low) = (Int64(message[0]), Int64(message[1]))
    numbers = Array(message[2...])
  }

  package var value: Double { point.value(high: high, low: low) }
}

import DTrainDist

/// A sum of Doubles without any rounding, the same for every order and division among ranks, whatever the numbers'
/// sizes: a number of 1e30 takes nothing from one of 1e-30 beside it.
///
/// A number's bits are added to 32-bit limbs at the places where they stand (U. Kulisch's accumulator, 1986); each
/// limb is kept in 64 bits, which up to 2^31 numbers cannot overflow.
struct ExactSum: Equatable {
  /// Limb i counts units of 2^(32i - 1074).
  private(set) var limbs = [Int64](repeating: 0, count: Self.count)

  /// From the smallest subnormal number to beyond the largest.
  static let count = 68

  /// Adds a finite number.
  mutating func add(_ x: Double) {
    let bits = x.bitPattern
    let exponent = Int(bits >> 52 & 0x7ff)
    let fraction = bits & 0xf_ffff_ffff_ffff
    let significand = exponent == 0 ? fraction : fraction | 1 << 52
    let place = max(exponent, 1) - 1
    let (limb, shift) = (place >> 5, UInt64(place & 31))
    let low = significand << shift
    // Of 53 bits shifted by up to 31, those beyond 64.
    let high = shift == 0 ? 0 : significand >> (64 - shift)
    let sign: Int64 = bits >> 63 == 0 ? 1 : -1
    limbs.withUnsafeMutableBufferPointer { limbs in
      limbs[limb] &+= sign &* Int64(low & 0xffff_ffff)
      limbs[limb + 1] &+= sign &* Int64(low >> 32)
      limbs[limb + 2] &+= sign &* Int64(high)
    }
  }

  /// Adds the sums of all ranks; collective.
  mutating func combine(among world: Communicator) throws(MPIError) {
    try world.allReduce(&limbs, .sum)
  }

  /// Adds the sums of all ranks, each to its like, in one message; collective.
  static func combine(_ sums: inout [ExactSum], among world: Communicator) throws(MPIError) {
    var message = sums.flatMap(\.limbs)
    try world.allReduce(&message, .sum)
    for index in sums.indices {
      sums[index].limbs = Array(message[index * count..<(index + 1) * count])
    }
  }

  /// The sum, rounded to the nearest Double.
  var value: Double {
    // Carries, so that all limbs but the last are within 32 bits.
    var digits = limbs
    for index in 0..<digits.count - 1 {
      digits[index + 1] += digits[index] >> 32
      digits[index] &= 0xffff_ffff
    }
    guard digits.last! >= 0 else {
      var opposite = self
      for index in limbs.indices { opposite.limbs[index] = -limbs[index] }
      return -opposite.value
    }
    guard let top = digits.lastIndex(where: { $0 != 0 }) else { return 0 }
    // The upper three limbs hold more than 64 bits; what is below them counts as one bit that is set or not.
    var number: UInt128 = 0
    for index in stride(from: top, through: max(0, top - 2), by: -1) {
      number = number << 32 | UInt128(UInt64(digits[index]))
    }
    let lowest = max(0, top - 2)
    if digits[..<lowest].contains(where: { $0 != 0 }) { number |= 1 }
    // In two steps, since one power of two may be no Double.
    let exponent = 32 * lowest - 1074
    return Double(number) * Double(sign: .plus, exponent: exponent / 2, significand: 1)
      * Double(sign: .plus, exponent: exponent - exponent / 2, significand: 1)
  }
}

extension RowAssigner {
  /// The weighted sum of all rows' costs at the centres of their labels, exact; collective.
  func totalCost(of data: ClusterData) throws(MPIError) -> Double {
    var sum = ExactSum()
    for (row, label) in labels.enumerated() {
      Progress.beat()
      sum.add(cost(row: row, center: Int(label)) * data.weight(row))
    }
    try sum.combine(among: data.world)
    return sum.value
  }
}

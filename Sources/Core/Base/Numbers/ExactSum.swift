/// A sum of Doubles without any rounding, the same for every order and division among ranks, whatever the numbers'
/// sizes: a number of 1e30 takes nothing from one of 1e-30 beside it.
///
/// A number's bits are added to 32-bit limbs at the places where they stand (U. Kulisch's accumulator, 1986); each
/// limb is kept in 64 bits, which up to 2^31 numbers cannot overflow.
package struct ExactSum: Equatable {
  /// Limb i counts units of 2^(32i - 1074).
  package private(set) var limbs: [Int64]

  /// From the smallest subnormal number to beyond the largest.
  package static let count = 68

  /// A sum of nothing.
  package init() { self.init(limbs: [Int64](repeating: 0, count: Self.count)) }

  private init(limbs: [Int64]) { self.limbs = limbs }

  /// The sum of some limbs, of which the first is the one at `first`, and zeros.
  package init(limbs: ArraySlice<Int64>, from first: Int) {
    self.init()
    self.limbs.replaceSubrange(first..<first + limbs.count, with: limbs)
  }

  /// Adds a finite number.
  package mutating func add(_ x: Double) {
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
  package mutating func combine(among world: Communicator) throws(MPIError) {
    try world.allReduce(&limbs, .sum)
  }

  /// Adds the sums of all ranks, each to its like, in one message; collective.
  package static func combine(_ sums: inout [ExactSum], among world: Communicator) throws(MPIError)
  {
    var message = sums.flatMap(\.limbs)
    try world.allReduce(&message, .sum)
    for index in sums.indices {
      sums[index].limbs = Array(message[index * count..<(index + 1) * count])
    }
  }

  /// The limbs after carries: all but the last are within 32 bits, and that one has the sum's sign.
  private var digits: [Int64] {
    var digits = limbs
    for index in 0..<digits.count - 1 {
      digits[index + 1] += digits[index] >> 32
      digits[index] &= 0xffff_ffff
    }
    return digits
  }

  /// The sum, rounded to the nearest Double.
  package var value: Double {
    let digits = digits
    guard digits.last! >= 0 else { return -ExactSum(limbs: limbs.map { -$0 }).value }
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

  /// Twice the sum.
  package var doubled: ExactSum { ExactSum(limbs: digits.map { $0 * 2 }) }

  /// The sign of what is left of the sum after another one.
  package func compared(to other: ExactSum) -> Int {
    ExactSum(limbs: zip(digits, other.digits).map { $0 - $1 }).sign
  }

  /// -1, 0 or 1.
  private var sign: Int {
    let digits = digits
    return digits.last! < 0 ? -1 : digits.contains { $0 != 0 } ? 1 : 0
  }

  /// The quotient of two sums, rounded once to the nearest Float, to the even one of two that are as near.
  ///
  /// - Parameter divisor: positive, and a sum of Floats, as are the quotient's neighbours.
  package func divided(by divisor: ExactSum) -> Float {
    Float(near: value / divisor.value) { compared(to: divisor, times: $0) }
  }

  /// The sign of what is left of the sum after another one, not negative and of Floats, times a factor that is the
  /// middle of two Floats.
  private func compared(to other: ExactSum, times factor: Double) -> Int {
    var rest = ExactSum(limbs: digits)
    // The factor is an integer of up to 25 bits times 2^exponent: of subnormal Floats' middles, 2^-150.
    let exponent = max(Int(factor.exponent) - 24, -150)
    let integer = Int128(factor * Double(sign: .plus, exponent: -exponent, significand: 1))
    let (offset, shift) = (exponent >> 5, exponent & 31)
    for (index, digit) in other.digits.enumerated() where digit != 0 {
      var product = Int128(digit) * integer << shift
      for place in index + offset..<index + offset + 3 {
        rest.limbs[place] -= Int64(truncatingIfNeeded: product & 0xffff_ffff)
        product >>= 32
      }
      rest.limbs[index + offset + 3] -= Int64(product)
    }
    return rest.sign
  }
}

extension Float {
  /// The Float nearest to a number, the even one of two that are as near.
  ///
  /// - Parameters:
  ///   - approximate: within 2^-50 of the number, relative to it: three roundings are less.
  ///   - compare: the sign of what is left of the number after the middle of two Floats; asked only where the number
  ///     lies next to it.
  package init(near approximate: Double, comparedTo compare: (_ middle: Double) -> Int) {
    let error = abs(approximate) * 0x1p-50
    let (below, above) = (Float(approximate - error), Float(approximate + error))
    guard below != above else {
      self = below
      return
    }
    switch compare((Double(below) + Double(above)) / 2) {
    case ..<0: self = below
    case 0: self = below.bitPattern & 1 == 0 ? below : above
    default: self = above
    }
  }
}

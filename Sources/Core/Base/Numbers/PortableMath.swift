/// Elementary functions in Double from plain arithmetic, whose bits depend on no library and no CPU.
///
/// libm chooses among variants by CPU, so its last bits may differ between the nodes of a job; initial
/// weights and learning rates must not.
package enum PortableMath {
  private static let ln2High = 0x1.62e42feep-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

  /// e to the power of x; relative error below 4 units in the last place for |x| < 700.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.78 { return .infinity }
    if x < -745.2 { return 0 }
    let n = (x * 1.4426950408889634).rounded()
    let r = (x - n * ln2High) - n * ln2Low
    // Taylor's series on |r| <= 0.35: the term after the last is below 2^-56.
    var sum = 1.0
    for k in stride(from: 14, to: 0, by: -1) { sum = 1 + r / Double(k) * sum }
    return Double(sign: .plus, exponent: Int(n), significand: sum)
  }

  /// The natural logarithm of a positive number; relative error below 4 units in the last place.
  package static func log(_ x: Double) -> Double {
    if x.isNaN || x < 0 { return .nan }
    if x == 0 { return -.infinity }
    if x.isInfinite { return x }
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand *= 0.5
      exponent += 1
    }
    // log m = 2 artanh(s), s = (m - 1) / (m + 1), |s| <= 0.172.
    let s = (significand - 1) / (significand + 1)
    let square = s * s
    var sum = 0.0
    for k in stride(from: 23, to: 1, by: -2) { sum = (sum + 1 / Double(k)) * square }
    let series = 2 * s + 2 * s * sum
    return exponent * ln2High + (exponent * ln2Low + series)
  }

  /// The cosine of x·π for x in [0, 1]; absolute error below 1e-15.
  package static func cosPi(_ x: Double) -> Double {
    if x > 0.5 { return -cosPi(1 - x) }
    let angle = x * Double.pi
    let square = angle * angle
    var sum = 1.0
    for k in stride(from: 24, to: 0, by: -2) { sum = 1 - square / Double(k * (k - 1)) * sum }
    return sum
  }
}

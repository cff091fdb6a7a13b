import XCTest

@testable import DTrainBase

/// Floats of 16 bits have the values that their formats define.
final class NarrowFloatTests: XCTestCase {
  /// (-1)^sign 2^exponent fraction, of all bit patterns of a format.
  private func check(
    exponentBits: Int, fractionBits: Int, _ convert: (UInt16) -> Float, line: UInt = #line
  ) {
    let bias = 1 << (exponentBits - 1) - 1
    for bits in UInt16.min...UInt16.max {
      let exponent = Int(bits) >> fractionBits & (1 << exponentBits - 1)
      let fraction = Int(bits) & (1 << fractionBits - 1)
      let value = convert(bits)
      XCTAssertEqual(value.sign == .minus, bits >> 15 == 1, "\(bits)", line: line)
      if exponent == 1 << exponentBits - 1 {
        XCTAssertTrue(fraction == 0 ? value.isInfinite : value.isNaN, "\(bits)", line: line)
      } else {
        let whole = exponent == 0 ? fraction : fraction + 1 << fractionBits
        let expected = Double(
          sign: .plus, exponent: max(exponent, 1) - bias - fractionBits, significand: Double(whole))
        XCTAssertEqual(Double(value.magnitude), expected, "\(bits)", line: line)
      }
    }
  }

  func testHalvesAreExact() { check(exponentBits: 5, fractionBits: 10) { Float(half: $0) } }

  func testBfloatsAreExact() { check(exponentBits: 8, fractionBits: 7) { Float(bfloat16: $0) } }
}

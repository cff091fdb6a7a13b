import Glibc
import XCTest

@testable import DTrainData

/// Numbers as text, beside `strtod`.
final class DecimalNumberTests: XCTestCase {
  private func parse(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { DecimalNumber.parse($0) }
  }

  func testNumbersAreThoseOfStrtod() {
    var draw = SystemRandomNumberGenerator()
    for index in 0..<200_000 {
      let text =
        switch index % 8 {
        case 0:
          "\(Double(sign: .plus, exponent: Int.random(in: -1074...1000, using: &draw), significand: Double.random(in: 1..<2, using: &draw)))"
        case 1: "\(Double.random(in: -1...1, using: &draw))"
        case 2:
          "\(Int.random(in: 0..<Int.max, using: &draw))e\(Int.random(in: -345...310, using: &draw))"
        case 3:
          "\(Int.random(in: 0..<100_000, using: &draw)).\(Int.random(in: 0..<1_000_000_000, using: &draw))"
        // Halfway between two numbers.
        case 4:
          "\((UInt64.random(in: 1 << 52..<1 << 53, using: &draw)) * 2 + 1)e\(Int.random(in: -5...5, using: &draw))"
        case 5:
          "0.\(String(repeating: "0", count: Int.random(in: 0...30, using: &draw)))\(UInt64.random(in: 0 ... .max, using: &draw))"
        case 6:
          "\(String(repeating: "0", count: Int.random(in: 0...20, using: &draw)))\(UInt64.random(in: 0 ... .max >> 20, using: &draw)).\(Int.random(in: 0..<1 << 30, using: &draw))"
        default: "-\(Float.random(in: 0...1000, using: &draw))"
        }
      XCTAssertEqual(parse(text)?.bitPattern, strtod(text, nil).bitPattern, text)
    }
  }

  /// Digits are looked at eight at a time; whatever follows them, and wherever the bytes end.
  func testNumbersEndAtTheFirstOtherByte() {
    let digits = Array("1234567890123456789012345".utf8)
    let others = (UInt8.min...UInt8.max).filter { byte in
      !(0x30...0x39).contains(byte) && ![".", "e", "E"].contains(Character(Unicode.Scalar(byte)))
    }
    for count in 1...digits.count {
      let number = Array(digits[..<count])
      let expected = strtod(String(decoding: number, as: UTF8.self), nil)
      for other in others {
        for tail in [[], [other], [other] + digits] {
          for point in [0, 1, count] {
            var text = number
            if point > 0 { text.insert(UInt8(ascii: "."), at: point) }
            (text + tail).withUnsafeBufferPointer { bytes in
              var place = bytes.baseAddress!
              let value = DecimalNumber.leading(&place, place + bytes.count, .shared)
              XCTAssertEqual(place - bytes.baseAddress!, text.count)
              XCTAssertEqual(
                value, point > 0 ? strtod(String(decoding: text, as: UTF8.self), nil) : expected)
            }
          }
        }
      }
    }
  }

  func testLimits() {
    for text in [
      "0", "-0", "+1", ".5", "5.", "1e5", "1E+05", "1e-400", "1e400", "4.9e-324",
      "2.4703282292062327e-324",
      "2.2250738585072011e-308", "2.2250738585072014e-308", "1.7976931348623157e308",
      "1.7976931348623159e308",
      "9007199254740993", "9007199254740993.0", "123456789012345678901234567890",
      "18446744073709551615",
      "18446744073709551616", "0.1e1000000", "1e-1000000000000", "inf", "-Infinity",
    ] { XCTAssertEqual(parse(text)?.bitPattern, strtod(text, nil).bitPattern, text) }
    XCTAssertEqual(parse("nan")?.isNaN, true)
    for text in [
      "", "-", "+", ".", "e5", "1e", "1e+", "0x10", "1 ", " 1", "1,5", "1_0", "infx", "--1",
      "1.2.3", "1e5.5",
      "nanx", "１",
    ] { XCTAssertNil(parse(text), text) }
  }
}

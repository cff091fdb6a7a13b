import Foundation
import XCTest

@testable import DTrainBase

/// The elementary functions against the C library's, whose error is below 0.6 ulp: what lies within 3.4
/// ulp of them is within 4 of the truth.
final class PortableMathTests: XCTestCase {
  private func check(
    _ name: String, _ samples: [Double], _ function: (Double) -> Double,
    _ expected: (Double) -> Double
  ) {
    for x in samples {
      let (found, library) = (function(x), expected(x))
      guard abs(found - library) <= 3.4 * library.ulp else {
        return XCTFail("\(name)(\(x)) is \(found), the C library says \(library)")
      }
    }
  }

  func testExponential() {
    var generator = SeededGenerator(seed: 1)
    var samples = [0, -0.0, 1, -1, 0.5, 699.999, -699.999]
    for range in [700, 40, 1, 1e-3, 1e-12] {
      samples += (0..<20_000).map { _ in Double.random(in: -range...range, using: &generator) }
    }
    // Where the rounding of x / ln 2 turns.
    for k in -900...900 {
      let edge = (Double(k) + 0.5) * 0.6931471805599453
      samples += [edge.nextDown, edge, edge.nextUp]
    }
    check("exp", samples, PortableMath.exp, Foundation.exp)
    XCTAssertEqual(PortableMath.exp(0), 1)
    XCTAssertEqual(PortableMath.exp(-.infinity), 0)
    XCTAssertEqual(PortableMath.exp(-1e300), 0)
    XCTAssertEqual(PortableMath.exp(.infinity), .infinity)
    XCTAssertEqual(PortableMath.exp(1e300), .infinity)
    XCTAssertTrue(PortableMath.exp(.nan).isNaN)
    // Beyond the stated range: no worse than the spacing of subnormal numbers.
    for x in stride(from: -745.0, to: -700, by: 0.37) {
      XCTAssertEqual(
        PortableMath.exp(x), Foundation.exp(x),
        accuracy: 4 * Foundation.exp(x).ulp + Double.leastNonzeroMagnitude)
    }
  }

  func testLogarithm() {
    var generator = SeededGenerator(seed: 2)
    var samples = [
      Double.leastNonzeroMagnitude, 1e-310, .leastNormalMagnitude, .greatestFiniteMagnitude,
      2.0.squareRoot(), 0.5.squareRoot(), 2.0.squareRoot().nextUp, 2, 0.5, 10,
    ]
    for _ in 0..<50_000 {
      let bits = UInt64.random(in: 1..<0x7FF0_0000_0000_0000, using: &generator)
      samples.append(Double(bitPattern: bits))
    }
    for _ in 0..<30_000 {
      // Near 1, where the result is near 0, and the uniform numbers of the normal draws.
      let distance = Foundation.exp2(Double.random(in: -52...(-1), using: &generator))
      samples += [1 + distance, 1 - distance, Double.random(in: 0x1p-53..<1, using: &generator)]
    }
    check("log", samples, PortableMath.log, Foundation.log)
    XCTAssertEqual(PortableMath.log(1), 0)
    XCTAssertEqual(PortableMath.log(0), -.infinity)
    XCTAssertEqual(PortableMath.log(.infinity), .infinity)
    XCTAssertTrue(PortableMath.log(-1).isNaN)
    XCTAssertTrue(PortableMath.log(.nan).isNaN)
  }

  /// Below 1e-15 of the truth: the reference takes sin(π(½ - x)) near a half, where ½ - x is exact,
  /// and is itself within 3e-16.
  func testCosine() {
    var generator = SeededGenerator(seed: 3)
    var samples = [0, 0.25, 0.5, 0.75, 1, 0.5.nextUp, 0.5.nextDown, 1e-300]
    samples += (0..<100_000).map { _ in Double.random(in: 0...1, using: &generator) }
    for x in samples {
      let folded = x > 0.5 ? 1 - x : x
      let cosine = folded < 0.25 ? cos(.pi * folded) : sin(.pi * (0.5 - folded))
      let expected = x > 0.5 ? -cosine : cosine
      let found = PortableMath.cosPi(x)
      guard abs(found - expected) <= 7e-16 else {
        return XCTFail("cosPi(\(x)) is \(found), expected \(expected)")
      }
    }
    XCTAssertEqual(PortableMath.cosPi(0), 1)
    XCTAssertEqual(PortableMath.cosPi(1), -1)
  }
}

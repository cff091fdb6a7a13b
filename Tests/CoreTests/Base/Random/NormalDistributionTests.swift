import Foundation
import XCTest

@testable import DTrainBase

/// Initial weights: standard normal, each a function of the seed and its index.
final class NormalDistributionTests: XCTestCase {
  private func draws(
    _ count: Int, first: Int = 0, seed: UInt64 = 3, scale: Double = 1
  ) -> [Float] {
    var values = [Float](repeating: .nan, count: count)
    values.withUnsafeMutableBufferPointer {
      NormalDistribution.fill(
        $0, scale: scale, generator: Philox(seed: seed, purpose: .initialWeights), first: first)
    }
    return values
  }

  /// The first four moments are 0, 1, 0, 3 within five standard errors: 1, 2, 15 and 96 over n are the
  /// variances of their estimates.
  func testMoments() {
    let n = 60_000
    let values = draws(n).map(Double.init)
    for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96)] {
      let moment = values.reduce(0) { $0 + pow($1, Double(power)) } / Double(n)
      XCTAssertEqual(
        moment, expected, accuracy: 5 * (variance / Double(n)).squareRoot(), "moment \(power)")
    }
    // Both of a pair, and neighbours of different pairs, are uncorrelated.
    for lag in [1, 2] {
      let product = zip(values, values.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
      XCTAssertEqual(product, 0, accuracy: 5 / Double(n).squareRoot(), "lag \(lag)")
    }
  }

  /// The empirical distribution against the normal one: Kolmogorov's distance, below 1.95 / √n but once
  /// in a thousand seeds.
  func testDistribution() {
    let values = draws(20_000).map(Double.init).sorted()
    let n = Double(values.count)
    var distance = 0.0
    for (index, value) in values.enumerated() {
      let below = erfc(-value / 2.0.squareRoot()) / 2
      distance = max(distance, abs(below - Double(index) / n), abs(below - Double(index + 1) / n))
    }
    XCTAssertLessThan(distance, 1.95 / n.squareRoot())
  }

  /// However the range is cut, by whomever, element i is the same.
  func testCutsDoNotMatter() {
    let whole = draws(1000, first: 0)
    for cut in [0, 1, 2, 333, 500, 999, 1000] {
      XCTAssertEqual(draws(cut) + draws(1000 - cut, first: cut), whole)
    }
    XCTAssertEqual((0..<100).flatMap { draws(1, first: $0) }, Array(whole[..<100]))
  }

  func testScaleAndSeed() {
    let ones = draws(500)
    XCTAssertEqual(draws(500, scale: 0), ones.map { $0 * 0 })
    for (one, scaled) in zip(ones, draws(500, scale: 0.01)) {
      XCTAssertEqual(
        Double(scaled), Double(one) * 0.01, accuracy: abs(Double(one)) * 0.01 * 0x1p-22)
    }
    XCTAssertNotEqual(draws(500, seed: 4), ones)
  }
}

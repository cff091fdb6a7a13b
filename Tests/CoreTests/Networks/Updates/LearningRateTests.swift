import Foundation
import XCTest

@testable import DTrainNetworks

/// The rates against the C library's functions.
final class LearningRateTests: XCTestCase {
  private func rate(
    _ initial: Double, _ schedule: LearningRate.Schedule, warmup: Int = 0, steps: Int = 100,
    _ change: (inout MLPConfiguration) -> Void = { _ in }
  ) -> LearningRate {
    var configuration = MLPConfiguration()
    configuration.learningRate = initial
    configuration.schedule = schedule
    configuration.warmup = warmup
    change(&configuration)
    return LearningRate(configuration: configuration, steps: steps)
  }

  private let steps = [0, 1, 2, 3, 10, 99, 100, 101, 1000, 12_345, 1 << 20, 1 << 40, Int.max / 2]

  func testExponential() {
    for decay in [0, 5e-5, 1e-3, 0.7] {
      let rate = self.rate(0.005, .exponential) { $0.decay = decay }
      for t in steps {
        let expected = 0.005 * exp(-decay * Double(t))
        // Where the result is subnormal, so is the error.
        XCTAssertEqual(
          rate.at(step: t), expected,
          accuracy: 6 * expected.ulp + .leastNonzeroMagnitude, "decay \(decay), step \(t)")
      }
      XCTAssertEqual(rate.at(step: 0), 0.005)
    }
  }

  func testConstant() {
    let rate = self.rate(0.3, .constant)
    for t in steps { XCTAssertEqual(rate.at(step: t), 0.3) }
  }

  /// n multiplications in any order err by at most n units.
  func testSteps() {
    for (every, factor) in [(1000, 0.1), (1, 0.5), (7, 0.999), (3, 1), (100_000, 2)] {
      let rate = self.rate(0.25, .step) {
        $0.stepEvery = every
        $0.stepFactor = factor
      }
      for t in steps {
        let falls = Double(t / every)
        let expected = 0.25 * pow(factor, falls)
        let found = rate.at(step: t)
        if expected.isFinite {
          XCTAssertEqual(
            found, expected,
            accuracy: (falls + 3) * 0x1p-52 * expected + .leastNormalMagnitude,
            "\(factor) every \(every), step \(t)")
        } else {
          XCTAssertEqual(found, .infinity)
        }
      }
      XCTAssertEqual(rate.at(step: every - 1), 0.25)
      XCTAssertEqual(rate.at(step: every), 0.25 * factor)
    }
  }

  func testCosine() {
    for count in [1, 7, 1000, 37_520] {
      let rate = self.rate(0.4, .cosine, steps: count)
      for t in steps + [count - 1, count, count + 1] {
        let expected = 0.4 * (1 + cos(.pi * min(1, Double(t) / Double(count)))) / 2
        XCTAssertEqual(rate.at(step: t), expected, accuracy: 1e-15, "\(count) steps, step \(t)")
      }
      XCTAssertEqual(rate.at(step: 0), 0.4)
      XCTAssertEqual(rate.at(step: count), 0)
      XCTAssertEqual(rate.at(step: Int.max), 0)
      for t in 1...count where t < 2000 {
        XCTAssertLessThan(rate.at(step: t), rate.at(step: t - 1))
      }
    }
    XCTAssertEqual(rate(0.4, .cosine, steps: 0).at(step: 0), 0.4)
  }

  /// The rate rises by equal parts from L/warmup, and from then on is that of the schedule.
  func testWarmUp() {
    func change(_ configuration: inout MLPConfiguration) {
      configuration.decay = 1e-2
      configuration.stepEvery = 3
      configuration.stepFactor = 0.5
    }
    for schedule in LearningRate.Schedule.all {
      let plain = rate(0.2, schedule, change)
      for warmup in [1, 2, 10] {
        let rate = self.rate(0.2, schedule, warmup: warmup, change)
        for t in 0..<warmup {
          let expected = plain.at(step: t) * Double(t + 1) / Double(warmup)
          XCTAssertEqual(rate.at(step: t), expected, accuracy: 2 * expected.ulp)
        }
        for t in warmup - 1..<warmup + 40 {
          XCTAssertEqual(rate.at(step: t), plain.at(step: t), "\(schedule), step \(t)")
        }
      }
    }
  }
}

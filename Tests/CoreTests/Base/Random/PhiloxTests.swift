import Foundation
import XCTest

@testable import DTrainBase

/// The generator against its authors' vectors, and what is drawn from it.
final class PhiloxTests: XCTestCase {
  /// Random123's `kat_vectors` for philox4x32-10.
  func testKnownAnswers() {
    XCTAssertEqual(
      Philox.rounds(counter: .zero, key: .zero),
      [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    XCTAssertEqual(
      Philox.rounds(counter: .init(repeating: .max), key: .init(repeating: .max)),
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    XCTAssertEqual(
      Philox.rounds(
        counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        key: [0xa409_3822, 0x299f_31d0]),
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  /// Seed, purpose, stream and index each make other words.
  func testNothingShares() {
    var seen: Set<SIMD4<UInt32>> = []
    var blocks = 0
    for seed in [0, 1, 1 << 32, .max] as [UInt64] {
      for purpose in [RandomPurpose.initialWeights, .shuffle, .validation] {
        let generator = Philox(seed: seed, purpose: purpose)
        for stream in [0, 1, 1 << 24, 1 << 32, 3 << 24 | 7] as [UInt64] {
          for index in [0, 1, .max] as [UInt32] {
            seen.insert(generator.block(stream: stream, index: index))
            blocks += 1
          }
        }
      }
    }
    XCTAssertEqual(seen.count, blocks)
  }

  /// A sequence hands out the blocks of its stream word by word.
  func testSequenceIsTheStream() {
    let generator = Philox(seed: 5, purpose: .shuffle)
    var sequence = PhiloxSequence(generator, stream: 9)
    for index in 0..<20 as Range<UInt32> {
      let block = generator.block(stream: 9, index: index)
      for lane in 0..<4 { XCTAssertEqual(sequence.next(), block[lane]) }
    }
  }

  /// Pearson's statistic of counts that should be equal.
  private func chiSquare(_ counts: [Int]) -> Double {
    let expected = Double(counts.reduce(0, +)) / Double(counts.count)
    return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }

  /// The statistic has mean k and variance 2k for k degrees of freedom; five deviations are kept.
  private func assertUniform(_ counts: [Int], _ name: String) {
    let k = Double(counts.count - 1)
    XCTAssertLessThan(chiSquare(counts), k + 5 * (2 * k).squareRoot() + 5, name)
  }

  func testBoundedDrawsAreUnbiased() {
    for bound in [1, 2, 3, 7, 10, 100, 1000] as [UInt32] {
      var sequence = PhiloxSequence(Philox(seed: 42, purpose: .shuffle), stream: UInt64(bound))
      var counts = [Int](repeating: 0, count: Int(bound))
      for _ in 0..<max(20_000, Int(bound) * 50) { counts[Int(sequence.next(below: bound))] += 1 }
      assertUniform(counts, "below \(bound)")
    }
    // Two thirds of 2^32: without rejection, even results would come twice as often as odd ones.
    let bound: UInt32 = 0xAAAA_AAAB
    var sequence = PhiloxSequence(Philox(seed: 42, purpose: .shuffle), stream: 1)
    var remainders = [0, 0]
    var parts = [0, 0, 0, 0]
    for _ in 0..<30_000 {
      let drawn = sequence.next(below: bound)
      XCTAssertLessThan(drawn, bound)
      remainders[Int(drawn % 2)] += 1
      parts[Int(UInt64(drawn) * 4 / UInt64(bound))] += 1
    }
    assertUniform(remainders, "remainders below \(bound)")
    assertUniform(parts, "quarters below \(bound)")
  }

  func testUnitDraws() {
    var sequence = PhiloxSequence(Philox(seed: 1, purpose: .validation), stream: 3)
    var counts = [Int](repeating: 0, count: 64)
    for _ in 0..<64_000 {
      let drawn = sequence.nextUnit()
      XCTAssertTrue((0..<1).contains(drawn))
      counts[Int(drawn * 64)] += 1
    }
    assertUniform(counts, "units")
  }

  /// A shuffle is a permutation, and every permutation of four comes equally often.
  func testShuffle() {
    let generator = Philox(seed: 7, purpose: .shuffle)
    for count in [0, 1, 2, 3, 100, 1001] {
      var values = (0..<Int32(count)).map { $0 }
      var sequence = PhiloxSequence(generator, stream: UInt64(count))
      values.withUnsafeMutableBufferPointer { sequence.shuffle($0) }
      XCTAssertEqual(values.sorted(), (0..<Int32(count)).map { $0 })
      if count > 3 { XCTAssertNotEqual(values, values.sorted()) }
    }
    var counts: [[Int32]: Int] = [:]
    for stream in 0..<12_000 {
      var values: [Int32] = [0, 1, 2, 3]
      var sequence = PhiloxSequence(generator, stream: UInt64(1000 + stream))
      values.withUnsafeMutableBufferPointer { sequence.shuffle($0) }
      counts[values, default: 0] += 1
    }
    XCTAssertEqual(counts.count, 24)
    assertUniform(Array(counts.values), "permutations of four")
  }
}

import Glibc

/// A bit that goes bad in one node's memory, for the tests that such a thing is noticed.
///
/// The variable `DTRAIN_TEST_CORRUPT`, as `RANK:STEP:VECTOR`, names a rank, a step or iteration, and what is struck:
/// 0 for the parameters or centers, 1 and on for the optimizer's vectors. Behind that step a bit of its first number
/// flips on that rank's node. No user sets it.
package enum FaultInjection {
  private static let place: (rank: Int, step: Int, vector: Int)? = {
    guard let text = getenv("DTRAIN_TEST_CORRUPT").map({ String(cString: $0) }) else { return nil }
    let numbers = text.split(separator: ":").compactMap { Int($0) }
    return numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : nil
  }()

  /// Flips the bit, where this is the rank and the step.
  ///
  /// - Parameter vector: the first number of each vector.
  package static func flipBit(
    rank: Int, step: Int, _ vector: (_ index: Int) -> UnsafeMutablePointer<Float>?
  ) {
    guard let place, (place.rank, place.step) == (rank, step), let first = vector(place.vector)
    else { return }
    // High enough that the rounding of later steps does not bring it back.
    first.pointee = Float(bitPattern: first.pointee.bitPattern ^ 1 << 20)
  }
}

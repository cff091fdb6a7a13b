import Glibc

/// A bit that goes bad in one node's memory, for the tests that such a thing is noticed.
///
/// The variable `DTRAIN_TEST_CORRUPT`, as `RANK:STEP`, names a rank and a step; behind that step a bit of the first
/// parameter of that rank's node flips. No user sets it.
enum MemoryFault {
  private static let place: (rank: Int, step: Int)? = {
    guard let text = getenv("DTRAIN_TEST_CORRUPT").map({ String(cString: $0) }) else { return nil }
    let numbers = text.split(separator: ":").compactMap { Int($0) }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
  }()

  /// Flips the bit, where this is the rank and the step.
  static func strike(rank: Int, step: Int, _ parameters: UnsafeMutablePointer<Float>) {
    guard let place, place == (rank, step) else { return }
    // High enough that the rounding of later steps does not bring it back.
    parameters[0] = Float(bitPattern: parameters[0].bitPattern ^ 1 << 20)
  }
}

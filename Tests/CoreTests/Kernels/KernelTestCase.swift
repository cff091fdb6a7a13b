import KernelTable
import XCTest

/// What the kernel tests share: seeded values, guarded memory, and a loop over every build of the
/// kernels that this CPU can run.
class KernelTestCase: XCTestCase {
  /// Sizes around every boundary of the sixteen-lane blocks, and the network's own.
  static let sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 15, 16, 17, 31, 33, 200, 785]

  /// Fails where there is nothing to test.
  func builds() -> [KernelTable] {
    let tables = KernelTable.available
    XCTAssertFalse(tables.isEmpty, "this CPU cannot run the kernels")
    return tables
  }

  /// Bits, so that NaN equals NaN and 0 differs from -0.
  func assertSameBits(
    _ a: [Float], _ b: [Float], _ message: @autoclosure () -> String,
    file: StaticString = #filePath, line: UInt = #line
  ) {
    XCTAssertEqual(a.count, b.count, message(), file: file, line: line)
    guard let i = zip(a, b).enumerated().first(where: { $1.0.bitPattern != $1.1.bitPattern })
    else { return }
    XCTFail(
      "\(message()): element \(i.offset) is \(i.element.0), expected \(i.element.1)",
      file: file, line: line)
  }
}

/// SplitMix64: the same values in each run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// `count` values in -range...range.
  mutating func floats(_ count: Int, range: Float = 2) -> [Float] {
    (0..<count).map { _ in Float.random(in: -range...range, using: &self) }
  }
}

/// A matrix whose rows lie `stride` apart, at an offset from any alignment, between guard values
/// that a kernel must leave alone.
struct GuardedMatrix {
  let rows: Int
  let columns: Int
  let stride: Int
  let offset: Int
  private(set) var storage: [Float]
  private let isInside: [Bool]
  private static let guardValue: Float = 12345.75

  init(_ values: [Float], rows: Int, columns: Int, stride: Int, offset: Int) {
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.offset = offset
    var storage = [Float](repeating: Self.guardValue, count: offset + rows * stride + 40)
    var isInside = [Bool](repeating: false, count: storage.count)
    for row in 0..<rows {
      for column in 0..<columns {
        storage[offset + row * stride + column] = values[row * columns + column]
        isInside[offset + row * stride + column] = true
      }
    }
    self.storage = storage
    self.isInside = isInside
  }

  /// The values without gaps.
  var values: [Float] {
    (0..<rows).flatMap { row in
      (0..<columns).map { storage[offset + row * stride + $0] }
    }
  }

  var guardsAreIntact: Bool {
    storage.indices.allSatisfy { isInside[$0] || storage[$0] == Self.guardValue }
  }

  mutating func withPointer<R>(_ body: (UnsafeMutablePointer<Float>) -> R) -> R {
    storage.withUnsafeMutableBufferPointer { body($0.baseAddress! + offset) }
  }
}

import XCTest

@testable import DTrainBase

/// The checksum of event files.
final class CRC32CTests: XCTestCase {
  /// The examples of RFC 3720, B.4, and the check value of the catalogues.
  func testKnownChecksums() {
    for (bytes, sum) in [
      ([], 0), (Array("123456789".utf8), 0xE306_9283),
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
      ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
      (Array((0..<32).reversed()), 0x113F_DB5C),
    ] as [([UInt8], UInt32)] {
      XCTAssertEqual(CRC32C.checksum(bytes), sum, "\(bytes)")
    }
  }
}

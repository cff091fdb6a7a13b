import DTrainDist
import XCTest

/// Names whose bytes are not UTF-8.
final class SystemTextTests: XCTestCase {
  private func bytes(_ text: String) -> [UInt8] {
    text.system.dropLast().map { UInt8(bitPattern: $0) }
  }

  func testTextThatIsUTF8IsUnchanged() {
    for text in ["", "x.npy", "Größe/データ.npy", "a\u{301}", "👩‍👩‍👧"] {
      XCTAssertEqual(String(system: Array(text.utf8)), text)
      XCTAssertEqual(bytes(text), Array(text.utf8))
    }
  }

  /// Every sequence of one and of two bytes, and many of up to nine, comes back as it was, and differs from all others.
  func testEverySequenceOfBytesComesBack() {
    var found: Set<[UInt8]> = []
    func check(_ sequence: [UInt8]) {
      let text = String(system: sequence)
      XCTAssertEqual(bytes(text), sequence)
      XCTAssert(found.insert(Array(text.utf8)).inserted, "\(sequence)")
    }
    for first in UInt8.min...UInt8.max {
      check([first])
      for second in UInt8.min...UInt8.max { check([first, second]) }
    }
    var draw = SystemRandomNumberGenerator()
    let pieces: [[UInt8]] = [
      [0xc3, 0xa9], [0xf4, 0x8f, 0x9e, 0x80], [0xf4, 0x8f, 0x9f, 0xbf], [0xf4, 0x8f], [0x80],
      [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xff], Array("a/".utf8),
    ]
    for _ in 0..<5000 {
      let sequence = (0..<Int.random(in: 3...9, using: &draw)).flatMap { _ in
        pieces.randomElement(using: &draw)!
      }
      let text = String(system: sequence)
      XCTAssertEqual(bytes(text), sequence)
    }
  }

  func testForeignBytesAreShownAsNumbers() {
    let text = String(system: Array("caf".utf8) + [0xe9] + Array(".npy".utf8))
    XCTAssertEqual(TerminalText.harmless(text), "caf\\xe9.npy")
  }
}

import DTrainCore
import XCTest

final class SHA256Tests: XCTestCase {
  /// The examples of FIPS 180-4, and a million times "a".
  func testPublishedVectors() {
    let vectors: [(String, String)] = [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ]
    for (text, hash) in vectors {
      XCTAssertEqual(SHA256.hexadecimal(of: Array(text.utf8)), hash)
    }
  }

  func testPiecesGiveTheHashOfTheWhole() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for step in [1, 3, 63, 64, 65, 999] {
      var hash = SHA256()
      for start in stride(from: 0, to: bytes.count, by: step) {
        hash.update(Array(bytes[start..<min(start + step, bytes.count)]))
        hash.update([])
      }
      let text = hash.hexadecimal()
      XCTAssertEqual(text, SHA256.hexadecimal(of: bytes), "pieces of \(step)")
    }
    XCTAssertEqual(SHA256().digest().prefix(4), [0xE3, 0xB0, 0xC4, 0x42])
  }
}

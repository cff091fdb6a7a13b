import Foundation
import XCTest

@testable import DTrainBase

final class Base64Tests: XCTestCase {
  /// The vectors of RFC 4648, and every byte at every place of three.
  func testBytesBecomeTextAndBytesAgain() {
    let vectors = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
      "foobar": "Zm9vYmFy",
    ]
    for (text, code) in vectors {
      XCTAssertEqual(Base64.encoded(Array(text.utf8)), code)
      XCTAssertEqual(Base64.decoded(code), Array(text.utf8))
    }
    let all = (0...255).map { UInt8($0) }
    for bytes in [all, [1] + all, [1, 2] + all] {
      XCTAssertEqual(Base64.encoded(bytes), Data(bytes).base64EncodedString())
      XCTAssertEqual(Base64.decoded(Base64.encoded(bytes)), bytes)
    }
  }

  /// Half texts, letters that are none, padding in the wrong place, and bits that belong to no byte.
  func testOtherTextsAreRefused() {
    for text in [
      "Z", "Zg", "Zg=", "Zg=g", "=Zg=", "====", "Zm9v\n", "Zm9\u{e9}", "Zh==", "Zm9=", "A===",
    ] {
      XCTAssertNil(Base64.decoded(text), text)
    }
  }
}

import XCTest

@testable import DTrainBase

/// What is often given for a model or for data, told by its first bytes.
final class ForeignFileTests: XCTestCase {
  private static let oldTorch: [UInt8] = [
    0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  func testPicklesOfAllProtocols() {
    // pickle.dumps([0], protocol) and of a numpy array, by Python.
    let pickles: [[UInt8]] = [
      Array("(lp0\nI0\na.".utf8), Array("cnumpy.core.multiarray\n_reconstruct\np0\n(cnumpy".utf8),
      [0x5d, 0x71, 0, 0x4b, 0, 0x61, 0x2e], [0x80, 2, 0x5d, 0x71, 0, 0x4b, 0, 0x61, 0x2e],
      [0x80, 3, 0x5d, 0x71, 0, 0x4b, 0, 0x61, 0x2e],
      [0x80, 4, 0x95, 6, 0, 0, 0, 0, 0, 0, 0, 0x5d], [0x80, 5, 0x95, 6, 0, 0, 0, 0, 0, 0, 0, 0x5d],
      // json-like: a dictionary.
      [0x80, 4, 0x7d, 0x94, 0x2e],
    ]
    for bytes in pickles {
      for words in [ForeignFile.words(for: bytes), ForeignFile.wordsInsteadOfTensors(for: bytes)] {
        XCTAssertEqual(
          words?.hasPrefix("a Python pickle; "), true, "\(bytes): \(words ?? "nothing")")
      }
    }
    for words in [
      ForeignFile.words(for: Self.oldTorch), ForeignFile.wordsInsteadOfTensors(for: Self.oldTorch),
    ] { XCTAssertEqual(words?.hasPrefix("a file of torch.save; "), true, words ?? "nothing") }
  }

  func testOthersThanModels() {
    for (text, words) in [
      (#"{"command": "mlp"}"#, "a JSON file"), ("\n  {\"a\": 1}\n", "a JSON file"),
      ("a,b\n1,2\n3,4\n", "a text file"), ("<!DOCTYPE html><html>", "an HTML page"),
      ("\u{FEFF}\n<HTML lang=en>", "an HTML page"),
    ] {
      XCTAssertEqual(
        ForeignFile.wordsInsteadOfTensors(for: Array(text.utf8))?.hasPrefix(words), true, text)
    }
    let onnx: [UInt8] = [0x08, 0x08, 0x12, 0x06] + Array("dtrain".utf8)
    XCTAssertEqual(
      ForeignFile.wordsInsteadOfTensors(for: onnx)?.hasPrefix("an ONNX model"), true)
  }

  /// A header can have any length up to 100 MB: none is taken for another file.
  func testModelsAreTakenForNothingElse() {
    for length in 2...(1 << 20) {
      let head =
        withUnsafeBytes(of: UInt64(length).littleEndian) { Array($0) } + Array("{\"__".utf8)
      if let words = ForeignFile.wordsInsteadOfTensors(for: head) {
        return XCTFail("a header of \(length) bytes: \(words)")
      }
    }
  }

  /// Words in a table are no pickle, nor are formats of numbers that begin with a count.
  func testDataAreTakenForNothingElse() {
    for text in ["cat\ndog\nparrot\n", "cnt,b\n1,2\n", "(a),b\n1,2\n", "[1] 2\n", "80,1\n"] {
      XCTAssertNil(ForeignFile.words(for: Array(text.utf8)), text)
    }
    for bytes: [UInt8] in [[0, 0, 8, 1], [0x93, 0x4e, 0x55], [0x80, 2, 0, 0, 1], []] {
      XCTAssertNil(ForeignFile.words(for: bytes), "\(bytes)")
    }
  }
}

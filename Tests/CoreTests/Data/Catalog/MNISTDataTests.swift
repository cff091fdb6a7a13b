import CCrypto
import DTrainDist
import Foundation
import XCTest

/// The committed MNIST files give the canonical bytes.
final class MNISTDataTests: XCTestCase {
  private var path: String {
    (0..<5).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Datasets/mnist").path
  }

  /// The MD5 of the uncompressed IDX file, from its header and what was read.
  private func md5(_ header: [Int], _ code: [UInt8], _ bytes: UnsafeRawBufferPointer) -> String {
    let head = code + header.flatMap { Fixture.bytes(UInt32($0), big: true) }
    var digest = [UInt8](repeating: 0, count: 16)
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestInit_ex(context, EVP_md5(), nil)
    EVP_DigestUpdate(context, head, head.count)
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    EVP_DigestFinal_ex(context, &digest, nil)
    return digest.map { String(format: "%02x", $0) }.joined()
  }

  func testCanonicalBytes() throws {
    let catalog = try open([path])
    let test = try XCTUnwrap(catalog.test)
    for (rows, targets, images, labels) in [
      (
        catalog.train, catalog.trainTargets, "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624"
      ),
      (
        test, catalog.testTargets, "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637"
      ),
    ] {
      XCTAssertEqual(rows.shape, [rows.rows, 28, 28])
      XCTAssertEqual(rows.storedType, "uint8")
      let block = try rows.readRows(0..<rows.rows, topology: .solo())
      let bytes = UnsafeRawBufferPointer(start: block.base, count: block.count * block.rowBytes)
      XCTAssertEqual(md5(rows.shape, [0, 0, 8, 3], bytes), images)
      let values = try XCTUnwrap(targets).readLabels(0..<rows.rows, topology: .solo())
      XCTAssertEqual(Set(values), Set(0...9))
      values.map { UInt8($0) }.withUnsafeBytes {
        XCTAssertEqual(md5([rows.rows], [0, 0, 8, 1], $0), labels)
      }
    }
    XCTAssertEqual([catalog.train.rows, test.rows, catalog.train.columns], [60_000, 10_000, 784])
  }

  func testPartsEqualTheWhole() throws {
    let source = try XCTUnwrap(try open([path]).test)
    let whole = try source.readRows(0..<10_000, topology: .solo())
    for range in [0..<1, 3_333..<6_667, 9_999..<10_000, 5_000..<5_000] {
      let part = try source.readRows(range, topology: .solo())
      XCTAssertEqual(
        memcmp(part.base, whole.base + range.lowerBound * 784, range.count * 784), 0)
    }
  }
}

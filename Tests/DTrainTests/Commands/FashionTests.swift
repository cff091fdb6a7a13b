import Launching
import XCTest

/// Debian's package dataset-fashion-mnist, as it lies on a machine, trains like MNIST.
final class FashionTests: XCTestCase {
  private let folder = "/usr/share/datasets/fashion-mnist"

  func testOneEpoch() throws {
    XCTAssertTrue(
      FileManager.default.fileExists(atPath: folder),
      "\(folder) is missing: install dataset-fashion-mnist (scripts/setup --tests)")
    let out = try RunFolder()
    try train(2, ["--data", folder, "--epochs", "1"], in: out, name: "Fashion-MNIST")
    let summary = try out.json("run/summary.json")
    XCTAssertEqual(summary["rows"] as? Int, 60_000)
    XCTAssertEqual(summary["features"] as? Int, 784)
    // One epoch of the default network comes to about 0.72; guessing would be 0.1.
    XCTAssertGreaterThan(try XCTUnwrap(summary["test_accuracy"] as? Double), 0.65)
    XCTAssertGreaterThan(try XCTUnwrap(summary["train_accuracy"] as? Double), 0.65)
  }
}

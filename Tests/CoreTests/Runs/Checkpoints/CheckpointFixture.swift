import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainRuns

/// A store with small checkpoints whose content follows from their position.
struct CheckpointFixture {
  let folder: TemporaryDirectory
  let store: CheckpointStore

  init() throws {
    folder = try TemporaryDirectory()
    store = CheckpointStore(directory: folder.file("checkpoints"), unit: .step)
  }

  /// The configuration of the run that saves.
  static let run: JSON = ["seed": 0, "epochs": 9, "data_sha256": "ab"]

  static func metrics(_ position: Int) -> MetricsExtent {
    MetricsExtent(byteCount: 10 * position, sha256: "\(position)")
  }

  static func floats(_ position: Int) -> [Float] { (0..<37).map { Float($0 * position) / 7 } }
  static func doubles(_ position: Int) -> [Double] { (0..<5).map { Double($0 + position) / 3 } }

  @discardableResult
  func save(_ position: Int, keep: Int = 2) throws -> String {
    try Self.floats(position).withUnsafeBufferPointer { floats in
      try store.save(
        position: position, run: Self.run, metrics: Self.metrics(position),
        state: ["epoch": .integer(position)],
        tensors: [
          TensorView("losses", keeping: Self.doubles(position)), TensorView("parameters", floats),
        ], keep: keep)
    }
  }

  /// The newest usable checkpoint, which must be whole, and the warnings on the way to it.
  func newest() throws -> (position: Int, warnings: [String]) {
    var warnings: [String] = []
    let found = try store.newest { warnings.append("\($0)") }
    let position = found.manifest.position
    XCTAssertEqual(found.manifest.state, ["epoch": .integer(position)])
    XCTAssertEqual(found.manifest.metrics, Self.metrics(position))
    XCTAssertEqual(found.manifest.run, Self.run)
    let bytes = try found.bytes(of: "parameters", type: .f32, count: 37, 0..<37 * 4)
    XCTAssertTrue(bytes == Self.floats(position).withUnsafeBytes { Array($0) })
    let losses = try found.bytes(of: "losses", type: .f64, count: 5, 0..<40)
    XCTAssertTrue(losses == Self.doubles(position).withUnsafeBytes { Array($0) })
    return (position, warnings)
  }

  func names() throws -> [String] { try folder.names(in: "checkpoints") }

  /// The path of a file of the checkpoint at a position.
  func path(_ position: Int, _ file: String) -> String {
    "\(store.path(of: store.name(at: position)))/\(file)"
  }
}

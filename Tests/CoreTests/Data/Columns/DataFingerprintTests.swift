import DTrainDist
import XCTest

@testable import DTrainData

/// The data hash depends on every byte and place, and on nothing else.
final class DataFingerprintTests: XCTestCase {
  private func part(
    _ values: [Float], first: Int = 0, tag: String = "train", labels: [Int32]? = nil
  ) throws -> DataFingerprint.Part {
    DataFingerprint.Part(
      tag: tag, rows: try RowBlock(copying: values, columns: 3, firstRow: first),
      targets: labels.map { .labels($0) } ?? .none)
  }

  func testEveryChangeShows() throws {
    let values = (0..<12).map(Float.init)
    let labels: [Int32] = [0, 1, 2, 3]
    let reference = try DataFingerprint(of: [part(values, labels: labels)], among: .solo)
    XCTAssertEqual(reference.hex.count, 64)
    XCTAssertEqual(
      try DataFingerprint(of: [part(values, labels: labels)], among: .solo), reference)
    var others: [DataFingerprint.Part] = []
    for place in values.indices {
      var changed = values
      changed[place] = changed[place].nextUp
      others.append(try part(changed, labels: labels))
    }
    for place in labels.indices {
      var changed = labels
      changed[place] += 1
      others.append(try part(values, labels: changed))
    }
    others.append(try part(Array(values[3...] + values[..<3]), labels: [1, 2, 3, 0]))
    others.append(try part(values, first: 1, labels: labels))
    others.append(try part(values, tag: "test", labels: labels))
    others.append(try part(values))
    others.append(
      DataFingerprint.Part(
        tag: "train", rows: try RowBlock(copying: values, columns: 3),
        targets: .values(labels.map { Float(bitPattern: UInt32($0)) }, columns: 1)))
    let hashes = try others.map { try DataFingerprint(of: [$0], among: .solo).hex }
    XCTAssertEqual(Set(hashes + [reference.hex]).count, others.count + 1)
    let two = try DataFingerprint(
      of: [part(values, labels: labels), part(values, tag: "test")], among: .solo)
    XCTAssertNotEqual(two, reference)
  }

  func testSumsCarry() {
    var sum = Sum256()
    sum.add([UInt64.max, UInt64.max, UInt64.max, 5])
    sum.add([1, 0, 0, 0])
    XCTAssertEqual(sum.limbs, [0, 0, 0, 6])
    sum.add([UInt64.max, UInt64.max, UInt64.max, UInt64.max])
    XCTAssertEqual(sum.limbs, [.max, .max, .max, 5])
  }

  /// A fixed value, so that a change of the definition is seen: stored hashes would not match.
  func testDefinition() throws {
    let rows = try RowBlock(copying: [1, 2, 3, 4] as [UInt8], columns: 2, firstRow: 0)
    let print = try DataFingerprint(
      of: [DataFingerprint.Part(tag: "train", rows: rows, targets: .labels([5, 6]))], among: .solo)
    XCTAssertEqual(print.hex, "cb7128df0534dec6250af4cddb3919bf130ef9bb4d1d60c576adf911f98ac20d")
  }
}

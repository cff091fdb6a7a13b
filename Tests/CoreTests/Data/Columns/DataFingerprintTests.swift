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

  /// Rows, first to last, divided among ranks at some places, as one hash.
  private func hash(
    _ whole: DataFingerprint.Part, dividedAt places: [Int], order: [Int]? = nil
  ) throws -> String {
    let (block, size) = (whole.rows, whole.rows.rowBytes)
    let bounds = [0] + places + [block.count]
    let parts = try zip(bounds, bounds.dropFirst()).map { first, end in
      let bytes = UnsafeRawBufferPointer(start: block.base, count: block.count * size)
      let rows = try RowBlock(
        copying: [UInt8](bytes[first * size..<end * size]), columns: size, firstRow: first)
      let targets: DataFingerprint.Targets =
        switch whole.targets {
        case .none: .none
        case .labels(let labels): .labels(Array(labels[first..<end]))
        case .values(let values, let columns):
          .values(Array(values[first * columns..<end * columns]), columns: columns)
        }
      return DataFingerprint.Part(tag: whole.tag, rows: rows, targets: targets)
    }
    let ranks = order ?? Array(parts.indices)
    let shares = try ranks.flatMap { try DataFingerprint.share(of: [parts[$0]]) }
    return try DataFingerprint(joining: shares, of: [parts[0]]).hex
  }

  /// Rows of bytes and what belongs to them, of all that there can be.
  private func wholes(_ count: Int, columns: Int) throws -> [DataFingerprint.Part] {
    var generator = SplitMix(state: UInt64(count + columns))
    let bytes = (0..<count * columns).map { _ in UInt8(generator.next() >> 56) }
    let values = (0..<count * 2).map { _ in Float(generator.next() >> 40) }
    let rows = try RowBlock(copying: bytes, columns: columns)
    return [
      DataFingerprint.Part(tag: "a", rows: rows),
      DataFingerprint.Part(tag: "a", rows: rows, targets: .labels((0..<count).map { Int32($0) })),
      DataFingerprint.Part(tag: "a", rows: rows, targets: .values(values, columns: 2)),
    ]
  }

  /// Equal and uneven parts, ranks without rows or with one, blocks that span several ranks, and rows longer than a block.
  func testDivisionDoesNotMatter() throws {
    for (count, columns) in [(1, 3), (40, 500), (1000, 13), (5000, 1), (7, 5000), (130, 2048)] {
      for whole in try wholes(count, columns: columns) {
        let reference = try DataFingerprint(of: [whole], among: .solo).hex
        for ranks in [1, 2, 3, 5, 7, 8, 64] {
          let even = (1..<ranks).map { $0 * count / ranks }
          XCTAssertEqual(try hash(whole, dividedAt: even), reference)
          var generator = SplitMix(state: UInt64(ranks))
          let uneven = even.map { _ in Int(generator.next() % UInt64(count + 1)) }.sorted()
          XCTAssertEqual(try hash(whole, dividedAt: uneven), reference, "\(uneven)")
          // The first ranks hold one row each, the last ones none.
          let crowded = (1..<ranks).map { min($0, count) }
          XCTAssertEqual(try hash(whole, dividedAt: crowded), reference)
          XCTAssertEqual(
            try hash(whole, dividedAt: uneven, order: (0..<ranks).reversed()), reference)
        }
      }
    }
  }

  /// In whole blocks and in those that ranks put together: a changed byte, exchanged rows, a target that moved.
  func testChangesShowWhereverRowsAre() throws {
    let (count, columns) = (2000, 13)
    let labelled = try wholes(count, columns: columns)[1]
    let bytes = [UInt8](
      UnsafeRawBufferPointer(start: labelled.rows.base, count: count * columns))
    let labels = (0..<count).map { Int32($0) }
    let divisions = [[], [1], [700, 701, 1400]]
    var hashes = Set([try hash(labelled, dividedAt: [])])
    var changes = 0
    func add(_ bytes: [UInt8], _ labels: [Int32]) throws {
      let part = DataFingerprint.Part(
        tag: "a", rows: try RowBlock(copying: bytes, columns: columns), targets: .labels(labels))
      let found = Set(try divisions.map { try hash(part, dividedAt: $0) })
      XCTAssertEqual(found.count, 1)
      hashes.formUnion(found)
      changes += 1
    }
    for row in [0, 1, 239, 240, 241, 700, 1399, 1998] {
      var changed = bytes
      changed[row * columns + 5] ^= 1
      try add(changed, labels)
      changed = bytes
      for column in 0..<columns {
        changed.swapAt(row * columns + column, (row + 1) * columns + column)
      }
      try add(changed, labels)
      var moved = labels
      moved.swapAt(row, row + 1)
      try add(bytes, moved)
      // The same rows with the same targets, elsewhere.
      try add(changed, moved)
    }
    XCTAssertEqual(hashes.count, changes + 1)
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
    XCTAssertEqual(print.hex, "811a779a0aadd00c36c05489d4e82d96421bece4be4f277aa8720c3244c27890")
  }
}

import DTrainDist
import XCTest

@testable import DTrainData

/// Which columns lose an offset before they are rounded, and what is left of their numbers.
final class ColumnOffsetsTests: XCTestCase {
  private let rows = 2000

  /// Reads a float64 matrix, row-major or by columns, plain or compressed.
  private func read(
    _ values: [Double], columns: Int, fortran: Bool = false, gzip: Bool = false
  ) throws -> RowBlock {
    let folder = try FixtureDirectory()
    let stored =
      fortran
      ? (0..<columns).flatMap { column in
        stride(from: column, to: values.count, by: columns).map { values[$0] }
      } : values
    let bytes = Fixture.npy(
      "<f8", [values.count / columns, columns], fortran: fortran,
      payload: stored.flatMap { Fixture.bytes($0.bitPattern) })
    let path = try folder.write(gzip ? Fixture.gzip(bytes) : bytes, "x.npy")
    let source = try open([path]).train
    return try source.readRowsLessOffsets(0..<source.rows, topology: .solo())
  }

  /// A draw from 0 to 1.
  private func draws() -> () -> Double {
    var generator = SplitMix(state: 3)
    return { Double(generator.next() >> 11) * 0x1p-53 }
  }

  func testNumbersThatAreLargeBesideTheirDifferencesGetAnOffset() throws {
    let next = draws()
    // Each column, and whether it gets one.
    let kinds: [(name: String, isOffset: Bool, value: (Int) -> Double)] = [
      ("ages", false, { _ in 20 + 60 * next() }),
      ("around zero", false, { _ in next() - 0.5 }),
      ("Unix seconds", true, { _ in 1.7e9 + 86400 * next() }),
      ("far below zero", true, { _ in -3e12 + next() }),
      ("a millionth of a millionth", true, { _ in 1 + 1e-12 * next() }),
      ("one value", true, { _ in 0.1 }),
      ("one in fifty missing", true, { $0 % 50 == 0 ? 0 : 1e9 + next() }),
      ("one in five missing", true, { $0 % 5 == 0 ? 0 : 1e9 + next() }),
      ("half missing", false, { $0 % 2 == 0 ? -1e9 : next() }),
      ("from small to large", false, { _ in 1e-6 + 1e9 * next() }),
      ("years", true, { 1990 + Double($0 % 35) }),
    ]
    let values = (0..<rows).flatMap { row in kinds.map { $0.value(row) } }
    var reference: [Float]?
    for (fortran, gzip) in [(false, false), (true, false), (false, true)] {
      let block = try read(values, columns: kinds.count, fortran: fortran, gzip: gzip)
      XCTAssertEqual(block.offsets.count, kinds.count)
      for (column, kind) in kinds.enumerated() {
        XCTAssertEqual(block.offsets[column] != 0, kind.isOffset, kind.name)
      }
      let found = block.values
      for (index, value) in values.enumerated() {
        let offset = block.offsets[index % kinds.count]
        XCTAssertEqual(found[index], Float(value - offset), kinds[index % kinds.count].name)
      }
      // A millionth of a millionth keeps 24 bits, though no float32 lies between 1 and its neighbour.
      let fine = (0..<rows).map { row in values[row * kinds.count + 4] }
      for row in 0..<rows {
        let kept = Double(found[row * kinds.count + 4]) + block.offsets[4]
        XCTAssertEqual(kept, fine[row], accuracy: 1e-12 * 0x1p-22)
      }
      XCTAssertEqual(reference ?? found, found)
      reference = found
    }
  }

  func testOrdinaryColumnsAreReadAsTheyAre() throws {
    let next = draws()
    let values = (0..<3 * rows).map { _ in next() * 100 }
    let block = try read(values, columns: 3)
    XCTAssertEqual(block.offsets, [])
    XCTAssertEqual(block.values, values.map { Float($0) })
  }

  func testScalingTakesOffsetsIntoAccount() throws {
    let next = draws()
    let values = (0..<rows).flatMap { _ in [1e9 + 100 * next(), next()] }
    let block = try read(values, columns: 2)
    let times = stride(from: 0, to: values.count, by: 2).map { values[$0] }
    let unit = try ColumnScaling(.unit, of: block, among: .solo)
    XCTAssertEqual(Double(unit.factor[0]), 1 / times.max()!, accuracy: 1e-15)
    XCTAssertEqual(unit.offsets, block.offsets)
    let standard = try ColumnScaling(.standard, of: block, among: .solo)
    let mean = times.reduce(0, +) / Double(rows)
    let variance = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
    XCTAssertEqual(block.offsets[0] + Double(standard.shift[0]), mean, accuracy: 1e-5)
    XCTAssertEqual(Double(standard.factor[0]) * variance.squareRoot(), 1, accuracy: 1e-6)
    XCTAssertEqual(standard.withOffsets([1, 2]), [1 + block.offsets[0], 2 + block.offsets[1]])
  }

  /// The first column of which many numbers become equal is found in every layout, whatever rows they stand in.
  func testNumbersThatBecomeEqualAreFound() throws {
    let next = draws()
    let columns: [(isMerged: Bool, value: (Int) -> Double)] = [
      (false, { _ in next() }), (false, { Double($0 % 7) / 10 }),
      (false, { $0 % 3 == 0 ? 0 : 1e9 }), (true, { $0 < 1200 ? next() : 1e9 + 20 * next() }),
      (true, { _ in 1e-43 * next() }),
    ]
    let values = (0..<rows).flatMap { row in columns.map { $0.value(row) } }
    func found(_ kept: [Int], fortran: Bool, gzip: Bool) throws -> MergedNumbers? {
      try read(
        (0..<rows).flatMap { row in kept.map { values[row * columns.count + $0] } },
        columns: kept.count, fortran: fortran, gzip: gzip
      ).merged
    }
    for (fortran, gzip) in [(false, false), (true, false), (false, true)] {
      XCTAssertNil(try found([0, 1, 2], fortran: fortran, gzip: gzip))
      let large = try XCTUnwrap(found([0, 1, 3, 4], fortran: fortran, gzip: gzip))
      XCTAssertEqual([large.column, large.differing, large.remaining], [2, 2000, 1201])
      let small = try XCTUnwrap(found([2, 4], fortran: fortran, gzip: gzip))
      XCTAssertEqual(small.column, 1)
      XCTAssertLessThan(small.remaining, 200)
    }
  }
}

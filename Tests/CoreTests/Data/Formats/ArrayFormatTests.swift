import DTrainDist
import XCTest

@testable import DTrainData

/// Every type, byte order and memory order of IDX and NPY, plain and compressed, gives its values back.
final class ArrayFormatTests: XCTestCase {
  /// Small integers that every type but bool holds, and their bytes in one.
  private func encode(_ value: Int, _ type: String, big: Bool) -> [UInt8] {
    switch type {
    case "b1": [value == 0 ? 0 : 1]
    case "u1": [UInt8(value)]
    case "i1": Fixture.bytes(Int8(value))
    case "u2": Fixture.bytes(UInt16(value), big: big)
    case "i2": Fixture.bytes(Int16(value), big: big)
    case "u4": Fixture.bytes(UInt32(value), big: big)
    case "i4": Fixture.bytes(Int32(value), big: big)
    case "u8": Fixture.bytes(UInt64(value), big: big)
    case "i8": Fixture.bytes(Int64(value), big: big)
    case "f2": Fixture.bytes(Self.halves[value]!, big: big)
    case "f4": Fixture.bytes(Float(value).bitPattern, big: big)
    default: Fixture.bytes(Double(value).bitPattern, big: big)
    }
  }

  private static let halves: [Int: UInt16] = [
    0: 0, 1: 0x3c00, 2: 0x4000, 3: 0x4200, 4: 0x4400, 5: 0x4500, 6: 0x4600, 7: 0x4700,
    8: 0x4800, 9: 0x4880, 10: 0x4900, 11: 0x4980, 12: 0x4a00,
  ]

  private let types = ["b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]

  func testNPYRoundTrips() throws {
    let directory = try FixtureDirectory()
    let rows = 4
    let columns = 3
    for type in types {
      for order in ["<", ">", "|"] where (order == "|") == ["b1", "u1", "i1"].contains(type) {
        for fortran in [false, true] {
          for version in [1, 2, 3] as [UInt8] {
            for wrapping in ["plain", "gzip", "stored", "deflated"] {
              let logical = Array(1...rows * columns)
              let stored =
                fortran
                ? (0..<rows * columns).map { logical[$0 % rows * columns + $0 / rows] } : logical
              let npy = Fixture.npy(
                order + type, [rows, columns], fortran: fortran, version: version,
                payload: stored.flatMap { encode($0, type, big: order == ">") })
              let bytes =
                switch wrapping {
                case "gzip": Fixture.gzip(npy)
                case "stored": Fixture.zip([("x.npy", npy)])
                case "deflated": Fixture.zip([("x.npy", npy)], deflated: true, zip64: version == 2)
                default: npy
                }
              let what = "\(order)\(type) fortran \(fortran) v\(version) \(wrapping)"
              let path = try directory.write(bytes, "file")
              let source = try open([path]).train
              XCTAssertEqual(source.rows, rows, what)
              XCTAssertEqual(source.columns, columns, what)
              let expected = logical.map { type == "b1" ? 1 : Float($0) }
              // All rows, and each part of them.
              for first in 0...rows {
                for last in first...rows {
                  let block = try source.readRows(first..<last, topology: .solo())
                  XCTAssertEqual(block.element, type == "u1" ? .uint8 : .float32, what)
                  XCTAssertEqual(UInt(bitPattern: block.base) % 64, 0)
                  XCTAssertEqual(
                    block.values, Array(expected[first * columns..<last * columns]), what)
                }
              }
              // A column as labels, the others as rows.
              for column in 0..<columns {
                let parted = try open([path], target: "\(column)")
                let labels = try parted.trainTargets!.readLabels(1..<rows, topology: .solo())
                XCTAssertEqual(
                  labels, (1..<rows).map { Int32(expected[$0 * columns + column]) }, what)
                let rest = try parted.train.readRows(1..<rows, topology: .solo())
                XCTAssertEqual(
                  rest.values,
                  (columns..<rows * columns).filter { $0 % columns != column }.map { expected[$0] },
                  what)
              }
            }
          }
        }
      }
    }
  }

  func testIDXRoundTrips() throws {
    let directory = try FixtureDirectory()
    let codes: [(UInt8, String, String)] = [
      (0x08, "u1", "uint8"), (0x09, "i1", "int8"), (0x0b, "i2", "int16"), (0x0c, "i4", "int32"),
      (0x0d, "f4", "float32"), (0x0e, "f8", "float64"),
    ]
    for (code, type, name) in codes {
      for shape in [[12], [4, 3], [3, 2, 2]] {
        let values = Array(1...12)
        let idx = Fixture.idx(code, shape, payload: values.flatMap { encode($0, type, big: true) })
        for bytes in [idx, Fixture.gzip(idx)] {
          let path = try directory.write(bytes, "file")
          let source = try open([path]).train
          XCTAssertEqual(source.storedType, name)
          XCTAssertEqual(source.shape, shape)
          XCTAssertEqual(source.columns, 12 / shape[0])
          XCTAssertEqual(try readAll(path).values, values.map(Float.init))
        }
      }
    }
  }

  func testFurtherDimensionsAreFlattenedInCOrder() throws {
    let directory = try FixtureDirectory()
    let shape = [2, 3, 4]
    // Fortran order: the first index varies fastest; each value is its place in C order.
    var payload: [UInt8] = []
    for k in 0..<4 {
      for j in 0..<3 { for i in 0..<2 { payload.append(UInt8(12 * i + 4 * j + k)) } }
    }
    for bytes in [
      Fixture.npy("|u1", shape, fortran: true, payload: payload),
      Fixture.gzip(Fixture.npy("|u1", shape, fortran: true, payload: payload)),
    ] {
      let block = try readAll(try directory.write(bytes, "file.npy"))
      XCTAssertEqual(block.values, (0..<24).map(Float.init))
    }
  }

  func testHeadersOfOtherWriters() throws {
    let directory = try FixtureDirectory()
    let payload: [UInt8] = [1, 2, 3, 4, 5, 6]
    for header in [
      "{\"shape\":(2L,3L),\"descr\":\"|u1\",\"fortran_order\":False}",
      "{ 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , 'descr' : 'u1' , }   ",
    ] {
      let path = try directory.write(Fixture.npy(header: header, payload: payload), "file")
      XCTAssertEqual(try readAll(path).values, [1, 2, 3, 4, 5, 6])
    }
  }

  func testLargeArraysCrossChunks() throws {
    // More than one chunk of 4 MiB and several tiles, in both orders.
    let directory = try FixtureDirectory()
    let rows = 5003
    let columns = 131
    func value(_ row: Int, _ column: Int) -> Double { Double(row * columns + column) }
    for fortran in [false, true] {
      var payload: [UInt8] = []
      payload.reserveCapacity(rows * columns * 8)
      for index in 0..<rows * columns {
        let (row, column) =
          fortran ? (index % rows, index / rows) : (index / columns, index % columns)
        payload += Fixture.bytes(value(row, column).bitPattern)
      }
      let npy = Fixture.npy("<f8", [rows, columns], fortran: fortran, payload: payload)
      for bytes in [npy, Fixture.gzip(npy)] {
        let source = try open([try directory.write(bytes, "file.npy")]).train
        for range in [0..<rows, 17..<4999] {
          let block = try source.readRows(range, topology: .solo())
          let floats = UnsafeBufferPointer(
            start: block.base.assumingMemoryBound(to: Float.self), count: range.count * columns)
          XCTAssertTrue(
            floats.enumerated().allSatisfy { index, float in
              float == Float(value(range.lowerBound + index / columns, index % columns))
            })
        }
      }
    }
  }
}

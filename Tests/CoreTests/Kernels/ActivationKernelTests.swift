import Foundation
import KernelTable
import XCTest

final class ActivationKernelTests: KernelTestCase {
  private typealias Activation = (
    name: String, kernel: KernelTable.Activation, reference: (Double) -> Double
  )

  private func smooth(_ table: KernelTable) -> [Activation] {
    [
      ("tanh", table.activations.tanh, { tanh($0) }),
      (
        "sigmoid", table.activations.sigmoid,
        { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }
      ),
    ]
  }

  /// Within 3 ulp in every binade of both signs, 512 arguments each.
  func testErrorInUlp() {
    var arguments: [Float] = []
    for exponent in UInt32(0)..<255 {
      for step in UInt32(0)..<512 {
        let bits = exponent << 23 | (step &* 16411) & 0x7F_FFFF
        arguments.append(Float(bitPattern: bits))
        arguments.append(Float(bitPattern: bits | 0x8000_0000))
      }
    }
    for table in builds() {
      for (name, kernel, reference) in smooth(table) {
        var results = arguments
        kernel.apply(to: &results, stride: results.count, rows: 1, columns: results.count)
        var worst = 0.0
        for (x, y) in zip(arguments, results) {
          let exact = reference(Double(x))
          let error = abs(Double(y) - exact) / Double(Float(exact).ulp)
          if !(error <= worst) { worst = error }
        }
        XCTAssertLessThanOrEqual(worst, 3, "\(table.isaName) \(name)")
      }
    }
  }

  func testOddnessAndSpecialValues() {
    var generator = SeededGenerator(seed: 1)
    let positive = generator.floats(1000, range: 12).map { abs($0) }
    for table in builds() {
      var plus = positive
      var minus = positive.map { -$0 }
      table.activations.tanh.apply(to: &plus, stride: 1000, rows: 1, columns: 1000)
      table.activations.tanh.apply(to: &minus, stride: 1000, rows: 1, columns: 1000)
      assertSameBits(minus, plus.map { -$0 }, "tanh is odd")

      let special: [Float] = [
        0, -0.0, .infinity, -.infinity, .nan, 100, -100, .leastNonzeroMagnitude,
        -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 9.5, -9.5,
      ]
      var t = special
      table.activations.tanh.apply(to: &t, stride: t.count, rows: 1, columns: t.count)
      XCTAssertTrue(t[4].isNaN)
      t[4] = 7
      assertSameBits(
        t,
        [
          0, -0.0, 1, -1, 7, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
          .leastNormalMagnitude, 1, 1, -1,
        ], "tanh")
      var s: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 120, -120, .leastNonzeroMagnitude]
      table.activations.sigmoid.apply(to: &s, stride: s.count, rows: 1, columns: s.count)
      XCTAssertTrue(s[4].isNaN)
      s[4] = 7
      assertSameBits(s, [0.5, 0.5, 1, 0, 7, 1, 0, 0.5], "sigmoid")
      var r: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 3, -3, -.leastNonzeroMagnitude]
      table.activations.relu.apply(to: &r, stride: r.count, rows: 1, columns: r.count)
      XCTAssertTrue(r[4].isNaN)
      r[4] = 7
      assertSameBits(r, [0, 0, .infinity, 0, 7, 3, 0, 0], "relu")
    }
  }

  /// A value's bits are those it has alone, whatever its column, row, stride, alignment and build.
  func testBitsDoNotDependOnPlaceOrBuild() {
    var generator = SeededGenerator(seed: 2)
    let tables = builds()
    let first = tables[0]
    let alone: [(KernelTable) -> KernelTable.Activation] = [
      { $0.activations.tanh }, { $0.activations.sigmoid }, { $0.activations.relu },
    ]
    for columns in Self.sizes {
      for (rows, gap, offset) in [(1, 0, 0), (3, 1, 1), (5, 14, 3)] {
        let values = generator.floats(rows * columns, range: 6)
        for kernel in alone {
          var expected = values
          for i in expected.indices {
            var one = expected[i]
            kernel(first).apply(to: &one, stride: 1, rows: 1, columns: 1)
            expected[i] = one
          }
          for table in tables {
            var matrix = GuardedMatrix(
              values, rows: rows, columns: columns, stride: columns + gap, offset: offset)
            let stride = matrix.stride
            matrix.withPointer {
              kernel(table).apply(to: $0, stride: stride, rows: rows, columns: columns)
            }
            assertSameBits(matrix.values, expected, "\(table.isaName) [\(rows), \(columns)]")
            XCTAssertTrue(matrix.guardsAreIntact)
          }
        }
      }
    }
  }

  func testBackwardMatchesScalarCodeBitForBit() {
    var generator = SeededGenerator(seed: 3)
    let cases: [((KernelTable) -> KernelTable.Activation, (Float, Float) -> Float)] = [
      ({ $0.activations.tanh }, { $0 * Float(1).addingProduct(-$1, $1) }),
      ({ $0.activations.sigmoid }, { $0 * ($1 * (1 - $1)) }),
      ({ $0.activations.relu }, { $1 <= 0 ? 0 : $0 }),
    ]
    for columns in Self.sizes {
      for (rows, gap, offset) in [(1, 0, 0), (4, 3, 1), (3, 15, 2)] {
        let delta = generator.floats(rows * columns)
        let a = generator.floats(rows * columns, range: 1)
        for (kernel, reference) in cases {
          let expected = zip(delta, a).map { reference($0, $1) }
          for table in builds() {
            var d = GuardedMatrix(
              delta, rows: rows, columns: columns, stride: columns + gap, offset: offset)
            var output = GuardedMatrix(
              a, rows: rows, columns: columns, stride: columns + 1, offset: offset + 1)
            let strides = (d.stride, output.stride)
            d.withPointer { dp in
              output.withPointer {
                kernel(table).applyDerivative(
                  to: dp, stride: strides.0, outputs: $0, outputStride: strides.1, rows: rows,
                  columns: columns)
              }
            }
            assertSameBits(d.values, expected, "\(table.isaName) [\(rows), \(columns)]")
            XCTAssertTrue(d.guardsAreIntact && output.guardsAreIntact)
          }
        }
      }
    }
    for table in builds() {
      var d: [Float] = [3, 4, 5, 6]
      let a: [Float] = [.nan, -0.0, 0, 1]
      table.activations.relu.applyDerivative(
        to: &d, stride: 4, outputs: a, outputStride: 4, rows: 1, columns: 4)
      assertSameBits(d, [3, 0, 0, 6], "relu at NaN and 0")
    }
  }
}

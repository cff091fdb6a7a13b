import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainNetworks

/// What the design asks of the installed OpenBLAS, for the kernel class that this process runs with.
final class MatrixMultiplyTests: XCTestCase {
  /// One product: C `[rows, columns]` = A `[rows, inner]` B `[inner, columns]`.
  private struct Shape: CustomStringConvertible {
    let rows: Int
    let columns: Int
    let inner: Int
    var isATransposed = false
    var isBTransposed = false

    var description: String {
      "[\(rows), \(inner)]\(isATransposed ? "ᵀ" : "") [\(inner), \(columns)]"
        + "\(isBTransposed ? "ᵀ" : "") with \(MatrixMultiply.kernelClass) kernels"
    }
  }

  /// A matrix somewhere in memory: `offset` elements after a cache line, `gap` elements between rows.
  private final class Placed {
    private let memory: AlignedFloats
    private let rows: Int
    private let columns: Int
    let stride: Int
    let base: UnsafeMutablePointer<Float>

    init(_ values: [Float], rows: Int, columns: Int, offset: Int = 0, gap: Int = 0) {
      self.rows = rows
      self.columns = columns
      stride = columns + gap
      memory = AlignedFloats(count: offset + rows * stride + 64)
      base = memory.base + offset
      // Whatever lies between the rows must not matter.
      for index in 0..<memory.count { memory.base[index] = .nan }
      values.withUnsafeBufferPointer { source in
        for row in 0..<rows {
          (base + row * stride).update(from: source.baseAddress! + row * columns, count: columns)
        }
      }
    }

    var values: [Float] {
      [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
        for row in 0..<rows {
          (buffer.baseAddress! + row * columns).initialize(
            from: base + row * stride, count: columns)
        }
        count = rows * columns
      }
    }
  }

  private static func isSame(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && memcmp(a, b, a.count * 4) == 0
  }

  /// Operands as they are stored.
  private struct Operands {
    let shape: Shape
    let a: [Float]
    let b: [Float]
    private var aRows: Int { shape.isATransposed ? shape.inner : shape.rows }
    private var bRows: Int { shape.isBTransposed ? shape.columns : shape.inner }

    init(_ shape: Shape, _ generator: inout SeededGenerator) {
      self.shape = shape
      a = generator.floats(shape.rows * shape.inner, range: 1)
      b = generator.floats(shape.inner * shape.columns, range: 1)
    }

    /// The product with every matrix placed by `place`, over or added to `c`.
    func product(
      _ c: [Float], accumulate: Bool, place: () -> (offset: Int, gap: Int) = { (0, 0) }
    ) -> [Float] {
      func placed(_ values: [Float], _ rows: Int) -> Placed {
        let (offset, gap) = place()
        return Placed(
          values, rows: rows, columns: values.count / rows, offset: offset, gap: gap)
      }
      let (A, B, C) = (placed(a, aRows), placed(b, bRows), placed(c, shape.rows))
      MatrixMultiply.multiply(
        .init(A.base, stride: A.stride, transposed: shape.isATransposed),
        .init(B.base, stride: B.stride, transposed: shape.isBTransposed),
        rows: shape.rows, columns: shape.columns, inner: shape.inner, into: C.base,
        stride: C.stride, accumulate: accumulate)
      return C.values
    }
  }

  /// The products of a step of a network on `count` rows.
  private func shapes(_ sizes: [Int], _ count: Int) -> [Shape] {
    (0..<sizes.count - 1).flatMap { layer in
      let (inputs, outputs) = (sizes[layer], sizes[layer + 1])
      return [
        Shape(rows: count, columns: outputs, inner: inputs + 1),
        Shape(rows: inputs + 1, columns: outputs, inner: count, isATransposed: true),
        Shape(rows: count, columns: inputs, inner: outputs, isBTransposed: true),
      ]
    }
  }

  private let seedNetwork = [784, 200, 10]
  private let smallNetworks = [[5, 3], [33, 9, 2], [12, 16, 8, 4], [3, 4, 1], [40, 33, 10]]

  /// The product is right at all: against Double, within γ(k)·|A||B|.
  func testProductsAreRight() {
    var generator = SeededGenerator(seed: 1)
    for shape in smallNetworks.flatMap({ shapes($0, 7) }) {
      let operands = Operands(shape, &generator)
      let c = generator.floats(shape.rows * shape.columns)
      for accumulate in [false, true] {
        let product = operands.product(c, accumulate: accumulate)
        for row in 0..<shape.rows {
          for column in 0..<shape.columns {
            let start = accumulate ? Double(c[row * shape.columns + column]) : 0
            var (sum, size) = (start, abs(start))
            for k in 0..<shape.inner {
              let a =
                operands.a[shape.isATransposed ? k * shape.rows + row : row * shape.inner + k]
              let b =
                operands.b[
                  shape.isBTransposed ? column * shape.inner + k : k * shape.columns + column]
              sum += Double(a) * Double(b)
              size += abs(Double(a) * Double(b))
            }
            XCTAssertEqual(
              Double(product[row * shape.columns + column]), sum,
              accuracy: Double(shape.inner + 2) * 0x1p-24 * size, "\(shape)")
          }
        }
      }
    }
  }

  /// A fixed shape gives the same bits whatever the alignment, the strides and the garbage in C.
  func testBitsDependOnShapeAlone() {
    var generator = SeededGenerator(seed: 2)
    var cases: [Shape] = []
    for count in [1, 5, 16, 33, 64, 128, 129] { cases += shapes(seedNetwork, count) }
    for network in smallNetworks {
      for count in [1, 3, 16, 40] { cases += shapes(network, count) }
    }
    for shape in cases {
      let operands = Operands(shape, &generator)
      let cleared = [Float](repeating: 0, count: shape.rows * shape.columns)
      let expected = operands.product(cleared, accumulate: false)
      for garbage in [Float.nan, .infinity, 1e30] {
        let c = [Float](repeating: garbage, count: cleared.count)
        for _ in 0..<3 {
          let product = operands.product(c, accumulate: false) {
            (
              Int.random(in: 0...17, using: &generator),
              [0, 1, 3, 7, 16].randomElement(using: &generator)!
            )
          }
          XCTAssertTrue(Self.isSame(product, expected), "\(shape) over \(garbage)")
        }
      }
    }
  }

  /// Up to `ShardGradients.accumulableRows` rows, adding to C in the product has the bits of the product
  /// followed by an addition: for the weight gradients of the seed network and of small ones.
  func testAccumulationIsOneAddition() {
    let limit = ShardGradients.accumulableRows
    var generator = SeededGenerator(seed: 3)
    var cases: [Shape] = []
    for count in [1, 2, 3, 5, 8, 13, 16, 31, 32, 33, 50, 64, 65, 96, 127] where count < limit {
      cases.append(shapes(seedNetwork, count)[1])
    }
    cases.append(shapes(seedNetwork, limit)[1])
    for count in 1...limit {
      cases.append(shapes(seedNetwork, count)[4])
      cases.append(shapes(smallNetworks[count % smallNetworks.count], count)[1])
    }
    cases += shapes([1, 1], limit) + shapes([700, 1], limit) + shapes([1, 300], limit)
    for shape in cases where shape.isATransposed {
      let operands = Operands(shape, &generator)
      let c = generator.floats(shape.rows * shape.columns)
      let product = operands.product(c, accumulate: false)
      let separate = zip(c, product).map { $0 + $1 }
      let accumulated = operands.product(c, accumulate: true) {
        (Int.random(in: 0...17, using: &generator), Int.random(in: 0...3, using: &generator))
      }
      XCTAssertTrue(Self.isSame(accumulated, separate), "\(shape)")
    }
  }
}

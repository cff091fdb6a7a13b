import KernelTable
import XCTest

@testable import DTrainBase

/// Products of few rows against their definition: one chain of fused multiply-adds an element.
final class ProductTests: XCTestCase {
  /// Row counts around every tile, columns around every panel, inner sizes around the blocking.
  private let shapes: [(rows: Int, columns: Int, inner: Int)] = {
    var shapes: [(Int, Int, Int)] = [(16, 200, 785), (785, 200, 16), (1, 1, 1), (33, 10, 201)]
    for rows in [1, 3, 4, 5, 6, 7, 8, 10, 14, 16, 17] {
      for columns in [1, 7, 8, 9, 16, 23, 24, 26, 33] {
        for inner in [1, 2, 31, 192, 193, 400] { shapes.append((rows, columns, inner)) }
      }
    }
    return shapes
  }()

  private func random(_ count: Int, _ generator: inout SplitMix) -> [Float] {
    (0..<count).map { _ in generator.next() }
  }

  /// A generator with a fixed seed.
  private struct SplitMix {
    var state: UInt64
    mutating func next() -> Float {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Float(Int32(truncatingIfNeeded: z >> 32)) / Float(1 << 29)
    }
  }

  private func chain(_ inner: Int, _ term: (Int) -> (Float, Float)) -> Float {
    var sum: Float = 0
    for k in 0..<inner {
      let (a, b) = term(k)
      sum = sum.addingProduct(a, b)
    }
    return sum
  }

  func testProductIsOneChainAnElement() {
    var generator = SplitMix(state: 7)
    for kernels in KernelTable.available {
      for (rows, columns, inner) in shapes {
        let (aStride, bStride, cStride) = (inner + 3, columns + 1, columns + 5)
        let a = random(rows * aStride, &generator)
        let b = random(inner * bStride, &generator)
        var c = [Float](repeating: .nan, count: rows * cStride)
        kernels.product(
          a, stride: aStride, b, stride: bStride, rows: rows, columns: columns, inner: inner,
          into: &c, stride: cStride)
        for i in 0..<rows {
          for j in 0..<cStride {
            let found = c[i * cStride + j]
            if j >= columns {
              XCTAssertTrue(found.isNaN, "wrote beyond the columns at \(i), \(j)")
              continue
            }
            let expected = chain(inner) { (a[i * aStride + $0], b[$0 * bStride + j]) }
            guard found.bitPattern == expected.bitPattern else {
              return XCTFail("\(kernels.isaName) \(rows)x\(columns)x\(inner) at \(i), \(j)")
            }
          }
        }
      }
    }
  }

  func testProductOfTransposeIsOneChainAndOneAddition() {
    var generator = SplitMix(state: 8)
    for kernels in KernelTable.available {
      for (rows, columns, inner) in shapes {
        let (aStride, bStride, cStride) = (rows + 3, columns + 2, columns + 1)
        let a = random(inner * aStride, &generator)
        let b = random(inner * bStride, &generator)
        let before = random(rows * cStride, &generator)
        for accumulate in [false, true] {
          var c = before
          // What is fetched meanwhile stays as it is.
          let next = accumulate ? nil : before
          kernels.productOfTranspose(
            a, stride: aStride, b, stride: bStride, rows: rows, columns: columns, inner: inner,
            into: &c, stride: cStride, accumulate: accumulate, next: next)
          for i in 0..<rows {
            for j in 0..<cStride {
              let old = before[i * cStride + j]
              let sum = chain(inner) { (a[$0 * aStride + i], b[$0 * bStride + j]) }
              let expected = j >= columns ? old : accumulate ? old + sum : sum
              guard c[i * cStride + j].bitPattern == expected.bitPattern else {
                return XCTFail(
                  "\(kernels.isaName) \(rows)x\(columns)x\(inner) at \(i), \(j), \(accumulate)")
              }
            }
          }
        }
      }
    }
  }

  func testDeltaProductIsOneChainAnElement() {
    var generator = SplitMix(state: 9)
    for kernels in KernelTable.available {
      let product = DeltaProduct(outputs: 400, kernels: kernels)
      for rows in [1, 15, 16, 17, 63, 64, 65, 130] {
        for (inputs, outputs) in [(1, 1), (47, 10), (48, 193), (49, 400), (200, 10)] {
          let (dZStride, dAStride) = (outputs + 3, inputs + 2)
          let dZ = random(rows * dZStride, &generator)
          let W = random((inputs + 1) * outputs, &generator)
          var dA = [Float](repeating: .nan, count: rows * dAStride)
          product.multiply(
            dZ, stride: dZStride, W, rows: rows, inputs: inputs, outputs: outputs, into: &dA,
            stride: dAStride)
          for row in 0..<rows {
            for input in 0..<dAStride {
              let found = dA[row * dAStride + input]
              if input >= inputs {
                XCTAssertTrue(found.isNaN, "wrote beyond the columns at \(row), \(input)")
                continue
              }
              let expected = chain(outputs) { (W[input * outputs + $0], dZ[row * dZStride + $0]) }
              guard found.bitPattern == expected.bitPattern else {
                return XCTFail(
                  "\(kernels.isaName) \(rows)x\(inputs)x\(outputs) at \(row), \(input)")
              }
            }
          }
        }
      }
    }
  }
}

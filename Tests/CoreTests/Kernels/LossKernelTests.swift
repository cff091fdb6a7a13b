import Foundation
import KernelTable
import XCTest

/// The losses against plain Double code, within bounds derived from the kernels' operations.
final class LossKernelTests: KernelTestCase {
  private struct Outcome {
    var delta: [Float]
    var loss = 0.0
    var wrong = 0
  }

  /// A block of logits with its one-hot targets, and what plain code makes of it.
  private struct Block {
    let rows: Int
    let columns: Int
    let z: [Float]
    let labels: [Int32]
    let targets: [Float]

    init(rows: Int, columns: Int, range: Float, generator: inout SeededGenerator) {
      self.rows = rows
      self.columns = columns
      z = generator.floats(rows * columns, range: range)
      labels = (0..<rows).map { _ in Int32.random(in: 0..<Int32(columns), using: &generator) }
      var targets = [Float](repeating: 0, count: rows * columns)
      for (row, label) in labels.enumerated() { targets[row * columns + Int(label)] = 1 }
      self.targets = targets
    }

    /// The same block with other logits.
    init(_ other: Block, z: [Float]) {
      (rows, columns, labels, targets) = (other.rows, other.columns, other.labels, other.targets)
      self.z = z
    }

    /// A row of another block.
    init(_ other: Block, row i: Int) {
      (rows, columns, z, labels) = (1, other.columns, Array(other.row(i)), [other.labels[i]])
      targets = Array(other.targets[i * columns..<(i + 1) * columns])
    }

    func row(_ i: Int) -> ArraySlice<Float> { z[i * columns..<(i + 1) * columns] }

    var wrongByArgMax: Int {
      (0..<rows).filter { i in
        let values = Array(row(i))
        var best = 0
        for c in 1..<max(columns, 1) where values[c] > values[best] { best = c }
        return best != Int(labels[i]) || values.contains(where: \.isNaN)
      }.count
    }
  }

  private enum Loss: CaseIterable {
    case sigmoidLabels, sigmoidTargets, softmax, squaredTargets
  }

  private func run(
    _ loss: Loss, _ table: KernelTable, _ block: Block, gap: Int = 0, offset: Int = 0
  ) -> Outcome {
    let (rows, columns) = (block.rows, block.columns)
    var z = GuardedMatrix(
      block.z, rows: rows, columns: columns, stride: columns + gap, offset: offset)
    var y = GuardedMatrix(
      block.targets, rows: rows, columns: columns, stride: columns + 2 * gap, offset: offset)
    let (zStride, yStride) = (z.stride, y.stride)
    var result = Outcome(delta: [])
    z.withPointer { zp in
      y.withPointer { yp in
        switch loss {
        case .sigmoidLabels:
          table.labelLosses.sigmoidCrossEntropy(
            logits: zp, stride: zStride, rows: rows, columns: columns, labels: block.labels,
            coefficients: [], loss: &result.loss, wrong: &result.wrong)
        case .sigmoidTargets:
          table.targetLosses.sigmoidCrossEntropy(
            logits: zp, stride: zStride, rows: rows, columns: columns, targets: yp,
            targetStride: yStride, coefficients: [], loss: &result.loss, wrong: &result.wrong)
        case .softmax:
          table.labelLosses.softmaxCrossEntropy(
            logits: zp, stride: zStride, rows: rows, columns: columns, labels: block.labels,
            coefficients: [], loss: &result.loss, wrong: &result.wrong)
        case .squaredTargets:
          table.targetLosses.squaredError(
            logits: zp, stride: zStride, rows: rows, columns: columns, targets: yp,
            targetStride: yStride, coefficients: [], loss: &result.loss, wrong: &result.wrong)
        }
      }
    }
    XCTAssertTrue(z.guardsAreIntact && y.guardsAreIntact, "\(loss) [\(rows), \(columns)]")
    result.delta = z.values
    return result
  }

  private static let columns = [1, 2, 3, 5, 7, 8, 10, 12, 15, 16, 17, 31, 33, 200]

  private func withEveryBlock(_ body: (Block) -> Void) {
    var generator = SeededGenerator(seed: 8)
    for columns in Self.columns {
      for (rows, range) in [(0, Float(1)), (1, 0.01), (6, 4), (9, 60)] {
        body(Block(rows: rows, columns: columns, range: range, generator: &generator))
      }
    }
  }

  /// A term: exp within 1 ulp, log1p within 2 (condition at most 1), the hinge exact, one rounded
  /// sum: 4 ulp, and all terms are positive. A delta: sigma < 1 within 3 half-ulps of 1, plus one
  /// rounding.
  func testSigmoidCrossEntropy() {
    withEveryBlock { block in
      var loss = 0.0
      var multiLabelWrong = 0
      var delta: [Double] = []
      for i in 0..<block.rows {
        var differs = false
        for c in 0..<block.columns {
          let z = Double(block.z[i * block.columns + c])
          let y = Double(block.targets[i * block.columns + c])
          loss += max(z, 0) - z * y + log1p(exp(-abs(z)))
          delta.append(1 / (1 + exp(-z)) - y)
          if (z > 0) != (y > 0.5) { differs = true }
        }
        multiLabelWrong += differs ? 1 : 0
      }
      for table in builds() {
        for kind in [Loss.sigmoidLabels, .sigmoidTargets] {
          let result = run(kind, table, block)
          let message = "\(table.isaName) \(kind) [\(block.rows), \(block.columns)]"
          XCTAssertEqual(result.loss, loss, accuracy: 4 * 0x1p-23 * loss, message)
          XCTAssertEqual(
            result.wrong, kind == .sigmoidLabels ? block.wrongByArgMax : multiLabelWrong, message)
          for (a, b) in zip(result.delta, delta) {
            XCTAssertEqual(Double(a), b, accuracy: 4 * 0x1p-24, message)
          }
        }
      }
    }
  }

  /// With D the spread of a row's logits: an exponent's rounding costs D · 2^-24, exp 2^-23, in
  /// numerator and sum alike; then the sum, the division and the subtraction round once each.
  func testSoftmaxCrossEntropy() {
    withEveryBlock { block in
      var loss = 0.0
      var bound = 0.0
      var delta: [(value: Double, bound: Double)] = []
      for i in 0..<block.rows {
        let row = block.row(i).map { Double($0) }
        let largest = row.max() ?? 0
        let spread = largest - (row.min() ?? 0)
        let total = row.reduce(0) { $0 + exp($1 - largest) }
        let term = log(total) + largest - row[Int(block.labels[i])]
        loss += term
        bound += (spread + 8) * 0x1p-23 * term + 1e-15
        for (c, z) in row.enumerated() {
          let p = exp(z - largest) / total
          let y = c == Int(block.labels[i]) ? 1.0 : 0
          delta.append((p - y, p * (2 * spread + 8) * 0x1p-24 + 0x1p-24))
        }
      }
      for table in builds() {
        let result = run(.softmax, table, block)
        let message = "\(table.isaName) [\(block.rows), \(block.columns)]"
        XCTAssertEqual(result.loss, loss, accuracy: bound, message)
        XCTAssertEqual(result.wrong, block.wrongByArgMax, message)
        for (a, b) in zip(result.delta, delta) {
          XCTAssertEqual(Double(a), b.value, accuracy: b.bound, message)
        }
        var p = block.z
        table.softmax(
          rowsOf: &p, stride: block.columns, rows: block.rows, columns: block.columns)
        for i in 0..<block.rows { p[i * block.columns + Int(block.labels[i])] -= 1 }
        assertSameBits(p, result.delta, "softmaxRows, \(message)")
      }
    }
  }

  /// A loss far below Float's resolution around 1 keeps its precision.
  func testSoftmaxOfACertainRow() {
    for table in builds() {
      var z: [Float] = [-30, 0, -40]
      var (loss, wrong) = (0.0, 0)
      table.labelLosses.softmaxCrossEntropy(
        logits: &z, stride: 3, rows: 1, columns: 3, labels: [1], coefficients: [], loss: &loss,
        wrong: &wrong)
      let exact = log1p(exp(-30.0) + exp(-40.0))
      XCTAssertEqual(loss, exact, accuracy: exact * 4 * 0x1p-23)
      XCTAssertEqual(wrong, 0)
    }
  }

  /// Differences round once; their squares are exact, and a row sums them in Double.
  func testSquaredError() {
    withEveryBlock { block in
      let delta = zip(block.z, block.targets).map { $0 - $1 }
      let loss = delta.reduce(0) { $0 + 0.5 * Double($1) * Double($1) }
      for table in builds() {
        let result = run(.squaredTargets, table, block)
        let message = "\(table.isaName) [\(block.rows), \(block.columns)]"
        let n = Double(block.rows * block.columns)
        XCTAssertEqual(result.loss, loss, accuracy: n * 0x1p-52 * loss, message)
        XCTAssertEqual(result.wrong, 0, message)
        assertSameBits(result.delta, delta, message)
      }
    }
  }

  /// A row's delta and loss are those it has alone; all builds, strides and alignments agree.
  func testBitsDependOnTheRowAlone() {
    var generator = SeededGenerator(seed: 9)
    let tables = builds()
    for columns in Self.columns {
      let block = Block(rows: 7, columns: columns, range: 5, generator: &generator)
      for kind in Loss.allCases {
        var expected = Outcome(delta: [])
        for i in 0..<block.rows {
          let alone = run(kind, tables[0], Block(block, row: i))
          expected.loss += alone.loss
          expected.wrong += alone.wrong
          expected.delta += alone.delta
        }
        for table in tables {
          for (gap, offset) in [(0, 0), (1, 1), (6, 3)] {
            let result = run(kind, table, block, gap: gap, offset: offset)
            let message = "\(table.isaName) \(kind) \(columns) columns"
            assertSameBits(result.delta, expected.delta, message)
            XCTAssertEqual(result.loss, expected.loss, message)
            XCTAssertEqual(result.wrong, expected.wrong, message)
          }
        }
      }
    }
  }

  /// Ties go to the lowest column, within a block of lanes and across blocks.
  func testTies() {
    for table in builds() {
      for columns in [2, 10, 16, 17, 40] {
        for (first, second) in [(0, columns - 1), (columns / 2, columns - 1), (0, columns / 2)]
        where first < second {
          for kernel in [
            table.labelLosses.sigmoidCrossEntropy, table.labelLosses.softmaxCrossEntropy,
          ] {
            for (label, expected) in [(first, 0), (second, 1)] {
              var z = [Float](repeating: -1, count: columns)
              z[first] = 2
              z[second] = 2
              var (loss, wrong) = (0.0, 0)
              kernel(
                logits: &z, stride: columns, rows: 1, columns: columns, labels: [Int32(label)],
                coefficients: [], loss: &loss, wrong: &wrong)
              XCTAssertEqual(wrong, expected, "\(columns): \(first) and \(second), \(label)")
            }
          }
        }
      }
    }
  }

  /// A NaN makes its row wrong and the loss not finite, in any column and for any label.
  func testNaNAndInfinity() {
    var generator = SeededGenerator(seed: 10)
    for columns in Self.columns {
      for position in Set([0, columns / 2, columns - 1]) {
        for bad in [Float.nan, .infinity] {
          let clean = Block(rows: 1, columns: columns, range: 1, generator: &generator)
          var values = clean.z
          values[position] = bad
          for table in builds() {
            for kind in Loss.allCases {
              let block = Block(clean, z: values)
              let result = run(kind, table, block)
              let message = "\(table.isaName) \(kind) \(bad) in \(position) of \(columns)"
              if bad.isNaN || kind == .softmax || kind == .squaredTargets {
                XCTAssertFalse(result.loss.isFinite, message)
              }
              if bad.isNaN && kind != .squaredTargets { XCTAssertEqual(result.wrong, 1, message) }
            }
          }
        }
      }
    }
  }

  /// Loss and count are added to what was there.
  func testAccumulates() {
    for table in builds() {
      var (loss, wrong) = (100.0, 7)
      var z: [Float] = [1, 3]
      table.targetLosses.squaredError(
        logits: &z, stride: 2, rows: 1, columns: 2, targets: [1, 0], targetStride: 2,
        coefficients: [], loss: &loss, wrong: &wrong)
      XCTAssertEqual(loss, 104.5)
      XCTAssertEqual(wrong, 7)
      z = [0, 3]
      table.labelLosses.softmaxCrossEntropy(
        logits: &z, stride: 2, rows: 1, columns: 2, labels: [0], coefficients: [], loss: &loss,
        wrong: &wrong)
      XCTAssertGreaterThan(loss, 107.5)
      XCTAssertEqual(wrong, 8)
    }
  }
}

import KernelTable
import XCTest

@testable import DTrainData
@testable import DTrainNetworks

/// What every registered loss owes to its users, for each kind of targets that it fits.
final class LossTests: XCTestCase {
  /// Rows of logits with targets of one kind.
  private struct Sample {
    let logits: [Float]
    let targets: RowTargets
    let outputs: Int
    let rows: Int

    /// One row of numbers.
    init(logits: [Float], values: [Float]) {
      self.logits = logits
      targets = .values(values, columns: values.count)
      outputs = values.count
      rows = 1
    }

    init(_ kind: TargetKind, outputs: Int, seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      self.outputs = outputs
      rows = 40
      let count = rows * outputs
      logits = generator.floats(count, range: 4)
      targets =
        switch kind {
        case .oneClass:
          .labels((0..<rows).map { _ in Int32.random(in: 0..<Int32(outputs), using: &generator) })
        case .labels:
          .values(
            (0..<count).map { _ in Bool.random(using: &generator) ? 1 : 0 }, columns: outputs)
        case .numbers: .values(generator.floats(count, range: 4), columns: outputs)
        }
    }

    /// The gradient and what else the loss says of some logits of a row.
    func differentiate(
      _ loss: Loss, row: Int, _ kernels: KernelTable, _ change: (inout [Float]) -> Void = { _ in }
    ) -> (gradient: [Float], loss: Double, wrong: Int) {
      var z = Array(logits[row * outputs..<(row + 1) * outputs])
      change(&z)
      var batch = BatchTargets(capacity: 1, like: targets)
      batch.gather(targets, rows: nil, first: row, count: 1)
      let found = z.withUnsafeMutableBufferPointer {
        loss.differentiate(
          Logits(base: $0.baseAddress!, stride: outputs, rows: 1, outputs: outputs), batch, kernels)
      }
      return (z, found.loss, found.wrong)
    }

    /// Whether the row's prediction, by its largest logit or by their signs, is wrong.
    func isWrong(_ row: Int, _ kind: TargetKind) -> Bool {
      let z = logits[row * outputs..<(row + 1) * outputs]
      switch targets {
      case .labels(let labels): return z.firstIndex(of: z.max()!)! - z.startIndex != labels[row]
      case .values(let values, _):
        return kind == .labels && z.indices.contains { (z[$0] > 0) != (values[$0] > 0.5) }
      }
    }
  }

  private func forEach(_ body: (Loss, TargetKind, Sample, String) throws -> Void) rethrows {
    for loss in Loss.all {
      for kind in TargetKind.allCases where loss.fits(kind) {
        for outputs in [1, 2, 5, 19] {
          try body(
            loss, kind, Sample(kind, outputs: outputs, seed: 5),
            "\(loss) of \(kind), \(outputs) outputs")
        }
      }
    }
  }

  /// By the mean value theorem the slope of the loss from z - h to z + h is its derivative in between, which for a
  /// convex loss lies between those at the ends. A loss rounds to 2^-21 of itself.
  func testGradientIsTheSlopeOfTheLoss() throws {
    let kernels = try KernelTable.select()
    let h: Float = 0x1p-6
    forEach { loss, _, sample, name in
      for row in 0..<sample.rows {
        for output in 0..<sample.outputs {
          let below = sample.differentiate(loss, row: row, kernels) { $0[output] -= h }
          let above = sample.differentiate(loss, row: row, kernels) { $0[output] += h }
          let (first, last) = (below.gradient[output], above.gradient[output])
          let slope = (above.loss - below.loss) / Double(2 * h)
          let rounding = 1e-6 + 0x1p-21 * (above.loss + below.loss) / Double(2 * h)
          XCTAssertTrue(
            Double(first) - rounding <= slope && slope <= Double(last) + rounding,
            "\(name): row \(row), output \(output): slope \(slope), gradient \(first) to \(last)")
          XCTAssertLessThan(last - first, 4 * h, "\(name): too steep for the check to prove much")
        }
      }
    }
  }

  /// A batch is the sum of its rows, wherever they stand.
  func testBatchesAreRows() throws {
    let kernels = try KernelTable.select()
    forEach { loss, kind, sample, name in
      let (outputs, stride) = (sample.outputs, sample.outputs + 3)
      var memory = [Float](repeating: .nan, count: sample.rows * stride)
      for index in sample.logits.indices {
        memory[index / outputs * stride + index % outputs] = sample.logits[index]
      }
      var targets = BatchTargets(capacity: sample.rows, like: sample.targets)
      targets.gather(sample.targets, rows: nil, first: 0, count: sample.rows)
      let found = memory.withUnsafeMutableBufferPointer {
        loss.differentiate(
          Logits(base: $0.baseAddress!, stride: stride, rows: sample.rows, outputs: outputs),
          targets, kernels)
      }
      let rows = (0..<sample.rows).map { sample.differentiate(loss, row: $0, kernels) }
      for (row, expected) in rows.enumerated() {
        XCTAssertEqual(
          Array(memory[row * stride..<row * stride + outputs]), expected.gradient, name)
        XCTAssertTrue(memory[row * stride + outputs..<(row + 1) * stride].allSatisfy(\.isNaN), name)
      }
      let sum = rows.reduce(0) { $0 + $1.loss }
      XCTAssertEqual(found.loss, sum, accuracy: 40 * 0x1p-52 * sum, name)
      XCTAssertEqual(found.wrong, (0..<sample.rows).count { sample.isWrong($0, kind) }, name)
    }
  }

  /// A NaN among the logits is noticed.
  func testNaNMakesTheLossNotFinite() throws {
    let kernels = try KernelTable.select()
    forEach { loss, _, sample, name in
      for output in 0..<sample.outputs {
        let found = sample.differentiate(loss, row: 0, kernels) { $0[output] = .nan }
        XCTAssertFalse(found.loss.isFinite, name)
      }
    }
  }

  /// A loss of classes or labels says how likely they are, in the order of the logits.
  func testProbabilities() throws {
    let kernels = try KernelTable.select()
    forEach { loss, kind, sample, name in
      XCTAssertEqual(loss.probabilities == nil, kind == .numbers, name)
      guard let probabilities = loss.probabilities else { return }
      var values = sample.logits
      values.withUnsafeMutableBufferPointer {
        probabilities(
          Logits(
            base: $0.baseAddress!, stride: sample.outputs, rows: sample.rows,
            outputs: sample.outputs), kernels)
      }
      XCTAssertTrue(values.allSatisfy { 0 <= $0 && $0 <= 1 }, name)
      for row in 0..<sample.rows {
        let own = row * sample.outputs..<(row + 1) * sample.outputs
        XCTAssertEqual(
          own.sorted { sample.logits[$0] < sample.logits[$1] },
          own.sorted { values[$0] < values[$1] }, name)
      }
    }
  }

  func testNamesAndStandards() {
    XCTAssertEqual(Set(Loss.all.map(\.name)).count, Loss.all.count)
    let options = Set(MLPConfiguration.table.options.map(\.name))
    for loss in Loss.all {
      XCTAssertEqual(Loss(rawValue: loss.name), loss)
      XCTAssertTrue(options.isSuperset(of: loss.uses), "\(loss) reads what no run has")
    }
    XCTAssertNil(Loss(rawValue: "hinge"))
    XCTAssertEqual(Loss.standard(for: .oneClass), .sigmoidCrossEntropy)
    XCTAssertEqual(Loss.standard(for: .labels), .sigmoidCrossEntropy)
    XCTAssertEqual(Loss.standard(for: .numbers), .squared)
  }

  /// Squares up to a distance of delta, a line from there, on either side of the target.
  func testHuber() throws {
    var configuration = MLPConfiguration()
    configuration.huberDelta = 0.5
    let huber = Loss.huber.configured(by: configuration)
    let kernels = try KernelTable.select()
    let table: [(distance: Float, gradient: Float, loss: Double)] = [
      (0, 0, 0), (0.25, 0.25, 0.03125), (0.5, 0.5, 0.125), (0.75, 0.5, 0.25), (100, 0.5, 49.875),
      (0x1p100, 0.5, 0x1p99), (.infinity, 0.5, .infinity),
    ]
    for row in table {
      for sign: Float in [-1, 1] {
        let found = Sample(logits: [2 + sign * row.distance, 7], values: [2, 7])
          .differentiate(huber, row: 0, kernels)
        XCTAssertEqual(found.gradient, [sign * row.gradient, 0], "\(row)")
        XCTAssertEqual(found.loss, row.loss, "\(row)")
        XCTAssertEqual(found.wrong, 0, "\(row)")
      }
    }
    let spoiled = Sample(logits: [.nan, 3], values: [2, 7]).differentiate(huber, row: 0, kernels)
    XCTAssertTrue(spoiled.gradient[0].isNaN)
    XCTAssertEqual(spoiled.gradient[1], -0.5)

    // Up to a delta that no error reaches it is the squared loss.
    configuration.huberDelta = 1e3
    for outputs in [1, 5, 19] {
      let sample = Sample(.numbers, outputs: outputs, seed: 8)
      for row in 0..<sample.rows {
        let wide = sample.differentiate(
          Loss.huber.configured(by: configuration), row: row, kernels)
        let squared = sample.differentiate(.squared, row: row, kernels)
        XCTAssertEqual(wide.gradient, squared.gradient)
        XCTAssertEqual(wide.loss, squared.loss, accuracy: 19 * 0x1p-52 * squared.loss)
      }
    }

    XCTAssertEqual(Loss.huber.configured(by: ["huber_delta": "0.5"]), huber)
    XCTAssertNotEqual(Loss.huber, huber)
    for delta in [0, -1, Double.infinity, .nan] {
      configuration.huberDelta = delta
      XCTAssertThrowsError(try configuration.validate(), "\(delta)")
    }
  }

  /// A loss in plain code takes its option from a configuration; a model records it, and gives it back where a run
  /// can have it.
  func testOptions() throws {
    let tilted = Loss(
      name: "tilted", fits: [.numbers], options: { ["momentum": $0.momentum] }
    ) { z, targets, options, _ in
      var loss = 0.0
      let tilt = Float(options["momentum"]!)
      for row in 0..<z.rows {
        for output in 0..<z.outputs {
          let logit = z.base + row * z.stride + output
          let distance = logit.pointee - targets.values[row * targets.columns + output]
          logit.pointee = distance > 0 ? 1 - tilt : -tilt
          loss += Double(logit.pointee * distance)
        }
      }
      return (loss, 0)
    }
    var configuration = MLPConfiguration()
    configuration.momentum = 0.25
    let asked = tilted.configured(by: configuration)
    XCTAssertEqual(asked.options, ["momentum": 0.25])
    XCTAssertNotEqual(asked, tilted)
    let sample = Sample(.numbers, outputs: 3, seed: 2)
    let found = sample.differentiate(asked, row: 1, try KernelTable.select())
    XCTAssertTrue(found.gradient.allSatisfy { $0 == 0.75 || $0 == -0.25 })

    let metadata = MLPSpecification(
      network: Network(sizes: [2, 3], activation: .tanh), loss: asked, targets: .numbers,
      scaling: ColumnScaling(kind: .none, shift: [0, 0], factor: [1, 1]),
      targetScaling: .none(3)
    ).metadata
    XCTAssertEqual(metadata["momentum"], "0.25")
    XCTAssertEqual(tilted.configured(by: metadata), asked)
    for text in ["", "nan", "inf", "much", "1", "-0.25"] {
      XCTAssertNil(tilted.configured(by: ["momentum": text]), text)
    }
    XCTAssertNil(tilted.configured(by: [:] as [String: String]))
  }
}

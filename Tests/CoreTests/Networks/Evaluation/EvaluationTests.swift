import DTrainDist
import KernelTable
import XCTest

@testable import DTrainData
@testable import DTrainNetworks

/// Loss and errors of a set against the reference, over several blocks of rows.
final class EvaluationTests: XCTestCase {
  private func reference(_ sample: GradientCase, _ rows: [Int]) -> (loss: Double, wrong: Int) {
    let Z = sample.reference.forward(sample.X).Z.last!
    var (loss, wrong) = (0.0, 0)
    for row in rows {
      let z = Z[row]
      let y = sample.referenceTargets.row(row, outputs: z.count)
      loss += ReferenceNetwork.rowLoss(sample.loss, z, y)
      switch sample.output {
      case .sigmoidLabels, .softmaxLabels:
        wrong += z.firstIndex(of: z.max()!) != y.firstIndex(of: 1) ? 1 : 0
      case .sigmoidMatrix:
        wrong += zip(z, y).contains { ($0 > 0) != ($1 > 0.5) } ? 1 : 0
      case .squaredValues, .huberValues: break
      }
    }
    return (loss, wrong)
  }

  /// A row's loss moves by at most Σ|dL/dz|·E(z), and its own terms are within some ulp: for these small
  /// networks far below 1e-5 of the sum.
  func testEvaluation() throws {
    let kernels = try KernelTable.select()
    for output in GradientCase.Output.allCases {
      for activation in Activation.allCases {
        for element in [StoredElement.uint8, .float32] {
          let sample = try GradientCase(
            sizes: [6, 9, 4], activation: activation, output: output, rows: 600,
            element: element, seed: 2)
          let name = "\(output) \(activation) \(element)"
          let evaluator = Evaluator(
            network: sample.network, loss: sample.loss, scaling: sample.scaling, targetScaling: nil,
            kernels: kernels)
          func check(_ set: EvaluationSet, _ rows: [Int], _ name: String) throws {
            let found = try evaluator.evaluate(set, parameters: sample.parameters, among: .solo)
            let expected = reference(sample, rows)
            XCTAssertEqual(found.rows, rows.count, name)
            XCTAssertEqual(found.wrong, expected.wrong, name)
            XCTAssertEqual(
              found.lossSum, expected.loss, accuracy: 1e-5 * (1 + expected.loss), name)
            XCTAssertEqual(found.loss, found.lossSum / Double(rows.count), name)
            XCTAssertEqual(
              found.accuracy, 1 - Double(expected.wrong) / Double(rows.count), accuracy: 1e-15, name
            )
            if !sample.loss.fits(.numbers) {
              XCTAssertTrue(0 < found.wrong && found.wrong < rows.count, name)
            }
          }
          try check(
            EvaluationSet(
              test: sample.data, targets: sample.targets, rows: 600, rank: 0, ranks: 1),
            Array(0..<600), "\(name), test")
          let assignment = RowAssignment(
            shards: VirtualShards(rows: 600, count: 2), validation: 0.2, seed: 1, rank: 0, ranks: 1)
          for validation in [false, true] {
            let rows = assignment.splits.values.flatMap { split in
              (validation ? split.validation : split.training!).map {
                split.rows.lowerBound + Int($0)
              }
            }
            try check(
              EvaluationSet(
                sample.data, targets: sample.targets, assignment: assignment,
                validation: validation), rows, "\(name), validation \(validation)")
          }
        }
      }
    }
  }

  /// The bits do not depend on which rank evaluates a block: the blocks of N ranks, each alone, are those
  /// of one.
  func testBlocksHaveTheSameBitsOnAnyRank() throws {
    let kernels = try KernelTable.select()
    let sample = try GradientCase(
      sizes: [20, 12, 5], activation: .tanh, output: .softmaxLabels, rows: 1001, element: .uint8,
      seed: 6)
    let evaluator = Evaluator(
      network: sample.network, loss: sample.loss, scaling: sample.scaling, targetScaling: nil,
      kernels: kernels)
    func logits(_ assignment: RowAssignment) throws -> [Int: [Float]] {
      let bytes = Array(
        UnsafeRawBufferPointer(
          start: sample.data.base + assignment.held.lowerBound * 20,
          count: assignment.held.count * 20))
      let data = try RowBlock(
        copying: bytes, columns: 20, firstRow: assignment.held.lowerBound)
      let set = EvaluationSet(
        data, targets: sample.targets, assignment: assignment, validation: false)
      var found: [Int: [Float]] = [:]
      for (index, rows) in set.blocks {
        evaluator.forward(set, rows, sample.parameters)
        let logits = evaluator.logits(count: rows.count)
        found[index] = (0..<rows.count).flatMap { row in
          (0..<5).map { logits.base[row * logits.stride + $0] }
        }
      }
      return found
    }
    for shards in [1, 3, 8] {
      let expected = try logits(sample.assignment(shards: shards))
      for ranks in [2, 3, 5, 9, 12] {
        var together: [Int: [Float]] = [:]
        for rank in 0..<ranks {
          let own = try logits(sample.assignment(shards: shards, rank: rank, ranks: ranks))
          together.merge(own) { _, _ in
            XCTFail("a block is evaluated twice")
            return []
          }
        }
        XCTAssertEqual(together, expected, "\(shards) shards, \(ranks) ranks")
      }
    }
  }
}

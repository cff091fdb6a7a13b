import DTrainDist
import KernelTable
import XCTest

@testable import DTrainBase
@testable import DTrainData
@testable import DTrainNetworks

/// The gradient against calculus: the reference against finite differences, the shipped one against
/// the reference.
final class GradientTests: XCTestCase {
  private static let shapes = [[5, 3], [33, 9, 2], [7, 5, 3], [12, 16, 8, 4], [3, 4, 5, 4, 1]]

  /// Central differences of the loss, extrapolated once (Richardson), against the reference: relative
  /// error below 1e-7 in each layer, by the largest element.
  func testReferencePassesFiniteDifferences() throws {
    for sizes in [[5, 3], [4, 6, 3], [3, 4, 5, 2]] {
      for activation in Activation.allCases {
        for output in GradientCase.Output.allCases {
          let sample = try awayFromKinks(sizes, activation, output)
          let name = "\(sizes) \(activation) \(output)"
          var reference = sample.reference
          let (X, targets) = (sample.X, sample.referenceTargets)
          let gradient = reference.gradient(sample.loss, X, targets)
          for layer in gradient.indices {
            let scale = gradient[layer].joined().map(abs).max()!
            XCTAssertGreaterThan(scale, 1e-3, "\(name): a gradient of nothing proves nothing")
            for k in gradient[layer].indices {
              for column in gradient[layer][k].indices {
                let w = reference.weights[layer][k][column]
                func slope(_ step: Double) -> Double {
                  reference.weights[layer][k][column] = w + step
                  let above = reference.loss(sample.loss, X, targets)
                  reference.weights[layer][k][column] = w - step
                  let below = reference.loss(sample.loss, X, targets)
                  reference.weights[layer][k][column] = w
                  return (above - below) / (2 * step)
                }
                let step = 0x1p-10
                let estimate = (4 * slope(step / 2) - slope(step)) / 3
                XCTAssertEqual(
                  gradient[layer][k][column], estimate, accuracy: 1e-7 * scale,
                  "\(name): layer \(layer), element \(k), \(column)")
              }
            }
          }
        }
      }
    }
  }

  /// A problem in which no unit is so near 0, nor an error so near Huber's delta, that a step of the differences could
  /// cross the kink of relu or of the gradient.
  private func awayFromKinks(
    _ sizes: [Int], _ activation: Activation, _ output: GradientCase.Output
  ) throws -> GradientCase {
    for seed in UInt64(1)...100 {
      let sample = try GradientCase(
        sizes: sizes, activation: activation, output: output, rows: 3, element: .float32,
        seed: seed)
      let Z = sample.reference.forward(sample.X).Z
      var distances = activation == .relu ? Z.dropLast().flatMap { $0.joined() } : []
      if output == .huberValues {
        for (row, z) in Z.last!.enumerated() {
          let y = sample.referenceTargets.row(row, outputs: z.count)
          distances += zip(z, y).map { abs($0 - $1) - ReferenceNetwork.huberDelta }
        }
      }
      if distances.allSatisfy({ abs($0) > 0.02 }) { return sample }
    }
    throw TrainerError(.usage, "no seed keeps \(sizes) away from the kinks")
  }

  /// The shipped gradient, from stored rows to the sum that the exchange passes on, lies within the
  /// bound of the reference for every layer, activation, loss, batch and number of shards.
  func testGradientLiesWithinBoundOfReference() throws {
    let kernels = try KernelTable.select()
    var cases = 0
    var worst = 0.0
    for sizes in Self.shapes {
      for activation in Activation.allCases {
        for output in GradientCase.Output.allCases {
          for (index, rows) in [1, 5, 16, 33].enumerated() {
            for element in [StoredElement.uint8, .float32] {
              let sample = try GradientCase(
                sizes: sizes, activation: activation, output: output, rows: rows,
                element: element, seed: UInt64(7 + index))
              let expected = sample.reference.gradient(
                sample.loss, sample.X, sample.referenceTargets)
              let bounds = GradientErrorBound(sample.reference).bounds(
                sample.loss, sample.X, sample.referenceTargets)
              let loss = sample.reference.loss(sample.loss, sample.X, sample.referenceTargets)
              assertTight(bounds, expected, sample)
              for shards in [1, 2, 3, 4, 5, 8] {
                let (gradient, shipped) = try shippedGradient(sample, shards, kernels)
                let name = "\(sizes) \(activation) \(output), \(rows) \(element) rows, V=\(shards)"
                worst = max(worst, assertWithin(gradient, expected.flat, bounds.flat, name))
                XCTAssertEqual(shipped, loss, accuracy: 1e-4 * (1 + loss), name)
                cases += 1
              }
            }
          }
        }
      }
    }
    XCTAssertEqual(cases, 1200 * Activation.all.count)
    XCTAssertGreaterThan(worst, 0.01, "the bound is so wide that it proves little")
  }

  /// The same for micro-batches that OpenBLAS multiplies, of more rows than our own kernels take, and for layers
  /// whose gradient is computed in several tiles, at the size of the default network too.
  func testGradientOfLargeMicroBatches() throws {
    let kernels = try KernelTable.select()
    // Among so many units some of relu always lie so near their kink that the bound takes both sides.
    var cases: [(sizes: [Int], rows: Int, activation: Activation, output: GradientCase.Output)] = [
      ([784, 200, 10], 150, .tanh, .sigmoidLabels),
      ([784, 200, 10], 150, .sigmoid, .softmaxLabels),
    ]
    for activation in Activation.allCases {
      for output in GradientCase.Output.allCases {
        cases.append(([70, 90, 4], 300, activation, output))
      }
    }
    for (sizes, rows, activation, output) in cases {
      let sample = try GradientCase(
        sizes: sizes, activation: activation, output: output, rows: rows, element: .uint8, seed: 5,
        deviation: 0.05)
      XCTAssertGreaterThan(sample.network.gradientTiles.count { $0.layer == 0 }, 1)
      let expected = sample.reference.gradient(sample.loss, sample.X, sample.referenceTargets)
      let bounds = GradientErrorBound(sample.reference).bounds(
        sample.loss, sample.X, sample.referenceTargets)
      assertTight(bounds, expected, sample)
      var largest = 0
      for shards in [1, 2] {
        largest = max(largest, sample.plan(shards: shards, batch: rows).largestMicroBatch(shard: 0))
        let (gradient, _) = try shippedGradient(sample, shards, kernels)
        _ = assertWithin(
          gradient, expected.flat, bounds.flat, "\(sizes) \(activation) \(output), V=\(shards)")
      }
      XCTAssertGreaterThan(largest, MatrixMultiply.directRows)
    }
  }

  /// A bound must be small beside the gradient, or a wrong gradient could lie within it.
  private func assertTight(
    _ bounds: [[[Double]]], _ gradient: [[[Double]]], _ sample: GradientCase
  ) {
    // Dead or saturated units may leave a layer no gradient to speak of; where a unit of relu lies so
    // near its kink that its derivative is uncertain, the bound takes both.
    for layer in gradient.indices {
      let size = gradient[layer].joined().map(abs).max()!
      if size < 1e-3 { continue }
      XCTAssertLessThan(
        bounds[layer].joined().max()!, 1e-2 * max(size, 1),
        "\(sample.network.sizes) \(sample.network.activation) \(sample.output): layer \(layer)")
    }
  }

  /// Fails at the first element beyond its bound; returns the largest part of a bound that was used.
  private func assertWithin(
    _ gradient: [Float], _ expected: [Double], _ bounds: [Double], _ name: String
  ) -> Double {
    XCTAssertEqual(gradient.count, expected.count, name)
    var worst = 0.0
    for index in gradient.indices {
      let error = abs(Double(gradient[index]) - expected[index])
      guard error <= bounds[index] else {
        XCTFail(
          "\(name): element \(index) is \(gradient[index]), expected \(expected[index]) within "
            + "\(bounds[index])")
        return .infinity
      }
      if bounds[index] > 0 { worst = max(worst, error / bounds[index]) }
    }
    return worst
  }

  /// All rows as one batch, through the program's own path on one rank.
  private func shippedGradient(
    _ sample: GradientCase, _ shards: Int, _ kernels: KernelTable
  ) throws -> (gradient: [Float], loss: Double) {
    let plan = sample.plan(shards: shards, batch: sample.data.count)
    let node = NodeRows(sample.network, plan, shards: [0..<shards])
    defer { withExtendedLifetime(node) {} }
    let gradients = ShardGradients(
      network: sample.network, loss: sample.loss,
      rows: TrainingRows(data: sample.data, targets: sample.targets, scaling: sample.scaling),
      assignment: sample.assignment(shards: shards), plan: plan, seed: 3, node: node.parts, own: 0,
      waiting: .none, updated: nil, kernels: kernels)
    let exchange = try TreeExchange.alone(
      leaves: shards, tiles: sample.network.parameterTiles, kernels: kernels)
    gradients.startEpoch(0)
    let gradient = try gradients.gradient(
      step: 0, at: sample.parameters, through: exchange, plan)
    return (try XCTUnwrap(gradient), ReductionTree.sum(gradients.losses))
  }
}

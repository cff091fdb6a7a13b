import Foundation
import KernelTable
import XCTest

@testable import DTrainBase
@testable import DTrainNetworks

/// Several steps of each update rule against the published recurrences in Double; no rank but this process is needed.
final class UpdateRuleTests: XCTestCase {
  /// The recurrences as PyTorch's documentation states them, and You, Gitman and Ginsburg (2017) for
  /// LARS; each element also carries the magnitudes from which rounding errors follow.
  private struct Reference {
    let rule: UpdateRule
    let momentum: Double
    let decay: Double
    let layers: [Range<Int>]
    var w: [Double]
    var m: [Double]
    var v: [Double]
    /// What m and v would be if nothing cancelled.
    var size: [Double]
    var square: [Double]
    /// The largest |w| and |direction| so far.
    var largest: [(w: Double, direction: Double)]

    init(
      _ rule: UpdateRule, momentum: Double, decay: Double, layers: [Range<Int>], w: [Float]
    ) {
      self.rule = rule
      self.momentum = momentum
      self.decay = decay
      self.layers = layers
      self.w = w.map(Double.init)
      m = [Double](repeating: 0, count: w.count)
      v = m
      size = m
      square = m
      largest = w.map { (abs(Double($0)), 0) }
    }

    /// Step t = 1, 2, … with the gradient g.
    mutating func update(_ g: [Double], rate: Double, t: Int) {
      for layer in layers {
        var trust = 1.0
        if rule == .lars {
          let weights = norm(w[layer])
          let gradients = norm(g[layer])
          let denominator = gradients + decay * weights
          if weights > 0, denominator > 0 { trust = 0.001 * weights / denominator }
        }
        for i in layer { step(i, g[i], trust, rate, t) }
      }
    }

    private func norm(_ x: ArraySlice<Double>) -> Double {
      x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    private mutating func step(_ i: Int, _ g: Double, _ trust: Double, _ rate: Double, _ t: Int) {
      let d = g + decay * w[i]
      let magnitude = abs(g) + decay * abs(w[i])
      let direction: Double
      let directionSize: Double
      switch rule {
      case .sgd:
        direction = d
        directionSize = magnitude
      case .momentum, .lars:
        m[i] = momentum * m[i] + trust * d
        size[i] = momentum * size[i] + trust * magnitude
        direction = m[i]
        directionSize = size[i]
      case .nesterov:
        m[i] = momentum * m[i] + d
        size[i] = momentum * size[i] + magnitude
        direction = d + momentum * m[i]
        directionSize = magnitude + momentum * size[i]
      case .adam:
        (direction, directionSize) = adaptive(i, d, magnitude, t)
      case .adamw:
        let (moved, size) = adaptive(i, g, abs(g), t)
        direction = moved + decay * w[i]
        directionSize = size + decay * abs(w[i])
      default: preconditionFailure("\(rule) has no recurrence here to be compared with")
      }
      w[i] -= rate * direction
      largest[i].w = max(largest[i].w, abs(w[i]))
      largest[i].direction = max(largest[i].direction, directionSize)
    }

    /// The ratio of the moments of d. The errors of both follow from those of d, which its magnitude bounds.
    private mutating func adaptive(
      _ i: Int, _ d: Double, _ magnitude: Double, _ t: Int
    ) -> (direction: Double, size: Double) {
      m[i] = momentum * m[i] + (1 - momentum) * d
      size[i] = momentum * size[i] + (1 - momentum) * magnitude
      v[i] = 0.999 * v[i] + 0.001 * d * d
      square[i] = 0.999 * square[i] + 0.001 * magnitude * magnitude
      let (correction1, correction2) = (1 - power(momentum, t), 1 - power(0.999, t))
      let spread = (v[i] / correction2).squareRoot() + 1e-8
      let cancelled = max(1, (square[i] / correction2).squareRoot() / spread)
      return (m[i] / correction1 / spread, size[i] / correction1 / spread * cancelled)
    }

    private func power(_ x: Double, _ t: Int) -> Double { (0..<t).reduce(1) { y, _ in y * x } }
  }

  /// Memory that a rule updates, and the ranks of a node that divide it.
  private final class Node {
    let configuration: MLPConfiguration
    let network: Network
    let vectors: [AlignedFloats]
    private let kernels: KernelTable
    private let scratch: [Double]

    init(_ configuration: MLPConfiguration, _ network: Network, initial: [Float]) throws {
      self.configuration = configuration
      self.network = network
      vectors = (0...configuration.optimizer.stateVectors).map { _ in
        AlignedFloats(count: network.parameterCount)
      }
      scratch = [Double](repeating: .nan, count: configuration.optimizer.scratch(network))
      kernels = try KernelTable.select()
      vectors[0].base.update(from: initial, count: initial.count)
    }

    /// A step with a gradient, which comes in tiles, and nil without rows.
    func update(
      _ gradient: [Float]?, number: Int, rate: Double, rows: Int, parts: Int = 1, tile: Int = 1000
    ) {
      var scratch = scratch
      scratch.withUnsafeMutableBufferPointer { scratch in
        let update = configuration.optimizer.update(
          UpdateStep(
            configuration: configuration, network: network, parameters: vectors[0].base,
            state: vectors.dropFirst().map(\.base),
            scratch: scratch.baseAddress ?? UnsafeMutablePointer(bitPattern: 8)!,
            kernels: kernels, number: number, rate: Float(rate), rows: rows))
        if let gradient {
          for first in stride(from: 0, to: gradient.count, by: tile) {
            let elements = first..<min(first + tile, gradient.count)
            update.apply(elements, Array(gradient[elements]))
          }
        }
        for pass in update.passes {
          for part in (0..<parts).reversed() { pass(part, parts) }
        }
      }
    }

    var parameters: [Float] { values(of: 0) }

    /// The parameters, or from 1 on the vectors of state.
    func values(of vector: Int) -> [Float] {
      Array(UnsafeBufferPointer(start: vectors[vector].base, count: network.parameterCount))
    }
  }

  /// Sizes whose layers span several blocks of norms, slices and vector lanes.
  private let network = Network(sizes: [70, 64, 3], activation: .relu)

  private func configuration(
    _ rule: UpdateRule, momentum: Double = 0.9, decay: Double
  ) -> MLPConfiguration {
    var configuration = MLPConfiguration()
    configuration.optimizer = rule
    configuration.gradient = .sum
    configuration.momentum = momentum
    configuration.weightDecay = decay
    return configuration
  }

  /// Each step rounds an element's parameter, state and direction some eight times in all, relative to
  /// their magnitudes, and constants such as 1 - 0.9 carry up to 4 u; a state's error lasts for all
  /// later steps. So after t steps w errs by less than 16·t·u·(max|w| + t·rate·max|direction|).
  func testStepsFollowTheRecurrences() throws {
    for rule in UpdateRule.all {
      for decay in [0, 0.05] {
        for mean in [false, true] {
          for momentum in [0.9, 0] {
            try check(rule, momentum: momentum, decay: decay, mean: mean)
          }
        }
      }
    }
  }

  private func check(_ rule: UpdateRule, momentum: Double, decay: Double, mean: Bool) throws {
    let name = "\(rule), momentum \(momentum), decay \(decay), \(mean ? "mean" : "sum")"
    var generator = SeededGenerator(seed: 8)
    let count = network.parameterCount
    let initial = generator.floats(count, range: 1)
    var configuration = configuration(rule, momentum: momentum, decay: decay)
    configuration.gradient = mean ? .mean : .sum
    let node = try Node(configuration, network, initial: initial)
    var reference = Reference(
      rule, momentum: momentum, decay: decay,
      layers: (0..<network.layerCount).map(network.range(of:)), w: initial)
    let rows = 48
    var largestRate = 0.0
    for t in 1...7 {
      let rate = (rule == .lars ? 0.5 : 0.01) / Double(t)
      largestRate = max(largestRate, rate)
      let rounded = generator.floats(count, range: mean ? 50 : 1)
      node.update(rounded, number: t, rate: rate, rows: rows)
      reference.update(
        rounded.map { mean ? Double($0) / Double(rows) : Double($0) }, rate: rate, t: t)
      let found = node.parameters
      let u = 16 * Double(t) * 0x1p-24
      for i in 0..<count {
        let largest = reference.largest[i]
        let bound = u * (largest.w + Double(t) * largestRate * largest.direction)
        guard abs(Double(found[i]) - reference.w[i]) <= bound else {
          return XCTFail(
            "\(name): step \(t), element \(i) is \(found[i]), expected \(reference.w[i]) within "
              + "\(bound)")
        }
      }
      XCTAssertNotEqual(found, initial, name)
    }
  }

  /// What PyTorch's optimizers make of the same gradients, as `Tests/python/adam_reference.py` wrote it down.
  func testAdamIsPyTorchs() throws {
    let path = URL(
      fileURLWithPath: "../../../python/adam_reference.json",
      relativeTo: URL(fileURLWithPath: #filePath))
    let reference = try JSON(parsing: [UInt8](Data(contentsOf: path)))
    func numbers(_ list: JSON?) throws -> [Float] {
      try XCTUnwrap(list?.items).map { Float(try XCTUnwrap($0.double)) }
    }
    let initial = try numbers(reference["initial"])
    let gradients = try XCTUnwrap(reference["gradients"]?.items).map(numbers)
    let runs = try XCTUnwrap(reference["runs"]?.items)
    XCTAssertEqual(runs.count, 4)
    for run in runs {
      let rule = try XCTUnwrap(run["optimizer"]?.text.flatMap { UpdateRule(rawValue: $0) })
      let decay = try XCTUnwrap(run["weight_decay"]?.double)
      let node = try Node(
        configuration(rule, decay: decay),
        Network(sizes: [initial.count - 1, 1], activation: .relu), initial: initial)
      let steps = try XCTUnwrap(run["parameters"]?.items).map(numbers)
      XCTAssertEqual(steps.count, 10)
      for (index, expected) in steps.enumerated() {
        node.update(gradients[index], number: index + 1, rate: 0.003, rows: 8)
        for (found, expected) in zip(node.parameters, expected) {
          XCTAssertEqual(
            found, expected, accuracy: 1e-6 * abs(expected),
            "\(rule), decay \(decay), step \(index + 1)")
        }
      }
    }
  }

  /// Weight decay is all that Adam and AdamW differ in.
  func testAdamWithoutWeightDecayIsAdamW() throws {
    for mean in [false, true] {
      for decay in [0, 0.1] {
        let adam = try stepped(.adam, steps: 3, decay: decay, mean: mean)
        let adamw = try stepped(.adamw, steps: 3, decay: decay, mean: mean)
        for vector in 0...2 {
          let isSame = adam.values(of: vector) == adamw.values(of: vector)
          XCTAssertEqual(isSame, decay == 0, "vector \(vector)")
        }
      }
    }
  }

  /// A layer of zeros has no norm to trust: LARS moves it by the plain gradient.
  func testLARSMovesLayersOfZeros() throws {
    let count = network.parameterCount
    let node = try Node(
      configuration(.lars, decay: 0.1), network, initial: [Float](repeating: 0, count: count))
    node.update([Float](repeating: 1, count: count), number: 1, rate: 0.25, rows: 8)
    XCTAssertTrue(node.parameters.allSatisfy { $0 == -0.25 })
  }

  /// A step in which no shard has rows changes nothing, whatever an earlier one left.
  func testStepsWithoutRows() throws {
    for rule in UpdateRule.all {
      for mean in [false, true] {
        let node = try stepped(rule, steps: 1, mean: mean)
        let before = node.parameters
        node.update(nil, number: 2, rate: 0.1, rows: 0)
        XCTAssertEqual(node.parameters, before, "\(rule)")
      }
    }
  }

  /// The bits depend neither on how the parameters are divided among ranks nor on the tiles that they come in.
  func testPartsAndTilesDoNotMatter() throws {
    for rule in UpdateRule.all {
      let expected = try stepped(rule, steps: 3)
      for (parts, tile) in [(2, 17), (3, 4096), (7, 1), (500, 300)] {
        let found = try stepped(rule, steps: 3, parts: parts, tile: tile)
        for vector in 0...rule.lastingVectors {
          XCTAssertEqual(
            found.values(of: vector), expected.values(of: vector), "\(rule), \(parts) parts")
        }
      }
    }
  }

  /// What a checkpoint keeps is enough to go on with the same bits, and each vector of it is needed.
  func testLastingVectorsAreTheState() throws {
    XCTAssertEqual(Set(UpdateRule.all.map(\.name)).count, UpdateRule.all.count)
    for rule in UpdateRule.all {
      XCTAssertLessThanOrEqual(rule.lastingVectors, rule.stateVectors, "\(rule)")
      XCTAssertEqual(UpdateRule(rawValue: rule.name), rule)
      let before = try stepped(rule, steps: 2)
      let expected = try stepped(rule, steps: 3).parameters
      for lost in 0...rule.lastingVectors {
        let resumed = try Node(before.configuration, network, initial: before.parameters)
        for vector in 1..<rule.stateVectors + 1 {
          let isKept = vector <= rule.lastingVectors && vector != lost
          resumed.vectors[vector].base.update(
            from: isKept
              ? before.values(of: vector)
              : [Float](repeating: vector == lost ? 0 : .nan, count: expected.count),
            count: expected.count)
        }
        step(resumed, 3)
        if lost == 0 {
          XCTAssertEqual(resumed.parameters, expected, "\(rule)")
        } else {
          XCTAssertNotEqual(resumed.parameters, expected, "\(rule) without vector \(lost)")
        }
      }
    }
  }

  /// Parameters after some steps from seeded gradients.
  private func stepped(
    _ rule: UpdateRule, steps: Int, decay: Double = 0.1, mean: Bool = false, parts: Int = 1,
    tile: Int = 1000
  ) throws -> Node {
    var generator = SeededGenerator(seed: 6)
    var configuration = configuration(rule, decay: decay)
    configuration.gradient = mean ? .mean : .sum
    let node = try Node(
      configuration, network, initial: generator.floats(network.parameterCount))
    for number in 1...steps { step(node, number, parts: parts, tile: tile) }
    return node
  }

  private func step(_ node: Node, _ number: Int, parts: Int = 1, tile: Int = 1000) {
    var generator = SeededGenerator(seed: UInt64(100 + number))
    node.update(
      generator.floats(network.parameterCount), number: number, rate: 0.1, rows: 8, parts: parts,
      tile: tile)
  }
}

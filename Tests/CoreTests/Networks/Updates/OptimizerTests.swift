import DTrainDist
import KernelTable
import XCTest

@testable import DTrainNetworks

/// Several steps of each optimizer, on one rank and through the exchange, against the published
/// recurrences in Double.
final class OptimizerTests: XCTestCase {
  private typealias Kind = MLPConfiguration.Optimizer

  /// The recurrences as PyTorch's documentation states them, and You, Gitman and Ginsburg (2017) for
  /// LARS; each element also carries the magnitudes from which rounding errors follow.
  private struct Reference {
    let kind: Kind
    let momentum: Double
    let decay: Double
    let layers: [Range<Int>]
    var w: [Double]
    var m: [Double]
    var v: [Double]
    /// What m would be if nothing cancelled.
    var size: [Double]
    /// The largest |w| and |direction| so far.
    var largest: [(w: Double, direction: Double)]

    init(_ kind: Kind, momentum: Double, decay: Double, layers: [Range<Int>], w: [Float]) {
      self.kind = kind
      self.momentum = momentum
      self.decay = decay
      self.layers = layers
      self.w = w.map(Double.init)
      m = [Double](repeating: 0, count: w.count)
      v = m
      size = m
      largest = w.map { (abs(Double($0)), 0) }
    }

    /// Step t = 1, 2, … with the gradient g.
    mutating func update(_ g: [Double], rate: Double, t: Int) {
      for layer in layers {
        var trust = 1.0
        if kind == .lars {
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
      switch kind {
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
      case .adamw:
        m[i] = momentum * m[i] + (1 - momentum) * g
        size[i] = momentum * size[i] + (1 - momentum) * abs(g)
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let mHat = m[i] / (1 - power(momentum, t))
        let vHat = v[i] / (1 - power(0.999, t))
        direction = mHat / (vHat.squareRoot() + 1e-8) + decay * w[i]
        directionSize =
          size[i] / (1 - power(momentum, t)) / (vHat.squareRoot() + 1e-8) + decay * abs(w[i])
      }
      w[i] -= rate * direction
      largest[i].w = max(largest[i].w, abs(w[i]))
      largest[i].direction = max(largest[i].direction, directionSize)
    }

    private func power(_ x: Double, _ t: Int) -> Double { (0..<t).reduce(1) { y, _ in y * x } }
  }

  private struct Trainer {
    let optimizer: Optimizer
    let placement: Replica.Placement
    let network: Network

    init(_ configuration: MLPConfiguration, _ network: Network) throws {
      let kernels = try KernelTable.select()
      placement = try Replica.place(
        Replica.Demand(
          network: network, stateVectors: Optimizer.stateVectors(configuration.optimizer),
          scratch: Optimizer.scratch(configuration.optimizer, network),
          plan: BatchPlan(shardRows: [8, 8], batch: 4)),
        on: .solo(), add: kernels.addition)
      optimizer = Optimizer(
        configuration, network: network, placement: placement, kernels: kernels)
      self.network = network
    }

    /// A step whose gradient is `gradient`.
    func update(
      _ gradient: [Float], step: Int, rate: Double, rows: Int, mean: Bool, flags: UInt32,
      skipping: UInt32
    ) throws -> UInt32 {
      try optimizer.update(
        step: step, rate: rate, rows: rows, mean: mean, flags: flags, skipping: skipping,
        isPresent: nil
      ) { _, tile, destination in
        for (offset, element) in placement.exchange.tiles.elements(of: tile).enumerated() {
          destination[offset] = gradient[element]
        }
      }
    }

    var parameters: [Float] {
      Array(
        UnsafeBufferPointer(start: placement.replica.parameters, count: network.parameterCount))
    }
  }

  /// Sizes whose layers span several blocks of norms, slices and vector lanes.
  private let network = Network(sizes: [70, 64, 3], activation: .relu)

  private func configuration(
    _ kind: Kind, momentum: Double = 0.9, decay: Double
  ) -> MLPConfiguration {
    var configuration = MLPConfiguration()
    configuration.optimizer = kind
    configuration.momentum = momentum
    configuration.weightDecay = decay
    return configuration
  }

  /// Each step rounds an element's parameter, state and direction some eight times in all, relative to
  /// their magnitudes, and constants such as 1 - 0.9 carry up to 4 u; a state's error lasts for all
  /// later steps. So after t steps w errs by less than 16·t·u·(max|w| + t·rate·max|direction|).
  func testStepsFollowTheRecurrences() throws {
    for kind in Kind.allCases {
      for decay in [0, 0.05] {
        for mean in [false, true] {
          for momentum in [0.9, 0] {
            try check(kind, momentum: momentum, decay: decay, mean: mean)
          }
        }
      }
    }
  }

  private func check(_ kind: Kind, momentum: Double, decay: Double, mean: Bool) throws {
    let name = "\(kind), momentum \(momentum), decay \(decay), \(mean ? "mean" : "sum")"
    var generator = SeededGenerator(seed: 8)
    let count = network.parameterCount
    let trainer = try Trainer(configuration(kind, momentum: momentum, decay: decay), network)
    let initial = generator.floats(count, range: 1)
    trainer.placement.replica.parameters.update(from: initial, count: count)
    var reference = Reference(
      kind, momentum: momentum, decay: decay,
      layers: (0..<network.layerCount).map(network.range(of:)), w: initial)
    let rows = 48
    var largestRate = 0.0
    for t in 1...7 {
      let rate = (kind == .lars ? 0.5 : 0.01) / Double(t)
      largestRate = max(largestRate, rate)
      let rounded = generator.floats(count, range: mean ? 50 : 1)
      let flags = try trainer.update(
        rounded, step: t - 1, rate: rate, rows: rows, mean: mean, flags: 4, skipping: 3)
      XCTAssertEqual(flags, 4, name)
      reference.update(
        rounded.map { mean ? Double($0) / Double(rows) : Double($0) }, rate: rate, t: t)
      let found = trainer.parameters
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

  /// A layer of zeros has no norm to trust: LARS moves it by the plain gradient.
  func testLARSMovesLayersOfZeros() throws {
    let trainer = try Trainer(configuration(.lars, decay: 0.1), network)
    _ = try trainer.update(
      [Float](repeating: 1, count: network.parameterCount), step: 0, rate: 0.25, rows: 8,
      mean: false, flags: 0, skipping: 1)
    XCTAssertTrue(trainer.parameters.allSatisfy { $0 == -0.25 })
  }

  /// A step in which no shard has rows changes nothing, whatever an earlier one left.
  func testStepsWithoutRows() throws {
    for kind in Kind.allCases {
      let trainer = try Trainer(configuration(kind, decay: 0.1), network)
      let count = network.parameterCount
      var generator = SeededGenerator(seed: 6)
      trainer.placement.replica.parameters.update(from: generator.floats(count), count: count)
      _ = try trainer.update(
        generator.floats(count), step: 0, rate: 0.1, rows: 8, mean: true, flags: 0, skipping: 1)
      let before = trainer.parameters
      _ = try trainer.optimizer.update(
        step: 1, rate: 0.1, rows: 0, mean: true, flags: 0, skipping: 1, isPresent: { _ in false }
      ) { _, _, _ in XCTFail("there is nothing to compute") }
      XCTAssertEqual(trainer.parameters, before, "\(kind)")
    }
  }

  /// A flag that skips leaves parameters and state as they were.
  func testSkippedUpdates() throws {
    for kind in Kind.allCases {
      let trainer = try Trainer(configuration(kind, decay: 0.1), network)
      let count = network.parameterCount
      var generator = SeededGenerator(seed: 4)
      let initial = generator.floats(count)
      trainer.placement.replica.parameters.update(from: initial, count: count)
      let flags = try trainer.update(
        [Float](repeating: .nan, count: count), step: 0, rate: 0.1, rows: 8, mean: true, flags: 1,
        skipping: 1)
      XCTAssertEqual(flags, 1)
      XCTAssertEqual(trainer.parameters, initial, "\(kind)")
      if kind != .lars {
        for state in trainer.placement.replica.state {
          XCTAssertTrue((0..<count).allSatisfy { state[$0] == 0 }, "\(kind)")
        }
      } else {
        // The second vector only carries the gradient to the second pass.
        XCTAssertTrue((0..<count).allSatisfy { trainer.placement.replica.state[0][$0] == 0 })
      }
    }
  }
}

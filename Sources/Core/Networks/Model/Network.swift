/// The shape of a multilayer perceptron and where its parameters stand in one flat vector.
///
/// Layer l maps `sizes[l]` inputs to `sizes[l + 1]` outputs by `W`, `[sizes[l] + 1, sizes[l + 1]]`
/// row-major, whose last row is the bias (A1 = [X 1] in `docs/MATH.md`). The layers follow each other without
/// gaps.
public struct Network: Equatable, Sendable {
  /// Features, hidden units of each layer, outputs: at least two numbers.
  public let sizes: [Int]
  /// What stands between layers.
  public let activation: Activation
  /// The element where each layer's matrix starts.
  public let offsets: [Int]
  /// All weights and biases.
  public let parameterCount: Int

  /// The network of the given layer sizes, each at least 1.
  public init(sizes: [Int], activation: Activation) {
    precondition(sizes.count >= 2 && sizes.allSatisfy { $0 >= 1 }, "layer sizes \(sizes)")
    self.sizes = sizes
    self.activation = activation
    var offsets = [0]
    for layer in 0..<sizes.count - 1 {
      offsets.append(offsets[layer] + (sizes[layer] + 1) * sizes[layer + 1])
    }
    parameterCount = offsets.removeLast()
    self.offsets = offsets
  }

  /// The number of layers of weights.
  public var layerCount: Int { offsets.count }
  /// The number of columns of the rows it takes.
  public var features: Int { sizes[0] }
  /// The number of outputs: classes, or targets.
  public var outputs: Int { sizes[sizes.count - 1] }

  /// The most outputs that a layer has.
  var widestOutput: Int { sizes.dropFirst().max()! }

  /// The elements of a layer's matrix.
  public func range(of layer: Int) -> Range<Int> {
    offsets[layer]..<offsets[layer] + (sizes[layer] + 1) * sizes[layer + 1]
  }
}

/// The function between layers.
public struct Activation: Choice {
  /// Those there are.
  public static let all: [Activation] = [.tanh, .relu, .sigmoid, .identity]

  /// What it is called on the command line and in files.
  public let name: String
  /// What a layer's initial variance is multiplied by where its inputs come from this function.
  private let gain: Double
  /// How other programs know it.
  let known: KnownFunction
  /// f and its derivative.
  let function: @Sendable (KernelTable) -> KernelTable.Activation

  /// tanh(z).
  public static let tanh = Activation(name: "tanh", gain: 1, known: .tanh) { $0.activations.tanh }
  /// max(z, 0), which leaves half of the variance (K. He et al., 2015).
  public static let relu = Activation(name: "relu", gain: 2, known: .relu) { $0.activations.relu }
  /// 1 / (1 + exp(-z)).
  public static let sigmoid = Activation(name: "sigmoid", gain: 1, known: .sigmoid) {
    $0.activations.sigmoid
  }

  /// z: the layers together are one linear function.
  public static let identity = Activation(name: "identity", gain: 1, known: .identity) { _ in
    KernelTable.Activation(forward: { _, _, _, _ in }, backward: { _, _, _, _, _, _ in })
  }

  /// The standard deviation of a layer's initial weights: by fan-in, but for one hidden layer of gain 1 that of the
  /// seed network.
  func initialScale(layer: Int, of network: Network) -> Double {
    if network.layerCount == 2, gain == 1 { return 0.01 }
    return ((layer > 0 ? gain : 1) / Double(network.sizes[layer])).squareRoot()
  }
}

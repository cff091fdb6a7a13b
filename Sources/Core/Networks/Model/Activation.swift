import KernelTable

/// The function between layers.
public struct Activation: Choice {
  /// Those there are.
  public static let all: [Activation] = [.tanh, .relu, .sigmoid]

  /// What it is called on the command line and in files.
  public let name: String
  /// What a layer's initial variance is multiplied by where its inputs come from this function.
  private let gain: Double
  /// f(Z) in place of Z, `[rows, columns]`.
  let forward:
    @Sendable (
      _ Z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int, KernelTable
    ) -> Void
  /// dA (x) f'(Z) in place of dA, `[rows, columns]`, from A = f(Z).
  let backward:
    @Sendable (
      _ dA: UnsafeMutablePointer<Float>, _ deltaStride: Int, _ A: UnsafePointer<Float>,
      _ stride: Int, _ rows: Int, _ columns: Int, KernelTable
    ) -> Void

  /// tanh(z).
  public static let tanh = Activation(
    name: "tanh", gain: 1, forward: { $4.tanhForward($0, $1, $2, $3) },
    backward: { $6.tanhBackward($0, $1, $2, $3, $4, $5) })

  /// max(z, 0), which leaves half of the variance (K. He et al., 2015).
  public static let relu = Activation(
    name: "relu", gain: 2, forward: { $4.reluForward($0, $1, $2, $3) },
    backward: { $6.reluBackward($0, $1, $2, $3, $4, $5) })

  /// 1 / (1 + exp(-z)).
  public static let sigmoid = Activation(
    name: "sigmoid", gain: 1, forward: { $4.sigmoidForward($0, $1, $2, $3) },
    backward: { $6.sigmoidBackward($0, $1, $2, $3, $4, $5) })

  /// The standard deviation of a layer's initial weights: by fan-in, but for one hidden layer of gain 1 that of the
  /// seed network.
  func initialScale(layer: Int, of network: Network) -> Double {
    if network.layerCount == 2, gain == 1 { return 0.01 }
    return ((layer > 0 ? gain : 1) / Double(network.sizes[layer])).squareRoot()
  }
}

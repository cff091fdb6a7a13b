/// The vector kernels, as pointers to the build for one instruction set.
///
/// All builds give the same bits. The kernels themselves are documented where they are written, in
/// Sources/Kernels; this type stands apart from them because a type's metadata in a module built
/// for newer CPUs would be run on older ones before anything was checked.
///
/// Matrices are row-major, `[rows, columns]`, with strides in elements; pointers need no alignment.
public struct KernelTable: Sendable {
  /// delta, its stride, a, its stride, rows, columns.
  public typealias Backward =
    @convention(c) (
      UnsafeMutablePointer<Float>, Int, UnsafePointer<Float>, Int, Int, Int
    ) -> Void
  /// Values, their stride, rows, columns.
  public typealias InPlace = @convention(c) (UnsafeMutablePointer<Float>, Int, Int, Int) -> Void
  /// z, its stride, rows, columns, labels [rows], loss (added to), wrong rows (added to).
  public typealias LabelLoss =
    @convention(c) (
      UnsafeMutablePointer<Float>, Int, Int, Int, UnsafePointer<Int32>,
      UnsafeMutablePointer<Double>, UnsafeMutablePointer<Int>
    ) -> Void
  /// z, its stride, rows, columns, targets, their stride, loss (added to), wrong rows (added to).
  public typealias TargetLoss =
    @convention(c) (
      UnsafeMutablePointer<Float>, Int, Int, Int, UnsafePointer<Float>, Int,
      UnsafeMutablePointer<Double>, UnsafeMutablePointer<Int>
    ) -> Void
  /// Destination, its stride, source, its columns, row indexes or nil, count, shift, factor.
  public typealias GatherUInt8 =
    @convention(c) (
      UnsafeMutablePointer<Float>, Int, UnsafePointer<UInt8>, Int, UnsafePointer<Int32>?, Int,
      UnsafePointer<Float>, UnsafePointer<Float>
    ) -> Void
  /// Destination, its stride, source, its columns, row indexes or nil, count, shift, factor.
  public typealias GatherFloat =
    @convention(c) (
      UnsafeMutablePointer<Float>, Int, UnsafePointer<Float>, Int, UnsafePointer<Int32>?, Int,
      UnsafePointer<Float>, UnsafePointer<Float>
    ) -> Void
  /// Destination, a, b, count.
  public typealias Add =
    @convention(c) (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
    ) -> Void
  /// Parameters, gradient, count, rate, scale, decay.
  public typealias SGD =
    @convention(c) (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Float, Float, Float
    ) -> Void
  /// Parameters, gradient, velocity, count, rate, mu, scale, decay.
  public typealias Momentum =
    @convention(c) (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int,
      Float, Float, Float, Float
    ) -> Void
  /// Parameters, gradient, m, v, count, beta1, beta2, 1 - beta1, 1 - beta2, correction1,
  /// correction2, epsilon, rate, decay, scale.
  public typealias AdamW =
    @convention(c) (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, Int, Float, Float, Float, Float, Float, Float, Float,
      Float, Float, Float
    ) -> Void

  /// A, its stride, B, its stride, C, its stride, rows, columns, inner.
  public typealias Product =
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int, Int,
      Int, Int
    ) -> Void
  /// A, its stride, B, its stride, C, its stride, rows, columns, inner, whether C is added to, what is written next.
  public typealias ProductOfTranspose =
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int, Int,
      Int, Int, Bool, UnsafePointer<Float>?
    ) -> Void
  /// A, its stride, B, its stride, rows of A, columns of A.
  public typealias Transpose =
    @convention(c) (UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int, Int, Int) -> Void

  /// The instruction set of these kernels: `v3` or `v4` (x86-64-v3, x86-64-v4), or `arm64`.
  public let isaName: String

  /// destination = (source - shift) * factor, by column, for chosen rows of bytes.
  public let gatherAffineUInt8: GatherUInt8
  /// destination = (source - shift) * factor, by column, for chosen rows of Floats.
  public let gatherAffineFloat: GatherFloat

  /// tanh in place.
  public let tanhForward: InPlace
  /// 1 / (1 + exp(-x)) in place.
  public let sigmoidForward: InPlace
  /// max(x, 0) in place.
  public let reluForward: InPlace
  /// softmax of each row in place.
  public let softmaxRows: InPlace
  /// delta *= 1 - a².
  public let tanhBackward: Backward
  /// delta *= a (1 - a).
  public let sigmoidBackward: Backward
  /// delta = 0 where a <= 0.
  public let reluBackward: Backward

  /// Sigmoid and cross-entropy, one-hot labels: z becomes sigma(z) - y.
  public let sigmoidCrossEntropyLabels: LabelLoss
  /// Sigmoid and cross-entropy, targets in {0, 1}: z becomes sigma(z) - y.
  public let sigmoidCrossEntropyTargets: TargetLoss
  /// Softmax and cross-entropy, one-hot labels: z becomes softmax(z) - y.
  public let softmaxCrossEntropyLabels: LabelLoss
  /// Half the squared error: z becomes z - y; the count of wrong rows is left as it is.
  public let squaredErrorTargets: TargetLoss

  /// destination = a + b; destination may be a or b.
  public let add: Add
  /// The sum of squares in Double, in a fixed order.
  public let squaredNorm: @convention(c) (UnsafePointer<Float>, Int) -> Double
  /// Whether no element is infinite or NaN.
  public let allFinite: @convention(c) (UnsafePointer<Float>, Int) -> Bool

  /// w -= rate * (g * scale + decay * w).
  public let sgd: SGD
  /// v = mu * v + (g * scale + decay * w); w -= rate * v.
  public let momentum: Momentum
  /// d = g * scale + decay * w; v = mu * v + d; w -= rate * (d + mu * v).
  public let nesterov: Momentum
  /// AdamW with decoupled decay.
  public let adamW: AdamW

  /// C = A B, for few rows.
  public let product: Product
  /// C = A^T B or C += A^T B, for a small inner size.
  public let productOfTranspose: ProductOfTranspose
  /// B = A^T.
  public let transpose: Transpose

  /// The kernels of clustering.
  public let clustering: ClusteringKernels
  /// The kernels of clustering by L1 distances.
  public let manhattan: ManhattanKernels
}

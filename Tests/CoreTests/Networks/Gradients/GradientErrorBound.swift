import DTrainCore
import Foundation

/// How far a gradient computed in binary32 may lie from ``ReferenceNetwork``'s, element by element.
///
/// Forward error analysis (N. Higham, "Accuracy and Stability of Numerical Algorithms", chapters 2 and
/// 3) with u = 2^-24 and γ(k) = k·u / (1 - k·u). For each quantity q of the reference pass, E(q) bounds
/// |computed q - q|; the second pass carries E along, from magnitudes alone:
///
/// - Inputs: (x - shift) · factor takes two roundings: E(A1) = γ(2)·|A1|; the ones are exact, and so are
///   the weights, which the reference takes as they are.
/// - Products: a sum of k products, in any order, with or without fused multiply-add, with or without
///   the bias apart, has each product rounded once and passed through at most k - 1 additions:
///   E(Z) = E(A)·|W| + γ(k)·(|A| + E(A))·|W|.
/// - Activations: their kernels stay within 3 ulp, at most 6u of the result (relu and identity are exact); an error of
///   the argument grows by at most s, the largest derivative within E(Z) of Z:
///   E(A) = s·E(Z) + 6u·(|A| + s·E(Z)).
/// - Sigmoid outputs: like an activation, then one rounded subtraction: + u·(|delta| + E).
/// - Softmax outputs: log p_j = z_j - log Σ exp z moves by at most E(z_j) + max E(z). Rounded are, in
///   relative terms, z_j - m (its error u·|z_j - m| in the exponent), exp (1 ulp, 2u), the same for
///   the terms of the divisor (at most u·max|z - m| + 2u; their sum is in Double), the divisor (u) and
///   the quotient (u). With T the sum of all these, E(p) = p·(e^T - 1), and exp may underflow.
/// - Squared error, and Huber's, whose limit moves nothing further apart: one rounded subtraction.
/// - Back through a product: E(dA) = E(delta)·|W| + γ(k)·(|delta| + E(delta))·|W| over k outputs.
/// - Derivatives g: 1 - a² moves by at most 2|a|·E(a) + E(a)² and is rounded once; a·(1 - a) by
///   |1 - 2a|·E(a) + E(a)² and is rounded twice; relu's is 0 or 1, and unknown where |Z| <= E(Z). The
///   product dA·g is rounded once.
/// - Weight gradients: each element is a sum over all B rows. Whatever the micro-batches and the tree
///   that adds them, a product passes at most B - 1 additions, so the rule of products holds with k = B.
///
/// Results that underflow lose at most 2^-149 each.
struct GradientErrorBound {
  private typealias Matrix = ReferenceNetwork.Matrix
  private static let u = 0x1p-24
  private static let tiny = 0x1p-149

  private let network: ReferenceNetwork

  init(_ network: ReferenceNetwork) { self.network = network }

  private static func gamma(_ k: Int) -> Double { Double(k) * u / (1 - Double(k) * u) }

  /// The largest derivative of the activation within `radius` of `z`.
  private func steepest(around z: Double, _ radius: Double) -> Double {
    // tanh' and sigmoid' fall with |z|.
    network.activation == .relu ? 1 : network.derivative(max(0, abs(z) - radius))
  }

  /// The bounds of all gradients, in the order of ``ReferenceNetwork/gradient(_:_:_:)``.
  func bounds(
    _ loss: Loss, _ X: ReferenceNetwork.Matrix, _ targets: ReferenceNetwork.Targets
  ) -> [ReferenceNetwork.Matrix] {
    let pass = network.forward(X)
    let (inputErrors, productErrors) = forwardErrors(pass)
    let layers = network.weights.count
    var delta: Matrix = []
    var error: Matrix = []
    for (row, z) in pass.Z[layers - 1].enumerated() {
      let y = targets.row(row, outputs: z.count)
      delta.append(ReferenceNetwork.rowDelta(loss, z, y))
      error.append(Self.outputErrors(loss, z, productErrors[layers - 1][row], delta[row]))
    }
    var found = [Matrix](repeating: [], count: layers)
    for layer in (0..<layers).reversed() {
      let (A, EA, W) = (pass.A[layer], inputErrors[layer], network.weights[layer])
      found[layer] = W.indices.map { k in
        W[k].indices.map { column in
          var (moved, size) = (0.0, 0.0)
          for row in A.indices {
            let (a, ea) = (abs(A[row][k]), EA[row][k])
            let (d, ed) = (abs(delta[row][column]), error[row][column])
            moved += ea * d + a * ed + ea * ed
            size += (a + ea) * (d + ed)
          }
          return moved + Self.gamma(A.count) * size + Double(A.count) * Self.tiny
        }
      }
      if layer == 0 { break }
      let backward = backwardErrors(
        delta, error, W, Z: pass.Z[layer - 1], EZ: productErrors[layer - 1],
        A: pass.A[layer], EA: EA)
      (delta, error) = backward
    }
    return found
  }

  /// E of each layer's input and of its product.
  private func forwardErrors(
    _ pass: ReferenceNetwork.Forward
  ) -> (inputs: [[[Double]]], products: [[[Double]]]) {
    var inputs: [Matrix] = []
    var products: [Matrix] = []
    var errors = pass.A[0].map { row in row.dropLast().map { Self.gamma(2) * abs($0) } + [0] }
    for (layer, W) in network.weights.enumerated() {
      inputs.append(errors)
      let A = pass.A[layer]
      let EZ = A.indices.map { row in
        W[0].indices.map { column in
          var (moved, size) = (0.0, 0.0)
          for k in W.indices {
            let w = abs(W[k][column])
            moved += errors[row][k] * w
            size += (abs(A[row][k]) + errors[row][k]) * w
          }
          return moved + Self.gamma(W.count) * size + Double(W.count) * Self.tiny
        }
      }
      products.append(EZ)
      let isExact = [.relu, .identity].contains(network.activation)
      let roundings = isExact ? 0 : 6 * Self.u
      errors = pass.Z[layer].indices.map { row in
        zip(pass.Z[layer][row], EZ[row]).map { z, e in
          let moved = steepest(around: z, e) * e
          return moved + roundings * (abs(network.value(z)) + moved) + 3 * Self.tiny
        } + [0]
      }
    }
    return (inputs, products)
  }

  private static func outputErrors(
    _ loss: Loss, _ z: [Double], _ errors: [Double], _ delta: [Double]
  ) -> [Double] {
    let largestError = errors.max()!
    let largest = z.max()!
    let spread = largest - z.min()! + 2 * largestError
    return z.indices.map { j in
      let moved: Double
      switch loss {
      case .sigmoidCrossEntropy:
        let slope = max(0, abs(z[j]) - errors[j])
        let shift =
          ReferenceNetwork.logistic(slope) * ReferenceNetwork.logistic(-slope) * errors[j]
        moved = shift + 6 * u * (ReferenceNetwork.logistic(z[j]) + shift)
      case .softmaxCrossEntropy:
        let p = exp(z[j] - largest) / z.reduce(0) { $0 + exp($1 - largest) }
        let distance = largest - z[j] + 2 * largestError
        let exponent =
          errors[j] + largestError + u * (distance + 2) * 1.001 + u * (spread + 2) * 1.001
          + gamma(2)
        moved = p * expm1(exponent)
      case .squared, .huber:
        moved = errors[j]
      default: preconditionFailure("\(loss) has no derivation here to be compared with")
      }
      return moved + u * (abs(delta[j]) + moved) + 4 * tiny
    }
  }

  /// The deltas of the layer before and their E.
  private func backwardErrors(
    _ delta: [[Double]], _ error: [[Double]], _ W: [[Double]], Z: [[Double]], EZ: [[Double]],
    A: [[Double]], EA: [[Double]]
  ) -> (delta: [[Double]], error: [[Double]]) {
    var (deltas, errors): (Matrix, Matrix) = ([], [])
    for row in delta.indices {
      var (d, e): ([Double], [Double]) = ([], [])
      for k in 0..<W.count - 1 {
        var (sum, moved, size) = (0.0, 0.0, 0.0)
        for column in W[k].indices {
          let w = W[k][column]
          sum += delta[row][column] * w
          moved += error[row][column] * abs(w)
          size += (abs(delta[row][column]) + error[row][column]) * abs(w)
        }
        let count = W[k].count
        let EdA = moved + Self.gamma(count) * size + Double(count) * Self.tiny
        let g = network.derivative(Z[row][k])
        let (a, ea) = (A[row][k], EA[row][k])
        let Eg: Double
        switch network.activation {
        case .tanh:
          let shift = 2 * abs(a) * ea + ea * ea
          Eg = shift + Self.u * (g + shift)
        case .sigmoid:
          let shift = abs(1 - 2 * a) * ea + ea * ea
          Eg = shift + Self.gamma(2) * (g + shift)
        case .relu:
          Eg = abs(Z[row][k]) <= EZ[row][k] ? 1 : 0
        case .identity: Eg = 0
        default: preconditionFailure("\(network.activation) has no bound here")
        }
        d.append(sum * g)
        e.append(
          EdA * g + abs(sum) * Eg + EdA * Eg + Self.u * (abs(sum) + EdA) * (g + Eg) + Self.tiny)
      }
      deltas.append(d)
      errors.append(e)
    }
    return (deltas, errors)
  }
}

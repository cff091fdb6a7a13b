import DTrainCore
import Foundation

/// A multilayer perceptron in Double by plain loops, written from the derivation alone: A1 = [X 1],
/// Z = A W, A' = [f(Z) 1], a loss summed over the rows of the last Z, and for C = A B with the incoming
/// gradient G: grad A = G Bᵀ, grad B = Aᵀ G.
struct ReferenceNetwork {
  /// Row vectors.
  typealias Matrix = [[Double]]

  let sizes: [Int]
  let activation: Activation
  /// One matrix a layer, `[inputs + 1, outputs]`; the last row is the bias.
  var weights: [Matrix]

  /// The network whose parameters lie flat, layer after layer, each matrix row by row.
  init(sizes: [Int], activation: Activation, parameters: [Double]) {
    self.sizes = sizes
    self.activation = activation
    var next = 0
    weights = (0..<sizes.count - 1).map { layer in
      (0...sizes[layer]).map { _ in
        (0..<sizes[layer + 1]).map { _ in
          next += 1
          return parameters[next - 1]
        }
      }
    }
    precondition(next == parameters.count, "\(parameters.count) parameters, expected \(next)")
  }

  /// What the rows should come out as.
  enum Targets {
    case labels([Int])
    case values(Matrix)

    /// y of one row, one-hot for a label.
    func row(_ row: Int, outputs: Int) -> [Double] {
      switch self {
      case .labels(let labels): (0..<outputs).map { $0 == labels[row] ? 1 : 0 }
      case .values(let values): values[row]
      }
    }
  }

  /// Everything that the forward pass makes.
  struct Forward {
    /// The input of each layer with its column of ones, `[rows, inputs + 1]`.
    var A: [Matrix] = []
    /// The product of each layer, `[rows, outputs]`.
    var Z: [Matrix] = []
  }

  func value(_ z: Double) -> Double {
    switch activation {
    case .tanh: tanh(z)
    case .relu: z > 0 ? z : 0
    case .sigmoid: Self.logistic(z)
    case .identity: z
    default: preconditionFailure("\(activation) has no derivation here to be compared with")
    }
  }

  func derivative(_ z: Double) -> Double {
    switch activation {
    case .tanh:
      1 - tanh(z) * tanh(z)
    case .relu:
      z > 0 ? 1 : 0
    case .sigmoid:
      Self.logistic(z) * Self.logistic(-z)
    case .identity:
      1
    default: preconditionFailure("\(activation) has no derivation here to be compared with")
    }
  }

  static func logistic(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

  func forward(_ X: Matrix) -> Forward {
    var pass = Forward()
    var current = X
    for (layer, W) in weights.enumerated() {
      let A = current.map { $0 + [1] }
      let Z = A.map { a in
        (0..<sizes[layer + 1]).map { column in
          var sum = 0.0
          for (k, factor) in a.enumerated() { sum += factor * W[k][column] }
          return sum
        }
      }
      pass.A.append(A)
      pass.Z.append(Z)
      current = Z.map { $0.map(value) }
    }
    return pass
  }

  /// The distance beyond which Huber's loss is linear.
  static let huberDelta = 1.0

  /// The loss of one row from its logits.
  static func rowLoss(_ loss: Loss, _ z: [Double], _ y: [Double]) -> Double {
    switch loss {
    case .sigmoidCrossEntropy:
      return zip(z, y).reduce(0) { $0 + max($1.0, 0) - $1.0 * $1.1 + log1p(exp(-abs($1.0))) }
    case .softmaxCrossEntropy:
      let largest = z.max()!
      let logSum = largest + log(z.reduce(0) { $0 + exp($1 - largest) })
      return zip(z, y).reduce(0) { $0 + $1.1 * (logSum - $1.0) }
    case .squared:
      return zip(z, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / 2 }
    case .huber:
      return zip(z, y).reduce(0) {
        let distance = abs($1.0 - $1.1)
        return $0
          + (distance <= huberDelta
            ? distance * distance / 2 : huberDelta * (distance - huberDelta / 2))
      }
    default: preconditionFailure("\(loss) has no derivation here to be compared with")
    }
  }

  /// The derivative of one row's loss by its logits.
  static func rowDelta(_ loss: Loss, _ z: [Double], _ y: [Double]) -> [Double] {
    switch loss {
    case .sigmoidCrossEntropy:
      return zip(z, y).map { logistic($0) - $1 }
    case .softmaxCrossEntropy:
      let largest = z.max()!
      let sum = z.reduce(0) { $0 + exp($1 - largest) }
      return zip(z, y).map { exp($0 - largest) / sum - $1 }
    case .squared:
      return zip(z, y).map { $0 - $1 }
    case .huber:
      return zip(z, y).map { min(max($0 - $1, -huberDelta), huberDelta) }
    default: preconditionFailure("\(loss) has no derivation here to be compared with")
    }
  }

  /// The loss summed over the rows.
  func loss(_ loss: Loss, _ X: Matrix, _ targets: Targets) -> Double {
    let Z = forward(X).Z.last!
    return Z.indices.reduce(0) {
      $0 + Self.rowLoss(loss, Z[$1], targets.row($1, outputs: Z[$1].count))
    }
  }

  /// The gradient of the summed loss by each layer's weights.
  func gradient(_ loss: Loss, _ X: Matrix, _ targets: Targets) -> [Matrix] {
    let pass = forward(X)
    let logits = pass.Z.last!
    var delta = logits.indices.map {
      Self.rowDelta(loss, logits[$0], targets.row($0, outputs: logits[$0].count))
    }
    var gradients = [Matrix](repeating: [], count: weights.count)
    for layer in weights.indices.reversed() {
      let (A, W) = (pass.A[layer], weights[layer])
      gradients[layer] = W.indices.map { k in
        W[k].indices.map { column in
          var sum = 0.0
          for row in A.indices { sum += A[row][k] * delta[row][column] }
          return sum
        }
      }
      if layer == 0 { break }
      let Z = pass.Z[layer - 1]
      delta = delta.indices.map { row in
        (0..<sizes[layer]).map { k in
          var sum = 0.0
          for (column, d) in delta[row].enumerated() { sum += d * W[k][column] }
          return sum * derivative(Z[row][k])
        }
      }
    }
    return gradients
  }
}

extension [ReferenceNetwork.Matrix] {
  /// All elements in the order of the parameters.
  var flat: [Double] { flatMap { $0.flatMap { $0 } } }
}

/// A model as other programs take it: what is computed of a row, without how that was found.
public enum ExportedModel: Sendable {
  /// Layers of weights.
  case network(ExportedNetwork)
  /// Points, of which the nearest one counts.
  case centers(ExportedCenters)

  /// What its files are called, without the endings.
  var stem: String {
    switch self {
    case .network: ExportedNetwork.stem
    case .centers: ExportedCenters.stem
    }
  }

  /// What rows are made of, where that is a table.
  var schema: TableSchema? {
    switch self {
    case .network(let network): network.schema
    case .centers(let centers): centers.schema
    }
  }

  /// The extents of a row in the files; empty where there is one alone.
  var rowShape: [Int] {
    switch self {
    case .network(let network): network.rowShape
    case .centers(let centers): centers.rowShape
    }
  }

  /// The names of the classes; empty where they are numbers.
  var classNames: [String] {
    if case .network(let network) = self { network.classNames } else { [] }
  }

  /// How the columns of a row are scaled.
  var scaling: ColumnScaling {
    switch self {
    case .network(let network): network.scaling
    case .centers(let centers): centers.scaling
    }
  }
}

/// A function that programs for networks know by its name.
package enum KnownFunction: String, Sendable {
  case identity, tanh, relu, sigmoid, softmax
}

/// A multilayer perceptron.
public struct ExportedNetwork: Sendable {
  /// What its files are called, without the endings.
  package static let stem = "model"

  /// What its outputs are.
  package enum Targets: Sendable {
    /// A class for each output.
    case classes
    /// A label for each output, which a row has or has not.
    case labels
    /// Numbers, scaled so.
    case numbers(ColumnScaling)

    /// As the files of a run call it.
    var name: String {
      switch self {
      case .classes: "class"
      case .labels: "labels"
      case .numbers: "numbers"
      }
    }
  }

  /// An affine map.
  struct Layer {
    /// `[inputs, outputs]` and `[outputs]`.
    let weight: ArraySlice<Float>, bias: ArraySlice<Float>
    let inputs: Int, outputs: Int

    /// The weight as PyTorch has it, `[outputs, inputs]`.
    var transposed: [Float] {
      [Float](unsafeUninitializedCapacity: weight.count) { target, count in
        weight.withUnsafeBufferPointer { source in
          for output in 0..<outputs {
            for input in 0..<inputs {
              target[output * inputs + input] = source[input * outputs + output]
            }
          }
        }
        count = weight.count
      }
    }
  }

  /// How the columns of a row are scaled, `[features]`.
  let scaling: ColumnScaling
  /// The sizes of rows, hidden layers and outputs.
  let sizes: [Int]
  /// The parameters of one layer after the other: W `[inputs, outputs]`, then the bias.
  let parameters: [Float]
  /// Between layers, and after the last.
  let activation: KnownFunction, output: KnownFunction
  let targets: Targets
  /// What was minimised.
  let loss: String
  /// The names of the classes; empty where they are numbers.
  let classNames: [String]
  /// What rows are made of, where that is a table.
  let schema: TableSchema?
  /// The extents of a row in the files; empty where there is one alone.
  let rowShape: [Int]

  /// - Parameter parameters: a matrix `[sizes[l] + 1, sizes[l + 1]]` for each layer, whose last row is the bias.
  package init(
    scaling: ColumnScaling, sizes: [Int], parameters: [Float], activation: KnownFunction,
    output: KnownFunction, targets: Targets, loss: String, classNames: [String] = [],
    schema: TableSchema? = nil, rowShape: [Int] = []
  ) {
    self.rowShape = rowShape
    (self.classNames, self.schema) = (classNames, schema)
    self.scaling = scaling
    self.sizes = sizes
    self.parameters = parameters
    self.activation = activation
    self.output = output
    self.targets = targets
    self.loss = loss
  }

  var layers: [Layer] {
    var start = 0
    return zip(sizes, sizes.dropFirst()).map { inputs, outputs in
      let bias = start + inputs * outputs
      let end = bias + outputs
      defer { start = end }
      return Layer(
        weight: parameters[start..<bias], bias: parameters[bias..<end], inputs: inputs,
        outputs: outputs)
    }
  }
}

/// Centers of clusters.
public struct ExportedCenters: Sendable {
  /// What their files are called, without the endings.
  package static let stem = "centers"

  /// How a distance follows from the differences of columns.
  package enum Metric: String, Sendable {
    /// The root of the sum of squares; the sum of magnitudes; half the sum of squares, where rows and centers are
    /// divided by their lengths: 1 less the cosine of their angle.
    case l2, l1, cosine
  }

  /// How the columns of rows and centers are scaled, `[columns]`.
  let scaling: ColumnScaling
  /// `[count, columns]`, less the scaling's offsets, not yet scaled; in the cosine metric of length 1.
  let values: [Float]
  let columns: Int
  let metric: Metric
  /// What rows are made of, where that is a table.
  let schema: TableSchema?
  /// The extents of a row in the files; empty where there is one alone.
  let rowShape: [Int]

  var count: Int { values.count / columns }

  /// - Parameters:
  ///   - scaling: one without columns changes nothing.
  ///   - values: `[count, columns]`, less the scaling's offsets.
  package init(
    scaling: ColumnScaling, values: [Float], columns: Int, metric: Metric,
    schema: TableSchema? = nil, rowShape: [Int] = []
  ) {
    self.rowShape = rowShape
    self.schema = schema
    self.scaling =
      scaling.kind == .none ? .none(columns, offsets: scaling.offsets) : scaling
    self.values = values
    self.columns = columns
    self.metric = metric
  }
}

/// Rows of numbers over the columns of the data: what can be drawn of a model.
package struct FeatureRows: Sendable {
  /// What a row is.
  package enum Kind: Sendable {
    /// The weights of a unit of the first layer, by which scaled columns are multiplied.
    case weights
    /// The center of a cluster, in the units of the data, or of length 1.
    case centers
  }

  package let kind: Kind
  /// The number of rows, and of numbers in each.
  package let count: Int, columns: Int
  /// `[count, columns]`.
  package let values: [Float]
  /// The extents of a row in the files; empty where there is one alone.
  package let shape: [Int]
  /// The names of the columns; empty where they have none.
  package let columnNames: [String]
  /// Whether rows are directions, of length 1.
  package let areDirections: Bool

  /// The numbers of a row.
  package func row(_ index: Int) -> ArraySlice<Float> {
    values[index * columns..<(index + 1) * columns]
  }
}

extension ExportedModel {
  /// The weights of the first layer, a row a unit; or the centers.
  ///
  /// - Complexity: O(rows · columns).
  package var featureRows: FeatureRows {
    let names = schema?.columnNames ?? []
    switch self {
    case .network(let network):
      let layer = network.layers[0]
      return FeatureRows(
        kind: .weights, count: layer.outputs, columns: layer.inputs, values: layer.transposed,
        shape: rowShape, columnNames: names, areDirections: false)
    case .centers(let centers):
      var values = centers.values
      let offsets = scaling.offsets
      if !offsets.isEmpty {
        for index in values.indices {
          values[index] = Float(Double(values[index]) + offsets[index % centers.columns])
        }
      }
      return FeatureRows(
        kind: .centers, count: centers.count, columns: centers.columns, values: values,
        shape: rowShape, columnNames: names, areDirections: centers.metric == .cosine)
    }
  }
}

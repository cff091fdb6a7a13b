import DTrainDist
import KernelTable

/// Applying centres to rows.
public enum ClusterInference {
  /// What is written for each row.
  public enum Output: String, CaseIterable, Sendable {
    /// The nearest centre (int32 `[rows]`).
    case labels
    /// The distance to every centre (float32 `[rows, clusters]`).
    case distances
  }

  /// Where the centres of a `--model` are: an NPY file, or `centers.npy` in a run directory; nil when the
  /// path is something else, such as a network.
  public static func centersFile(_ path: String) -> String? {
    if path.hasSuffix(".npy") { return path }
    let file = "\(path)/centers.npy"
    return RunDirectory.isDirectory(path) && RunDirectory.exists(file) ? file : nil
  }

  /// Writes the nearest centre of each row, or its distances, to `output`; collective.
  ///
  /// - Returns: the name of the rows' file and their number.
  /// - Throws: `TrainerError`, agreed upon by all ranks.
  public static func predict(
    centers path: String, data options: DataCatalog.Options, output: String, kind: Output,
    world: Communicator
  ) throws -> (name: String, rows: Int) {
    let fitted = try Fitted(path, options, world)
    let clusters = fitted.clusters
    var values: [Float] = []
    switch kind {
    case .labels: values = fitted.assigner.labels.map { Float($0) }
    case .distances:
      values.reserveCapacity(fitted.data.rows.count * clusters)
      for row in 0..<fitted.data.rows.count {
        for cluster in 0..<clusters {
          values.append(
            Float(fitted.assigner.squaredDistance(row: row, center: cluster).squareRoot()))
        }
      }
    }
    try Activity.perform("writing \(output)") {
      try RowWriter(
        path: output, rows: fitted.data.count, columns: kind == .labels ? 1 : clusters,
        isVector: kind == .labels, isInteger: kind == .labels
      ).write(values, among: fitted.data.world)
    }
    return (fitted.data.source.name, fitted.data.count)
  }

  /// Scores centres on rows: the summed squared distance to the nearest centre, and the sizes of the
  /// clusters; collective.
  ///
  /// - Parameter output: a JSON file to write as well, or nil.
  /// - Throws: `TrainerError`, agreed upon by all ranks.
  public static func evaluate(
    centers path: String, data options: DataCatalog.Options, output: String?, world: Communicator
  ) throws -> JSON {
    let fitted = try Fitted(path, options, world)
    let world = fitted.data.world
    var sum = FixedPointSum(bound: fitted.bound, count: fitted.data.count)
    var sizes = [Int](repeating: 0, count: fitted.clusters)
    for (row, label) in fitted.assigner.labels.enumerated() {
      sum.add(fitted.assigner.squaredDistance(row: row, center: Int(label)))
      sizes[Int(label)] += 1
    }
    try sum.combine(among: world)
    try world.allReduce(&sizes, .sum)
    let report = JSON.object([
      .init("data", .string(fitted.data.source.name)), .init("rows", .integer(fitted.data.count)),
      .init("clusters", .integer(fitted.clusters)), .init("objective", .number(sum.value)),
      .init("mean_squared_distance", .number(sum.value / Double(fitted.data.count))),
      .init("sizes", .array(sizes.map { .integer($0) })),
    ])
    if let output {
      try Activity.perform("writing \(output)") {
        _ = try world.onRoot { try AtomicFile.write(Array(report.pretty.utf8), to: output) }
      }
    }
    return report
  }

  /// Rows with the labels that centres from a file give them.
  private struct Fitted {
    let data: ClusterData
    let assigner: EuclideanAssigner
    let clusters: Int
    /// At least the squared distance of any row to any centre.
    let bound: Double

    init(_ path: String, _ options: DataCatalog.Options, _ world: Communicator) throws {
      let topology = try NodeTopology(of: world)
      let kernels = try topology.world.agree { try KernelTable.select() }
      try KernelAgreement.check(among: topology.world)
      let data = try ClusterData.load(options, topology: topology)
      let file = try Activity.perform("reading the centres") {
        try DataCatalog.open(.init(data: [path]), topology: topology).train
      }
      guard file.columns == data.columns, file.rows >= 1 else {
        throw topology.world.unanimous(
          TrainerError(
            .badData,
            "\(data.source.name) has \(data.columns) columns, but the centres in \(path) have "
              + "\(file.columns)"))
      }
      let centers = try data.centers(from: file)
      assigner = try EuclideanAssigner(data, clusters: file.rows, kernels: kernels, pruning: false)
      assigner.assign(to: centers) { _, _, _ in }
      self.data = data
      clusters = file.rows
      bound =
        (0..<data.columns).reduce(0.0) { total, column in
          let values = stride(from: column, to: centers.count, by: data.columns)
            .map { Double(centers[$0]) }
          let reach = max(
            Double(data.greatest[column]) - (values.min() ?? 0),
            (values.max() ?? 0) - Double(data.least[column]), 0)
          let width = Double(data.greatest[column]) - Double(data.least[column])
          let largest = max(reach, width)
          return total + largest * largest
        } * 1.001
    }
  }
}
